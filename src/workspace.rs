//! The buffers of one worker: what flows through a model for a few samples.
//!
//! Allocated once and reused for every shard, so that a steady step allocates nothing. All
//! activations are kept until the backward pass has used them; of gradients only two are alive at
//! a time, `dy` and `dx`, so two buffers take turns. Small is fast: shards are chosen so that a
//! workspace stays in the second-level cache.

use std::any::Any;

use crate::aligned::Aligned;
use crate::sequential::Sequential;

/// Activations, gradients and caches for up to `max_batch` samples of one model.
pub(crate) struct Workspace {
    max_batch: usize,
    /// `activations[0]` is the model's input, `activations[i + 1]` the output of layer `i`, empty
    /// where that is its input.
    pub activations: Vec<Aligned>,
    /// ∂L/∂y of the layer at hand, and room for its ∂L/∂x.
    pub dy: Aligned,
    pub dx: Aligned,
    pub caches: Vec<Box<dyn Any + Send>>,
}

impl Workspace {
    pub fn new(model: &Sequential, max_batch: usize) -> Self {
        let sizes: Vec<usize> = model.activation_sizes().collect();
        let widest = sizes.iter().copied().max().unwrap_or(0);
        Workspace {
            max_batch,
            activations: sizes.iter().map(|size| Aligned::zeros(max_batch * size)).collect(),
            dy: Aligned::zeros(max_batch * widest),
            dx: Aligned::zeros(max_batch * widest),
            caches: model.new_caches(max_batch),
        }
    }

    /// How many numbers one input has.
    pub fn input_size(&self) -> usize {
        self.activations[0].len() / self.max_batch
    }
}
