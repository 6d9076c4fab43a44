//! First half of a step: from samples to partial gradients.
//!
//! A batch is cut twice, and both cuts depend on the model alone, never on the number of threads:
//!
//! ```text
//! batch            = partial gradients   each has a vector of its own; a thread takes one at a time
//! partial gradient = shards              a few samples that go forward and backward in the cache
//! ```
//!
//! Shards add to their partial gradient one after another. That is a left fold, so a partial gradient
//! is what one process computes as a whole. Everything above it is summed as a
//! [tree](crate::kernels::tree), so that any number of processes could share a batch: the partial
//! gradients, their losses and weights, and the sums that a batch normalization takes over all shards
//! (a partial gradient has a power of two of them).
//!
//! The gradient is that of `Σ weight·loss`. The division by `Σ weight` follows when the sum is
//! complete: no part has to know what the others weigh.

mod batch;
mod diagnosis;
mod gradients;
mod lockstep;
mod mixtures;
pub(super) mod partial;
mod shard;
mod sizes;
#[cfg(test)]
mod tests;
mod totals;

pub(crate) use batch::{Augmented, Batch};
pub(super) use gradients::Gradients;
pub(crate) use totals::StepTotals;
