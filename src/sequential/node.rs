//! A layer in its place, or a place where branches meet.

use std::ops::Range;
use std::sync::Arc;

use super::join::Join;
use crate::error::Mismatch;
use crate::layer::ParamSpec;
use crate::layer::erased::ErasedLayer;
use crate::shape::{self, LIMIT, fits};

/// One step of a model. The output of node `i` is value `i + 1` of the model; value 0 is the model's
/// input.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub op: Op,
    pub name: String,
    /// The values that it reads: one for a layer, several for a join.
    pub sources: Vec<usize>,
    /// The value whose buffer holds its output: its own, or its source's where the output is the input.
    pub storage: usize,
    /// Shape of its (first) input, and of its output.
    pub input: Vec<usize>,
    pub output: Vec<usize>,
    /// Its own parameter arrays; a tied layer has none.
    pub arrays: Vec<ParamArray>,
    /// The node whose parameters it has, too.
    pub tied: Option<usize>,
    /// `true` if its output is its input: it is a view, or fused into the layer before.
    pub is_identity: bool,
    /// `true` if it learns, or what it reads does: only then is the gradient of its output wanted.
    pub needs_gradient: bool,
    /// Number of blocks around it, and whether a branch begins with it.
    pub depth: usize,
    pub starts_branch: bool,
    /// Of a join, the nodes in each of its branches.
    pub branches: Vec<Range<usize>>,
    /// Its slices of the model's parameters, which another node may have too, and of their packed copies.
    pub params: Range<usize>,
    pub packed: Range<usize>,
}

/// Operation of a node.
#[derive(Debug, Clone)]
pub(super) enum Op {
    Layer {
        /// The layer as it was added. It is immutable, and so shared with the model's clones.
        layer: Arc<dyn ErasedLayer>,
        /// The layer that runs in its place and does the work of the next one, too.
        fused: Option<Arc<dyn ErasedLayer>>,
    },
    Join(&'static dyn Join),
}

/// One parameter array of a node.
#[derive(Debug, Clone)]
pub(super) struct ParamArray {
    pub spec: ParamSpec,
    /// Its slice of the model's parameters.
    pub range: Range<usize>,
    /// `true` if training leaves it as it is.
    pub frozen: bool,
}

impl Node {
    /// Name in a table, with the branches that contain it drawn before it.
    pub fn label(&self) -> String {
        let (outer, own) = match (&self.op, self.depth) {
            (Op::Join(_), depth) => (depth, "└ "),
            (Op::Layer { .. }, 0) => (0, ""),
            (Op::Layer { .. }, depth) => (depth - 1, if self.starts_branch { "┌ " } else { "│ " }),
        };
        format!("{}{own}{}", "│ ".repeat(outer), self.name)
    }

    /// Number of parameters that no earlier node has.
    pub fn own_params(&self) -> usize {
        if self.tied.is_some() { 0 } else { self.params.len() }
    }

    /// The layer as it was added; `None` where branches meet.
    pub fn layer(&self) -> Option<&dyn ErasedLayer> {
        match &self.op {
            Op::Layer { layer, .. } => Some(&**layer),
            Op::Join(_) => None,
        }
    }

    /// The layer that runs, perhaps fused with the next one; `None` where branches meet.
    pub fn running_layer(&self) -> Option<&dyn ErasedLayer> {
        match &self.op {
            Op::Layer { layer, fused } => Some(&**fused.as_ref().unwrap_or(layer)),
            Op::Join(_) => None,
        }
    }

    /// Returns `true` if an optimizer changes one of its own parameters.
    pub fn learns(&self) -> bool {
        let learns = |a: &ParamArray| a.spec.trainable && !a.frozen && !a.range.is_empty();
        self.arrays.iter().any(learns)
    }

    /// Returns `true` if it keeps statistics and they are frozen: then it uses them in training, too.
    pub fn has_frozen_statistics(&self) -> bool {
        let mut statistics = self.arrays.iter().filter(|array| !array.spec.trainable).peekable();
        statistics.peek().is_some() && statistics.all(|array| array.frozen)
    }

    /// Returns the number of the first node of its block; `index`, its own, for a layer.
    pub fn start(&self, index: usize) -> usize {
        self.branches.first().map_or(index, |branch| branch.start)
    }
}

/// Places arrays of these specifications one after another.
pub(super) fn arrays(specs: Vec<ParamSpec>, start: usize) -> Vec<ParamArray> {
    let mut end = start;
    let place = |spec: ParamSpec| {
        let range = end..end + spec.len().unwrap_or(0);
        end = range.end;
        ParamArray { spec, range, frozen: false }
    };
    specs.into_iter().map(place).collect()
}

/// Returns a layer's output shape and parameters, if it can take this input and nothing is too large.
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
