//! Optimizers: from a gradient to a change of the parameters.
//!
//! Parameters, gradient and moments are flat vectors of one length, so an optimizer is one loop over
//! slices. It stores no state: it holds its settings, and its state lies in [`Moments`] that the
//! trainer owns, cuts in pieces for its threads, and saves. Each number is updated by itself, so any
//! cut gives the same bits.
//!
//! Around a step: a [`Clip`] shortens the gradient before it, and a [`ParamGroup`] has settings for
//! some of the parameters.

mod adadelta;
mod adagrad;
mod adam;
mod adamw;
mod clip;
mod group;
mod lion;
mod nadam;
mod radam;
mod rmsprop;
pub mod schedule;
mod sgd;

pub use adadelta::Adadelta;
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamw::AdamW;
pub use clip::Clip;
pub(crate) use clip::Limit;
pub(crate) use group::GroupSettings;
pub use group::{ParamGroup, ParamInfo};
pub use lion::Lion;
pub use nadam::NAdam;
pub use radam::RAdam;
pub use rmsprop::RmsProp;
pub use sgd::Sgd;

use std::fmt::Debug;

use crate::error::TrainError;

/// State of an optimizer: vectors of the length of the parameters, zero at first.
/// [`Optimizer::moments`] returns the number in use; the others are empty.
pub type Moments<'a> = [&'a mut [f32]; 3];

/// Number of a step in the run, and the settings for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Number of the step, from 1.
    pub t: u64,
    /// Learning rate.
    pub lr: f32,
    /// Factor on the optimizer's weight decay.
    pub decay: f32,
    /// Number that the trainer keeps from step to step, as [`Optimizer::remember`] returned it.
    pub memory: f64,
}

impl Step {
    /// Creates step number `t` at rate `lr`, with all of the weight decay and no state.
    pub fn new(t: u64, lr: f32) -> Self {
        Step { t, lr, decay: 1.0, memory: 1.0 }
    }

    /// Share of a weight that remains after a decoupled decay, which `lr` scales.
    fn keep(&self, weight_decay: f32) -> f32 {
        (1.0 - self.lr as f64 * (self.decay * weight_decay) as f64) as f32
    }
}

/// Rule for one step of gradient descent.
///
/// Its `Debug` shows all settings: a run is resumed with the same ones.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an optimizer",
    label = "not an optimizer",
    note = "take one of `chainrule::optim`, such as `Adam::new(0.001)`, or implement `Optimizer` for it"
)]
pub trait Optimizer: Debug + Send + Sync + 'static {
    /// Learning rate before any schedule.
    fn learning_rate(&self) -> f32;

    /// Number of moments for each parameter: 0 to 3.
    fn moments(&self) -> usize;

    /// Checks the settings.
    fn check(&self) -> Result<(), TrainError>;

    /// Updates the number, 1 at first, that the trainer keeps from step to step. It is called once
    /// before step `t`, which reads the result as [`Step::memory`].
    fn remember(&self, _t: u64, memory: f64) -> f64 {
        memory
    }

    /// Steps: updates the parameters from their gradients.
    fn step(&self, at: Step, params: &mut [f32], gradient: &[f32], moments: Moments<'_>);
}

/// Computes xⁿ by squaring, in the same order of operations on every machine.
pub(crate) fn power(x: f32, mut n: u64) -> f64 {
    let (mut square, mut result) = (x as f64, 1.0);
    while n > 0 {
        if n & 1 == 1 {
            result *= square;
        }
        square *= square;
        n >>= 1;
    }
    result
}

/// Smallest moment that does not count as 0. Moments of a weight whose gradient stays 0 would decay
/// into subnormal numbers, which are slow: epochs of a dense net on MNIST took up to 1.2 times as
/// long as the first. A moment this small moves no weight, since ε is far larger.
const TINY: f32 = 1e-30;

/// Returns the moment, or 0 where it is about to become subnormal.
#[inline(always)]
fn flush(moment: f32) -> f32 {
    if moment.abs() < TINY { 0.0 } else { moment }
}

/// Sign of a number: -1, 0 or 1.
#[inline(always)]
pub(crate) fn sign(x: f32) -> f32 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        0.0
    }
}
