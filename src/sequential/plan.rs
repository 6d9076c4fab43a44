//! The plan of a backward pass: which buffer holds which gradient.

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

    /// Sizes of the activations of one sample: the input, then the output of each node; 0 where a node
    /// passes its input on.
    pub(crate) fn activation_sizes(&self) -> impl Iterator<Item = usize> {
        let outputs = self.nodes.iter().map(|node| if node.passes { 0 } else { len(&node.output) });
        std::iter::once(len(&self.input_shape)).chain(outputs)
    }
}
