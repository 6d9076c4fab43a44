//! A layer in its place, or a place where branches meet.

use std::ops::Range;
use std::sync::Arc;

use super::join::Join;
use crate::error::Mismatch;
use crate::layer::ParamSpec;
use crate::layer::erased::ErasedLayer;
use crate::shape::{self, LIMIT, fits};

/// One step of a model. Its output is boundary `i + 1` of the model, if it is node `i`; boundary 0
/// is the model's input.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub op: Op,
    pub name: String,
    /// The boundaries that it reads: one for a layer, several for a join.
    pub sources: Vec<usize>,
    /// The boundary that holds its output: its own, or its source where its output is its input.
    pub buffer: usize,
    /// The shape of its (first) input, and of its output.
    pub input: Vec<usize>,
    pub output: Vec<usize>,
    pub specs: Vec<ParamSpec>,
    /// Its output is its input: it is a view, or fused into the layer before.
    pub passes: bool,
    /// Whether it, or what it reads, has parameters: if not, nobody asks for its gradient.
    pub learns: bool,
    /// In how many blocks it stands, and whether a branch begins with it.
    pub depth: usize,
    pub begins: bool,
    /// Of a join, the nodes in each of its branches.
    pub branches: Vec<Range<usize>>,
    /// Its slices of the model's parameters, and of their packed copies.
    pub params: Range<usize>,
    pub packed: Range<usize>,
}

#[derive(Debug, Clone)]
pub(crate) enum Op {
    /// Immutable, and so shared with the model's clones.
    Layer(Arc<dyn ErasedLayer>),
    Join(Join),
}

impl Node {
    /// Its name in a table, with the branches that it stands in drawn before it.
    pub fn label(&self) -> String {
        let (outer, own) = match (&self.op, self.depth) {
            (Op::Join(_), depth) => (depth, "└ "),
            (Op::Layer(_), 0) => (0, ""),
            (Op::Layer(_), depth) => (depth - 1, if self.begins { "┌ " } else { "│ " }),
        };
        format!("{}{own}{}", "│ ".repeat(outer), self.name)
    }

    /// The layer, unless branches meet here.
    pub fn layer(&self) -> Option<&dyn ErasedLayer> {
        match &self.op {
            Op::Layer(layer) => Some(&**layer),
            Op::Join(_) => None,
        }
    }
}

/// A layer's output shape and parameters, if it can take this input and nothing is too large.
pub(super) fn check(
    layer: &dyn ErasedLayer,
    input: &[usize],
) -> Result<(Vec<usize>, Vec<ParamSpec>), Mismatch> {
    let output = layer.output_shape(input)?;
    check_size(&output)?;
    let specs = layer.param_specs(input);
    let params = specs.iter().try_fold(0usize, |sum, spec| sum.checked_add(spec.len()?));
    // Packed, narrow rows are padded to many times their length.
    let too_many = |params| params > LIMIT || layer.packed_len(input) > 2 * LIMIT;
    if params.is_none_or(too_many) {
        return Err(Mismatch::new(
            format!("at most {LIMIT} parameters, and twice that with rows padded to whole vectors"),
            "use fewer units, or shrink the input first",
        ));
    }
    specs.iter().try_for_each(|spec| spec.init.check(&spec.shape))?;
    Ok((output, specs))
}

/// Refuses outputs that are empty or too large.
pub(super) fn check_size(output: &[usize]) -> Result<(), Mismatch> {
    if output.contains(&0) || !fits(output) {
        return Err(Mismatch::new(
            format!("1 to {LIMIT} outputs, and it would have {}", shape::label(output)),
            "check its settings",
        ));
    }
    Ok(())
}
