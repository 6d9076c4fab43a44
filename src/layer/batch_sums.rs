//! Layers that couple the samples of a batch.
//!
//! A batch goes through a model in shards, and most layers treat each sample by itself. A batch
//! normalization needs the mean over all of them. Such a layer hands the engine a short vector for
//! each shard; the engine adds them up as a fixed binary tree and hands the total back before the
//! pass continues:
//!
//! ```text
//! forward:   add_forward(x of each shard)   → total →  take_forward,   then `forward` of each shard
//! backward:  add_backward(dy of each shard) → total →  take_backward,  then `backward` of each shard
//! ```
//!
//! The shards run in lockstep only around these layers, everything else runs straight through. The
//! total is exact, it does not depend on the number of threads, and machines that shared a batch
//! would add up the same vectors. (The usual alternative, statistics of each worker's own part,
//! gives another result for another number of workers.)

use ndarray::ArrayViewD;

use crate::layer::{Lengths, Saved};

/// Sums over the whole batch that a layer needs in training.
/// [`Layer::batch_sums`](crate::layer::Layer::batch_sums) returns them to the engine.
pub trait BatchSums<Cache> {
    /// Number of sums in each direction.
    fn len(&self, input: &[usize]) -> usize;

    /// Adds the values of a shard to the sums of the forward pass, such as Σx, Σx² and the number of
    /// `x`.
    fn add_forward(&self, x: ArrayViewD<'_, f32>, lengths: Lengths<'_>, sums: &mut [f64]);

    /// Stores in the cache the values that the forward pass needs of the total over all shards.
    fn take_forward(&self, sums: &[f64], cache: &mut Cache);

    /// Adds the values of a shard to the sums of the backward pass, such as Σdy and Σdy·x̂.
    fn add_backward(&self, saved: Saved<'_, Cache>, dy: ArrayViewD<'_, f32>, sums: &mut [f64]);

    /// Stores in the cache the values that the backward pass needs of the total.
    fn take_backward(&self, sums: &[f64], cache: &mut Cache);

    /// Moves the statistics among the layer's parameters towards those of a batch, given the sums of
    /// its forward pass: once a step.
    fn update_statistics(&self, sums: &[f64], params: &mut [f32]);
}
