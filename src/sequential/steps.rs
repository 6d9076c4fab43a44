//! A model step by step, for what translates it into another form.

use super::node::Op;
use super::{LayerView, Sequential};
use crate::layer::erased::ErasedLayer;

/// A layer or a join, with the values that it reads. Value 0 is the model's input, and value `i + 1` the
/// output of step `i`.
pub(crate) struct Step<'a> {
    pub operation: Operation<'a>,
    pub sources: &'a [usize],
    pub view: LayerView<'a>,
}

/// Operation of a step.
pub(crate) enum Operation<'a> {
    Layer(&'a dyn ErasedLayer),
    /// A join, by its name.
    Join(&'static str),
}

impl Sequential {
    /// Lists the steps, each after those that it reads.
    pub(crate) fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        self.graph.nodes.iter().zip(self.layers()).map(|(node, view)| Step {
            operation: match &node.op {
                Op::Layer { layer, .. } => Operation::Layer(&**layer),
                Op::Join(join) => Operation::Join(join.name()),
            },
            sources: &node.sources,
            view,
        })
    }

    /// Number of the value that is the model's output; `None` within a branch of a block.
    pub(crate) fn output_value(&self) -> Option<usize> {
        (self.depth == 0).then_some(self.graph.head)
    }
}
