//! Optimizers: from a gradient to a change of the parameters.
//!
//! Parameters, gradient and moments are flat vectors of one length, so an optimizer is one loop
//! over slices. It keeps nothing itself: its settings are a description, and what it has to
//! remember lies in [`Moments`] that the trainer owns, cuts in pieces for its threads, and could
//! save. Each number is worked on by itself, so any cut gives the same bits.

mod adadelta;
mod adam;
mod sgd;

pub use adadelta::Adadelta;
pub use adam::{Adam, AdamW};
pub use sgd::Sgd;

use crate::error::TrainError;

/// Vectors beside the parameters, of their length and zero at first; [`Optimizer::moments`] tells
/// how many are in use, the others are empty.
pub type Moments<'a> = [&'a mut [f32]; 2];

/// A rule for one step of gradient descent.
pub trait Optimizer: Send + Sync + 'static {
    /// The learning rate as it was set up.
    fn learning_rate(&self) -> f32;

    /// How many moments it keeps for each parameter: 0, 1 or 2.
    fn moments(&self) -> usize;

    /// Whether the settings make sense.
    fn check(&self) -> Result<(), TrainError>;

    /// Step number `t` (from 1) with learning rate `lr`, over parameters and their gradients.
    fn step(&self, t: u64, lr: f32, params: &mut [f32], gradient: &[f32], moments: Moments<'_>);
}

/// Refuses a setting that is not in a range; NaN is in none.
pub(crate) fn in_range(
    setting: &'static str,
    value: f32,
    range: impl std::ops::RangeBounds<f32>,
    wanted: &'static str,
) -> Result<(), TrainError> {
    if range.contains(&value) && value.is_finite() {
        return Ok(());
    }
    Err(TrainError::Setting { setting, came: value.to_string(), wanted })
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
