//! Step decay at given epochs, such as where the loss of an earlier run stalled.

use super::{Progress, Schedule};
use crate::error::{TrainError, in_range};
use crate::optim::power;

/// Multiplies the rate by `gamma` at each of some epochs.
///
/// ```text
/// factor = gammaᵏ        k = number of milestones reached
/// ```
///
/// - **Settings**: the milestones, in epochs finished, in any order; `gamma`, above 0; 0.1 is usual.
/// - **Source**: K. He et al., "Deep residual learning for image recognition", CVPR 2016, §4.2;
///   PyTorch's `MultiStepLR`.
///
/// ```
/// use chainrule::optim::schedule::Progress;
/// use chainrule::prelude::*;
///
/// let schedule = MultiStep::new([30, 80], 0.5);
/// let factors = [29, 30, 80].map(|epoch| schedule.factor(&Progress::new(epoch, 90)));
/// assert_eq!(factors, [1.0, 0.5, 0.25]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MultiStep {
    milestones: Vec<usize>,
    gamma: f32,
}

impl MultiStep {
    /// Creates the schedule with these milestones and this factor.
    pub fn new(milestones: impl Into<Vec<usize>>, gamma: f32) -> Self {
        MultiStep { milestones: milestones.into(), gamma }
    }
}

impl Schedule for MultiStep {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        let reached = self.milestones.iter().filter(|&&milestone| milestone <= at.epoch).count();
        power(self.gamma, reached as u64) as f32
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("MultiStep's gamma", self.gamma, f32::MIN_POSITIVE.., "above 0")
    }
}
