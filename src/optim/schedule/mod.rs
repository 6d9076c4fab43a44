//! Schedules: changes of the learning rate during training.
//!
//! A schedule maps the progress of a run to a factor on the optimizer's learning rate. It stores no
//! state: all that it may read is in [`Progress`], so an interrupted run can be resumed. Most schedules
//! depend on the finished share of the run, step by step, and so fit a run of any length; staircases
//! count whole epochs.

mod constant;
mod cosine;
mod curve;
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
pub use curve::Curve;
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

use std::fmt::Debug;

use crate::error::TrainError;
use crate::metrics::Epoch;

/// Progress of a run: all that a schedule may read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress<'a> {
    /// Finished share of all steps, from 0 up to, but not including, 1.
    pub done: f32,
    /// Number of finished epochs.
    pub epoch: usize,
    /// Number of epochs in the run.
    pub epochs: usize,
    /// Results of the finished epochs.
    pub history: &'a [Epoch],
}

impl Progress<'_> {
    /// Progress between two epochs, when `epoch` of `epochs` are finished, without their results.
    pub fn new(epoch: usize, epochs: usize) -> Self {
        Progress { done: epoch as f32 / epochs as f32, epoch, epochs, history: &[] }
    }
}

/// Learning rate that changes with time. For a function of the finished share, there is [`Curve`].
///
/// Its `Debug` shows all settings: a run is resumed with the same ones.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a schedule",
    label = "not a schedule",
    note = "take one of `chainrule::optim::schedule`, such as `Cosine::new(0.0)`, or `Curve` for a function \
            of the share of the run that is done, or implement `Schedule` for it"
)]
pub trait Schedule: Debug + Send + Sync + 'static {
    /// Factor on the learning rate of the next step.
    fn factor(&self, at: &Progress<'_>) -> f32;

    /// Checks the settings.
    fn check(&self) -> Result<(), TrainError> {
        Ok(())
    }

    /// Combines this schedule and another: the product of their factors.
    fn times<S: Schedule>(self, other: S) -> Times<Self, S>
    where
        Self: Sized,
    {
        Times { first: self, second: other }
    }

    /// Follows this schedule for a share of the run, and the other from there on. Each reads the
    /// progress of its own part.
    fn then<S: Schedule>(self, share: f32, other: S) -> Then<Self, S>
    where
        Self: Sized,
    {
        Then { first: self, share, second: other }
    }
}

/// Half a cosine, from 1 at 0 down to 0 at 1.
fn half_cosine(p: f32) -> f64 {
    0.5 * (1.0 + (std::f64::consts::PI * f64::from(p)).cos())
}
