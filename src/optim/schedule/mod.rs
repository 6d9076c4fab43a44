//! How the learning rate changes during training.
//!
//! A schedule maps how far a run has come to a factor on the optimizer's learning rate. It keeps
//! nothing: all that it may look at is in [`Progress`], so a run that was interrupted can go on
//! where it stood. Most schedules look at the share of the run that is done, and so fit a run of any
//! length, step by step; those that decay in stairs count whole epochs.

mod constant;
mod cosine;
mod exponential;
mod linear_decay;
mod multi_step;
mod one_cycle;
mod polynomial;
mod reduce_on_plateau;
mod step_decay;
mod then;
mod times;
mod warmup;

pub use constant::Constant;
pub use cosine::Cosine;
pub use exponential::Exponential;
pub use linear_decay::LinearDecay;
pub use multi_step::MultiStep;
pub use one_cycle::OneCycle;
pub use polynomial::Polynomial;
pub use reduce_on_plateau::ReduceOnPlateau;
pub use step_decay::StepDecay;
pub use then::Then;
pub use times::Times;
pub use warmup::Warmup;

use crate::error::TrainError;
use crate::metrics::Epoch;

/// How far a run has come: all that a schedule knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress<'a> {
    /// The share of all steps that is done, from 0 up to, but not including, 1.
    pub done: f32,
    /// How many epochs are finished.
    pub epoch: usize,
    /// Of how many.
    pub epochs: usize,
    /// How each of those finished went.
    pub history: &'a [Epoch],
}

impl Progress<'_> {
    /// Between two epochs, when `epoch` of `epochs` are finished and nothing is known of them.
    pub fn new(epoch: usize, epochs: usize) -> Self {
        Progress { done: epoch as f32 / epochs as f32, epoch, epochs, history: &[] }
    }
}

/// A learning rate that changes with time. Any function of the share done is one:
///
/// ```
/// use chainrule::prelude::*;
///
/// let halved_at_the_middle = |done: f32| if done < 0.5 { 1.0 } else { 0.5 };
/// let trainer = Trainer::new(MeanSquaredError, Sgd::new(0.1)).schedule(halved_at_the_middle);
/// ```
pub trait Schedule: Send + Sync + 'static {
    /// The factor on the learning rate of the step that comes next.
    fn factor(&self, at: &Progress<'_>) -> f32;

    /// Whether the settings make sense.
    fn check(&self) -> Result<(), TrainError> {
        Ok(())
    }

    /// This schedule and another at once: the product of their factors.
    fn times<S: Schedule>(self, other: S) -> Times<Self, S>
    where
        Self: Sized,
    {
        Times { first: self, second: other }
    }

    /// This schedule until that share of the run is done, and the other from there on. Each sees
    /// its own part as if it were the run.
    fn then<S: Schedule>(self, share: f32, other: S) -> Then<Self, S>
    where
        Self: Sized,
    {
        Then { first: self, share, second: other }
    }
}

impl<F: Fn(f32) -> f32 + Send + Sync + 'static> Schedule for F {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        self(at.done)
    }
}

/// From 1 at 0 down to 0 at 1.
fn half_cosine(p: f32) -> f64 {
    0.5 * (1.0 + (std::f64::consts::PI * f64::from(p)).cos())
}
