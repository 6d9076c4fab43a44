//! Number of samples that go through a model together.

use super::Sequential;

impl Sequential {
    /// Number of samples of a shard, which go through the layers together: as many as leave their
    /// activations in the second-level cache; or as many as make the parameters, which every shard
    /// reads once, half as much to read as the activations, where that takes more of them.
    ///
    /// Where shards wait for each other, none finds its activations in a cache when it continues, and
    /// at least eight samples share what a shard costs: an epoch of `mnist_resnet`, where two would
    /// fit, takes 4.0 s so, and 4.6 s with two.
    ///
    /// It depends on the model alone, because sums over shards must not depend on the machine. It is
    /// a power of two, so that shards fit the [tree](crate::kernels::tree) of such sums.
    pub(crate) fn shard_size(&self) -> usize {
        const BUDGET: usize = 1280 << 10;
        let sample = self.graph.value_sizes().sum::<usize>().max(1);
        let fit = BUDGET / size_of::<f32>() / sample;
        let shared = 2 * self.param_count() / sample;
        let least = if self.coupled().next().is_some() { 8 } else { 1 };
        1 << fit.max(shared).clamp(least, 64).ilog2()
    }
}
