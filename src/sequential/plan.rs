//! How much goes through a model at a time. The answers depend on the model alone, because sums over
//! parts of a batch must depend neither on the machine nor on the number of threads.

use super::{Sequential, len};

impl Sequential {
    /// How many numbers flow at each boundary for one sample: the input, then each output, where
    /// it is not the one before.
    pub(crate) fn activation_sizes(&self) -> impl Iterator<Item = usize> {
        let outputs = self.nodes.iter().map(|node| if node.passes { 0 } else { len(&node.output) });
        std::iter::once(len(&self.input_shape)).chain(outputs)
    }

    /// Which of the boundaries holds what flows at `boundary`.
    pub(crate) fn buffer(&self, boundary: usize) -> usize {
        let skipped = self.nodes[..boundary].iter().rev().take_while(|node| node.passes).count();
        boundary - skipped
    }

    /// How many samples go through the layers at a time: as many as leave a worker's activations
    /// in its second-level cache; or as many as make the parameters, which every shard reads anew,
    /// half as much to read as the activations, where that takes more of them.
    ///
    /// It depends on the model alone, because sums over shards must not depend on the machine.
    pub(crate) fn shard_size(&self) -> usize {
        const BUDGET: usize = 1280 << 10;
        let sample = self.activation_sizes().sum::<usize>().max(1);
        let fit = BUDGET / size_of::<f32>() / sample;
        let shared = 2 * self.param_count() / sample;
        1 << fit.max(shared).clamp(1, 64).ilog2()
    }

    /// How many samples of a batch share a gradient vector. Adding up the groups' vectors costs
    /// memory traffic that grows with the parameters, so large models have larger groups; small
    /// ones have more groups, for more threads.
    pub(crate) fn group_size(&self) -> usize {
        (self.param_count() / 3072).clamp(8, 64).next_power_of_two()
    }
}
