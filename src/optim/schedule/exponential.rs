//! Exponential decay: the rate falls by the same share after each epoch.

use super::{Progress, Schedule};
use crate::error::{TrainError, in_range};
use crate::optim::power;

/// Multiplies the rate by `gamma` after each epoch.
///
/// ```text
/// factor = gammaᵏ        k = epochs finished
/// ```
///
/// - **Settings**: `gamma`, above 0; 0.9 to 0.99 is usual.
/// - **Source**: C. Szegedy et al., "Going deeper with convolutions", CVPR 2015, §6, and many before;
///   PyTorch's `ExponentialLR`.
///
/// ```
/// use chainrule::optim::schedule::Progress;
/// use chainrule::prelude::*;
///
/// assert_eq!(Exponential::new(0.5).factor(&Progress::new(3, 10)), 0.125);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exponential {
    gamma: f32,
}

impl Exponential {
    /// Creates the schedule with this factor per epoch.
    pub fn new(gamma: f32) -> Self {
        Exponential { gamma }
    }
}

impl Schedule for Exponential {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        power(self.gamma, at.epoch as u64) as f32
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("Exponential's gamma", self.gamma, f32::MIN_POSITIVE.., "above 0")
    }
}
