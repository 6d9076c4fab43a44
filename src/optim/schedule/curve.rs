//! A schedule that is any function of the finished share of a run.

use std::fmt;

use super::{Progress, Schedule};

/// Factor that a function gives for the finished share of the run, from 0 up to, but not including, 1.
///
/// ```text
/// factor = f(done)
/// ```
///
/// ```
/// use chainrule::optim::schedule::Progress;
/// use chainrule::prelude::*;
///
/// let halved_at_the_middle = Curve(|done| if done < 0.5 { 1.0 } else { 0.5 });
/// assert_eq!(halved_at_the_middle.factor(&Progress::new(7, 10)), 0.5);
/// let trainer = Trainer::new(MeanSquaredError, Sgd::new(0.1)).schedule(halved_at_the_middle);
/// ```
#[derive(Clone, Copy)]
pub struct Curve<F: Fn(f32) -> f32>(pub F);

impl<F: Fn(f32) -> f32 + Send + Sync + 'static> Schedule for Curve<F> {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        (self.0)(at.done)
    }
}

/// Shows eight values, by which two functions differ.
impl<F: Fn(f32) -> f32> fmt::Debug for Curve<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<f32> = (0..8).map(|eighth| (self.0)(eighth as f32 / 8.0)).collect();
        f.debug_tuple("Curve").field(&values).finish()
    }
}
