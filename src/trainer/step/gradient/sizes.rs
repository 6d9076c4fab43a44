//! Sizes of the parts of a batch: of a shard, and of a partial gradient.

use crate::sequential::Sequential;

/// The cuts of a batch: both are powers of two, and the second is a multiple of the first.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    /// Number of samples of a shard.
    pub shard: usize,
    /// Number of samples of a partial gradient.
    pub partial: usize,
}

impl Sizes {
    /// They depend on the model alone, because sums must not depend on the machine.
    pub fn new(model: &Sequential) -> Self {
        let shard = model.shard_size();
        // Adding up the vectors costs memory traffic that grows with the parameters, so large models
        // have larger parts; small ones have more parts, for more threads.
        let partial = (model.param_count() / 3072).clamp(8, 64).next_power_of_two();
        Sizes { shard, partial: partial.next_multiple_of(shard) }
    }
}
