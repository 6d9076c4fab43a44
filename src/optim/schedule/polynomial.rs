//! Polynomial decay: a power below 1 keeps the rate high for long, one above 1 lowers it early; 1 is
//! [`LinearDecay`](super::LinearDecay).

use super::{Progress, Schedule};
use crate::error::TrainError;
use crate::error::in_range;

/// Falls from 1 to 0 as a power of the remaining share of the run.
///
/// ```text
/// factor = (1 - done)ᵖ
/// ```
///
/// - **Settings**: the power `p`, above 0; 0.9 and 2 are usual.
/// - **Source**: L.-C. Chen et al., "DeepLab: semantic image segmentation with deep convolutional
///   nets, atrous convolution, and fully connected CRFs", 2017, §4.1; PyTorch's `PolynomialLR`.
///
/// ```
/// use chainrule::optim::schedule::Progress;
/// use chainrule::prelude::*;
///
/// assert_eq!(Polynomial::new(2.0).factor(&Progress::new(3, 4)), 0.0625);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Polynomial {
    power: f32,
}

impl Polynomial {
    /// Creates the schedule with this power.
    pub fn new(power: f32) -> Self {
        Polynomial { power }
    }
}

impl Schedule for Polynomial {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        f64::from(1.0 - at.done).powf(f64::from(self.power)) as f32
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("Polynomial's power", self.power, f32::MIN_POSITIVE.., "above 0")
    }
}
