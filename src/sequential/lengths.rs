//! Lengths of the sequences in a workspace: how much of each value of the model counts.
//!
//! A data set says how long each input is ([`Dataset::sequence_length`](crate::data::Dataset::sequence_length)),
//! and [`Layer::output_length`](crate::layer::Layer::output_length) what becomes of it from layer to layer. What
//! comes after is zero in every value and in every gradient, so that a sequence gives the same numbers for any
//! lengths of the others in its batch.

use super::graph::Graph;
use super::node::{Node, Op};
use crate::error::Mismatch;
use crate::layer::Lengths;
use crate::shape::len;

/// Length of a value that is no sequence, or of a sequence without padding.
const FULL: usize = usize::MAX;

/// Lengths of the samples of a shard, for each value of a model.
pub(super) struct ValueLengths {
    /// `lengths[v][i]` is the length of value `v` of sample `i`.
    lengths: Vec<Vec<usize>>,
    /// `true` if a sample is padded.
    padded: bool,
}

impl ValueLengths {
    /// Lengths of a model with this number of values.
    pub fn new(values: usize, max_batch: usize) -> Self {
        ValueLengths { lengths: vec![vec![FULL; max_batch]; values], padded: false }
    }

    /// Sets the lengths of the inputs of the first samples, and computes those of all other values.
    pub fn set(&mut self, graph: &Graph, lengths: impl Iterator<Item = Option<usize>>) {
        let mut n = 0;
        self.padded = false;
        for (own, length) in self.lengths[0].iter_mut().zip(lengths) {
            *own = length.unwrap_or(FULL);
            self.padded |= length.is_some();
            n += 1;
        }
        if !self.padded {
            return;
        }
        for (index, node) in graph.nodes.iter().enumerate() {
            let (before, after) = self.lengths.split_at_mut(index + 1);
            for (sample, length) in after[0][..n].iter_mut().enumerate() {
                let of = |source: usize| before[source][sample];
                *length = output_length(graph, node, of).unwrap_or(FULL);
            }
        }
    }

    /// Lengths of a value.
    pub fn of(&self, value: usize) -> Lengths<'_> {
        if self.padded { Lengths::new(&self.lengths[value]) } else { Lengths::FULL }
    }

    /// Sets to zero what does not count of the first `n` samples of a value of this shape.
    pub fn clear_padding(&self, value: usize, n: usize, shape: &[usize], values: &mut [f32]) {
        if !self.padded {
            return;
        }
        let (Some(&steps), size) = (shape.first(), len(shape)) else { return };
        let samples = values.chunks_exact_mut(size).take(n);
        for (values, &length) in samples.zip(&self.lengths[value]) {
            if length < steps {
                values[length * (size / steps)..].fill(0.0);
            }
        }
    }
}

/// Returns the length of a node's output for a sample, given those of the values that it reads.
pub(super) fn output_length(
    graph: &Graph,
    node: &Node,
    length: impl Fn(usize) -> usize,
) -> Result<usize, Mismatch> {
    match &node.op {
        Op::Layer { layer, .. } => match length(node.sources[0]) {
            FULL => Ok(FULL),
            length => Ok(layer.output_length(&node.input, &node.output, length)?.unwrap_or(FULL)),
        },
        Op::Join(join) => {
            let steps = |source| graph.shape_at(source).first().copied().unwrap_or(1);
            let sources = node.sources.iter();
            join.output_length(&mut sources.map(|&source| (steps(source), length(source))))
        }
    }
}
