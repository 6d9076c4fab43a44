//! Step decay: the rate is cut at regular intervals, after which the loss falls again.

use super::{Progress, Schedule};
use crate::error::{TrainError, in_range};
use crate::optim::power;

/// Multiplies the rate by `gamma` every few epochs.
///
/// ```text
/// factor = gammaᵏ        k = ⌊epochs finished / every⌋
/// ```
///
/// - **Settings**: `every`, in epochs, at least 1; `gamma`, above 0; 0.1 is usual.
/// - **Source**: K. He et al., "Deep residual learning for image recognition", CVPR 2016, §3.4;
///   PyTorch's `StepLR`.
///
/// ```
/// use chainrule::optim::schedule::Progress;
/// use chainrule::prelude::*;
///
/// let schedule = StepDecay::new(30, 0.5);
/// let factors = [0, 29, 30, 60].map(|epoch| schedule.factor(&Progress::new(epoch, 90)));
/// assert_eq!(factors, [1.0, 1.0, 0.5, 0.25]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepDecay {
    every: usize,
    gamma: f32,
}

impl StepDecay {
    /// Cuts every `every` epochs by this factor.
    pub fn new(every: usize, gamma: f32) -> Self {
        StepDecay { every, gamma }
    }
}

impl Schedule for StepDecay {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        power(self.gamma, (at.epoch / self.every.max(1)) as u64) as f32
    }

    fn check(&self) -> Result<(), TrainError> {
        if self.every == 0 {
            let (setting, came) = ("the number of epochs of StepDecay's steps", 0.to_string());
            return Err(TrainError::Setting { setting, came, wanted: "at least 1" });
        }
        in_range("StepDecay's gamma", self.gamma, f32::MIN_POSITIVE.., "above 0")
    }
}
