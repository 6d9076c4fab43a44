//! Optimizers: from a gradient to a change of the parameters.
//!
//! Parameters, gradient and moments are flat vectors of one length, so an optimizer is one loop
//! over slices. It keeps nothing itself: its settings are a description, and what it has to
//! remember lies in [`Moments`] that the trainer owns, cuts in pieces for its threads, and could
//! save. Each number is worked on by itself, so any cut gives the same bits.
//!
//! Around a step: a [`Clip`] shortens the gradient before it, and a [`ParamGroup`] says what is
//! different for some of the parameters.

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

use crate::error::TrainError;

/// Vectors beside the parameters, of their length and zero at first; [`Optimizer::moments`] tells
/// how many are in use, the others are empty.
pub type Moments<'a> = [&'a mut [f32]; 3];

/// Where in the run a step is, and what it is to go by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Its number, from 1.
    pub t: u64,
    /// The learning rate.
    pub lr: f32,
    /// A factor on the optimizer's weight decay.
    pub decay: f32,
    /// What [`Optimizer::remember`] made of the number that goes from step to step.
    pub memory: f64,
}

impl Step {
    /// Step number `t` at rate `lr`, with all of the weight decay and nothing remembered.
    pub fn new(t: u64, lr: f32) -> Self {
        Step { t, lr, decay: 1.0, memory: 1.0 }
    }

    /// What is left of a weight under a decay beside the gradient (decoupled, and scaled by `lr`).
    fn keep(&self, weight_decay: f32) -> f32 {
        (1.0 - self.lr as f64 * (self.decay * weight_decay) as f64) as f32
    }
}

/// A rule for one step of gradient descent.
pub trait Optimizer: Send + Sync + 'static {
    /// The learning rate as it was set up.
    fn learning_rate(&self) -> f32;

    /// How many moments it keeps for each parameter: 0 to 3.
    fn moments(&self) -> usize;

    /// Whether the settings make sense.
    fn check(&self) -> Result<(), TrainError>;

    /// What becomes of the one number, 1 at first, that the trainer keeps from step to step: called
    /// once before all of step `t`, which then sees the answer as [`Step::memory`].
    fn remember(&self, _t: u64, memory: f64) -> f64 {
        memory
    }

    /// One step over parameters and their gradients.
    fn step(&self, at: Step, params: &mut [f32], gradient: &[f32], moments: Moments<'_>);
}

/// xⁿ by squaring, in the same order of operations on every machine.
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

/// Moments below this count as 0. Left alone, those of a weight whose gradient stays 0 would decay
/// into subnormal numbers, which are slow: epochs of a dense net on MNIST took up to 1.2 times as
/// long as the first. A moment this small moves no weight, ε being what it is.
const TINY: f32 = 1e-30;

/// What becomes of a moment: itself, unless it is about to become subnormal.
#[inline(always)]
fn flush(moment: f32) -> f32 {
    if moment.abs() < TINY { 0.0 } else { moment }
}

/// -1, 0 or 1, as the number is.
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
