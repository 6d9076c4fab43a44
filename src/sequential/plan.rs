//! How much goes through a model at a time, and where gradients lie meanwhile. The answers depend on
//! the model alone, because sums over parts of a batch must depend neither on the machine nor on
//! the number of threads.

use super::Sequential;
use super::node::Op;
use crate::shape::len;

/// The way back through a model: which of a few buffers holds which gradient.
///
/// A gradient is needed from where its last reader (the first on the way back) writes it until the
/// node that computed the value has passed it on. In a plain stack two buffers take turns. Where
/// several nodes read one value, their gradients add up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// The largest sample that each buffer holds.
    pub sizes: Vec<usize>,
    /// Where the gradient of the model's output begins.
    pub output: usize,
    /// What each node does; `None` where there is nothing to do.
    pub nodes: Vec<Option<Back>>,
}

/// One node's part: it reads its gradient in buffer `dy`, and gives each of its sources a share.
#[derive(Debug, Clone)]
pub(crate) struct Back {
    pub dy: usize,
    /// `None` for a source that does not learn.
    pub shares: Vec<Option<Share>>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    /// The buffer to write to.
    pub to: usize,
    /// The buffer of the source's gradient, if it has one already: what is written is added to it.
    pub sum: Option<usize>,
}

/// Hands out buffers.
#[derive(Default)]
struct Buffers {
    sizes: Vec<usize>,
    free: Vec<usize>,
}

impl Buffers {
    fn take(&mut self, size: usize) -> usize {
        let buffer = self.free.pop().unwrap_or_else(|| {
            self.sizes.push(0);
            self.sizes.len() - 1
        });
        self.sizes[buffer] = self.sizes[buffer].max(size);
        buffer
    }
}

impl Sequential {
    pub(super) fn plan_backward(&self) -> Plan {
        let mut buffers = Buffers::default();
        let mut gradient_at = vec![None; self.nodes.len() + 1];
        let output = buffers.take(len(self.output_shape()));
        gradient_at[self.output_buffer()] = Some(output);
        let mut nodes: Vec<Option<Back>> = self.nodes.iter().map(|_| None).collect();
        for (index, node) in self.nodes.iter().enumerate().rev() {
            if node.passes || !node.learns {
                continue;
            }
            let Some(dy) = gradient_at[index + 1] else { continue };
            let shares = node.sources.iter().map(|&source| {
                if !self.learns(source) {
                    return None;
                }
                let sum = gradient_at[source];
                // A join adds to what is there by itself.
                let to = match (&node.op, sum) {
                    (Op::Join(_), Some(sum)) => sum,
                    _ => buffers.take(len(self.shape_at(source))),
                };
                gradient_at[source] = gradient_at[source].or(Some(to));
                Some(Share { to, sum })
            });
            let shares: Vec<Option<Share>> = shares.collect();
            let added = |share: &&Share| share.sum.is_some_and(|sum| sum != share.to);
            buffers.free.extend(shares.iter().flatten().filter(added).map(|share| share.to));
            buffers.free.push(dy);
            nodes[index] = Some(Back { dy, shares });
        }
        Plan { sizes: buffers.sizes, output, nodes }
    }

    /// How many numbers flow at each boundary for one sample: the input, then each output, where
    /// it is not another's.
    pub(crate) fn activation_sizes(&self) -> impl Iterator<Item = usize> {
        let outputs = self.nodes.iter().map(|node| if node.passes { 0 } else { len(&node.output) });
        std::iter::once(len(&self.input_shape)).chain(outputs)
    }

    /// How many samples go through the layers at a time: as many as leave a worker's activations
    /// in its second-level cache; or as many as make the parameters, which every shard reads anew,
    /// half as much to read as the activations, where that takes more of them.
    ///
    /// Where shards wait for each other, none finds its activations in a cache when it goes on, and
    /// eight samples at least share what a shard costs: an epoch of `mnist_resnet`, where two would
    /// fit, takes 4.0 s so, and 4.6 s with two.
    ///
    /// It depends on the model alone, because sums over shards must not depend on the machine.
    pub(crate) fn shard_size(&self) -> usize {
        const BUDGET: usize = 1280 << 10;
        let sample = self.activation_sizes().sum::<usize>().max(1);
        let fit = BUDGET / size_of::<f32>() / sample;
        let shared = 2 * self.param_count() / sample;
        let least = if self.coupled().next().is_some() { 8 } else { 1 };
        1 << fit.max(shared).clamp(least, 64).ilog2()
    }

    /// How many samples of a batch share a gradient vector. Adding up the groups' vectors costs
    /// memory traffic that grows with the parameters, so large models have larger groups; small
    /// ones have more groups, for more threads.
    pub(crate) fn group_size(&self) -> usize {
        (self.param_count() / 3072).clamp(8, 64).next_power_of_two()
    }
}
