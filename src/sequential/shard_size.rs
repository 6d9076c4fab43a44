//! Number of samples that go through a model together.

use super::Sequential;

impl Sequential {
    /// Number of samples of a shard, which go through the layers together. It is the larger of two:
    /// the number whose activations fit the second-level cache; and the number whose activations are
    /// twice as much to read as the parameters, which every shard reads once.
    ///
    /// Shards that wait for each other find nothing in a cache when they continue, so that at least
    /// eight samples share the cost of a shard: an epoch of `mnist_resnet`, where two would fit, takes
    /// 4.0 s with eight, and 4.6 s with two.
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
