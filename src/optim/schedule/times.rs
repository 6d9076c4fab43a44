//! The product of two schedules.

use super::{Progress, Schedule};
use crate::error::TrainError;

/// Multiplies the factors of two schedules. [`Schedule::times`] creates it.
///
/// ```text
/// factor = first(at)·second(at)
/// ```
///
/// - **Settings**: those of both.
/// - **Source**: PyTorch's `ChainedScheduler`.
///
/// ```
/// use chainrule::optim::schedule::Progress;
/// use chainrule::prelude::*;
///
/// let schedule = LinearDecay.times(Exponential::new(0.5));
/// assert_eq!(schedule.factor(&Progress::new(1, 2)), 0.25);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times<A, B> {
    pub(super) first: A,
    pub(super) second: B,
}

impl<A: Schedule, B: Schedule> Schedule for Times<A, B> {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        self.first.factor(at) * self.second.factor(at)
    }

    fn check(&self) -> Result<(), TrainError> {
        self.first.check()?;
        self.second.check()
    }
}
