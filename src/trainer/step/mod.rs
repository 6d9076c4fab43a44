//! One training step: samples in, better parameters out.
//!
//! A step has two halves. [`gradient`] takes one or more batches forward and backward, in parts that
//! threads share, and [`update`] adds up what the parts left and steps along the sum. [`Stepper`] owns
//! the buffers of both, and is what [`Trainer`](crate::trainer::Trainer) stands on.

mod gradient;
mod signature;
mod stepper;
mod update;

pub(crate) use gradient::{Augmented, Batch, StepTotals};
pub(crate) use stepper::NotFinite;
pub use stepper::Stepper;
pub(crate) use update::OptimizerState;
