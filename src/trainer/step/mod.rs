//! One training step: samples in, better parameters out.
//!
//! A step has two halves. `gradient/` takes one or more batches forward and backward, in parts that the
//! threads share; `update/` adds up the gradients of the parts and steps along the sum. A [`Stepper`]
//! owns the buffers of both, for [`Trainer::fit`](crate::trainer::Trainer::fit) and for loops of one's
//! own.

mod gradient;
mod signature;
mod stepper;
mod update;

pub(crate) use gradient::{Augmented, Batch, StepTotals};
pub(crate) use stepper::NotFinite;
pub use stepper::Stepper;
pub(crate) use update::OptimizerState;
