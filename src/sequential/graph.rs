//! The nodes of a model, and the values that flow between them.
//!
//! The order of the nodes is such that each reads only outputs of earlier ones, so the two passes are
//! loops over a list, for branches as for a plain stack. [`Residual`](crate::sequential::Residual) and
//! [`Branches`](crate::sequential::Branches) are recipes for nodes and no layers themselves: what is in
//! them is packed, fused, summed over the batch and named like any other layer. A layer that held a
//! model of its own would have to do all of this once more, and its batch normalizations could not wait
//! for the rest of the batch.

use super::join::Part;
use super::node::Node;
use crate::shape::len;

/// Nodes, each after those that it reads.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    pub input_shape: Vec<usize>,
    pub nodes: Vec<Node>,
    /// The value that the next layer follows: the model's output.
    pub head: usize,
}

impl Graph {
    /// The node that computes a value; `None` for the input.
    fn node_of(&self, value: usize) -> Option<&Node> {
        value.checked_sub(1).map(|index| &self.nodes[index])
    }

    /// Shape of one sample of a value.
    pub fn shape_at(&self, value: usize) -> &[usize] {
        self.node_of(value).map_or(&self.input_shape, |node| &node.output)
    }

    /// The value whose buffer holds a value.
    pub fn storage(&self, value: usize) -> usize {
        self.node_of(value).map_or(0, |node| node.storage)
    }

    /// Returns `true` if the gradient of a value is wanted: it depends on something that learns.
    pub fn needs_gradient(&self, value: usize) -> bool {
        self.node_of(value).is_some_and(|node| node.needs_gradient)
    }

    /// Returns `true` if an optimizer changes a parameter of a node: its own, or that of the node it is tied to.
    pub fn learns(&self, node: &Node) -> bool {
        node.learns() || node.tied.is_some_and(|other| self.nodes[other].learns())
    }

    /// Finds out which nodes need a gradient, after parameters were frozen or set free.
    pub fn update_needs_gradient(&mut self) {
        for index in 0..self.nodes.len() {
            let node = &self.nodes[index];
            let mut sources = node.sources.iter();
            let needs_gradient =
                self.learns(node) || sources.any(|&source| self.needs_gradient(source));
            self.nodes[index].needs_gradient = needs_gradient;
        }
    }

    /// Shape of one output.
    pub fn output_shape(&self) -> &[usize] {
        self.shape_at(self.head)
    }

    /// The value whose buffer holds the output.
    pub fn output_storage(&self) -> usize {
        self.storage(self.head)
    }

    /// Sizes of the buffers for one sample of each value; 0 where another value's holds it.
    pub fn value_sizes(&self) -> impl Iterator<Item = usize> {
        let size = |node: &Node| if node.is_identity { 0 } else { len(&node.output) };
        std::iter::once(len(&self.input_shape)).chain(self.nodes.iter().map(size))
    }

    /// The sources of a join, and what part of the output each is.
    pub fn joined(&self, node: &Node) -> impl Iterator<Item = (usize, Part)> {
        let width = |shape: &[usize]| shape.last().copied().unwrap_or(1);
        let (whole_sample, whole_width) = (len(&node.output), width(&node.output));
        let (mut offset, mut sample_offset) = (0, 0);
        node.sources.iter().map(move |&source| {
            let shape = self.shape_at(source);
            let (sample, width) = (len(shape), width(shape));
            let part = Part { sample, whole_sample, width, whole_width, offset, sample_offset };
            offset += width;
            sample_offset += sample;
            (source, part)
        })
    }
}
