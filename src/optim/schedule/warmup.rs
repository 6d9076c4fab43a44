//! Warm-up: small first steps, while adaptive optimizers still estimate the size of the gradient and
//! normalization layers the statistics of their inputs.

use super::{Progress, Schedule};
use crate::error::TrainError;
use crate::error::in_range;

/// Rises in a straight line to 1 over the first share of the run, and stays at 1.
///
/// ```text
/// factor = start + (1 - start)·done/share        while done < share, then 1
/// ```
///
/// - **Settings**: the `share` of the run, from 0 to 1; the first factor, 0 unless
///   [`Warmup::start`] sets another, from 0 to 1.
/// - **Source**: P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017,
///   §2.2; PyTorch's `LinearLR`.
///
/// ```
/// use chainrule::optim::schedule::Progress;
/// use chainrule::prelude::*;
///
/// // Times another, it warms that one up; and `then` puts the other after it.
/// let times = Warmup::new(0.25).times(LinearDecay);
/// let then = Warmup::new(1.0).then(0.25, LinearDecay);
/// assert_eq!([1, 2, 4].map(|epoch| times.factor(&Progress::new(epoch, 8))), [0.4375, 0.75, 0.5]);
/// assert_eq!([1, 2, 5].map(|epoch| then.factor(&Progress::new(epoch, 8))), [0.5, 1.0, 0.5]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Warmup {
    share: f32,
    start: f32,
}

impl Warmup {
    /// Rises from 0 over this share of the run.
    pub fn new(share: f32) -> Self {
        Warmup { share, start: 0.0 }
    }

    /// Sets the first factor.
    #[must_use]
    pub fn start(self, start: f32) -> Self {
        Warmup { start, ..self }
    }
}

impl Schedule for Warmup {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        if at.done < self.share {
            return self.start + (1.0 - self.start) * (at.done / self.share);
        }
        1.0
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("Warmup's share of the run", self.share, 0.0..=1.0, "from 0 to 1")?;
        in_range("Warmup's start", self.start, 0.0..=1.0, "a factor from 0 to 1")
    }
}
