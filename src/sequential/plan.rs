//! The plan of a backward pass: which buffer holds which gradient.

use super::graph::Graph;
use super::node::Op;
use crate::shape::len;

/// The buffers of the gradients of a model.
///
/// A gradient is needed from where its last reader (the first in the backward pass) writes it until the
/// node that computed the value has passed it on. In a plain stack two buffers take turns. Where several
/// nodes read one value, their gradients add up.
#[derive(Debug, Clone, Default)]
pub(super) struct BackwardPlan {
    /// The largest sample that each buffer holds.
    pub sizes: Vec<usize>,
    /// Buffer of the gradient of the model's output.
    pub output: usize,
    /// Plan of each node; `None` if no gradient is wanted.
    pub nodes: Vec<Option<NodePlan>>,
}

/// The buffers of one node: it reads the gradient of its output, and writes one for each source.
#[derive(Debug, Clone)]
pub(super) struct NodePlan {
    /// Buffer of the gradient of its output.
    pub dy: usize,
    /// Destination of the gradient of each source; `None` for one whose gradient is not wanted.
    pub dx: Vec<Option<Destination>>,
}

/// Destination of the gradient of a source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Destination {
    /// Buffer to write to.
    pub buffer: usize,
    /// Buffer of the source's gradient, if it has one already: what is written is added to it.
    pub sum: Option<usize>,
}

/// Buffers in use and free ones.
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

impl BackwardPlan {
    pub fn new(graph: &Graph) -> Self {
        let mut buffers = Buffers::default();
        let mut gradient_at = vec![None; graph.nodes.len() + 1];
        let output = buffers.take(len(graph.output_shape()));
        gradient_at[graph.output_storage()] = Some(output);
        let mut nodes: Vec<Option<NodePlan>> = graph.nodes.iter().map(|_| None).collect();
        for (index, node) in graph.nodes.iter().enumerate().rev() {
            if node.is_identity || !node.needs_gradient {
                continue;
            }
            let Some(dy) = gradient_at[index + 1] else { continue };
            let dx = node.sources.iter().map(|&source| {
                if !graph.needs_gradient(source) {
                    return None;
                }
                let storage = graph.storage(source);
                let sum = gradient_at[storage];
                // A join adds to what is there by itself.
                let buffer = match (&node.op, sum) {
                    (Op::Join(_), Some(sum)) => sum,
                    _ => buffers.take(len(graph.shape_at(source))),
                };
                gradient_at[storage] = gradient_at[storage].or(Some(buffer));
                Some(Destination { buffer, sum })
            });
            let dx: Vec<Option<Destination>> = dx.collect();
            let added = |dx: &&Destination| dx.sum.is_some_and(|sum| sum != dx.buffer);
            buffers.free.extend(dx.iter().flatten().filter(added).map(|dx| dx.buffer));
            buffers.free.push(dy);
            nodes[index] = Some(NodePlan { dy, dx });
        }
        BackwardPlan { sizes: buffers.sizes, output, nodes }
    }
}
