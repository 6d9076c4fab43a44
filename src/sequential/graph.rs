//! How a model grows: layer by layer from its head, and in branches that meet again.
//!
//! The nodes stand in an order in which each reads only what earlier ones gave, so the two passes
//! are loops over a list, for branches as for a plain stack. [`Residual`](crate::sequential::Residual)
//! and [`Branches`](crate::sequential::Branches) are recipes for nodes and no layers themselves: what
//! stands in them is packed, fused, summed over the batch and named like any other layer. A layer
//! that held a model of its own would have to do all of this once more, and its batch
//! normalizations could not wait for the rest of the batch.

use std::sync::Arc;

use super::Sequential;
use super::join::Join;
use super::node::{Node, Op, check, check_size};
use crate::error::{Mismatch, ModelError, Result};
use crate::kernels::ALIGN;
use crate::layer::ParamSpec;
use crate::layer::erased::ErasedLayer;
use crate::sequential::workspace::Spares;
use crate::shape::{LIMIT, fits};

/// Appends a branch to the model that it is given.
pub(crate) type Branch<'a> = Box<dyn FnOnce(Sequential) -> Result<Sequential> + 'a>;

impl Sequential {
    /// Appends a layer at the head.
    pub(crate) fn push_layer(mut self, layer: Arc<dyn ErasedLayer>) -> Result<Self> {
        self.check_input()?;
        let fused = self.fusible().and_then(|last| last.fuse(&*layer));
        let input = self.output_shape().to_vec();
        let name = layer.name();
        let (output, specs) =
            check(&*layer, &input).map_err(|mismatch| self.refusal(&name, mismatch))?;
        let param_len: usize = specs.iter().filter_map(ParamSpec::len).sum();
        let params = self.params.len()..self.params.len() + param_len;
        let packed = self.packed.len().next_multiple_of(ALIGN);
        let packed = packed..packed + layer.packed_len(&input);
        let (number, source) = (self.nodes.len(), self.buffer(self.head));
        let passes = fused.is_some() || layer.is_view();
        if let (Some(fused), Some(last)) = (fused, self.nodes.last_mut()) {
            last.op = Op::Layer(fused);
        }
        self.push(Node {
            op: Op::Layer(layer),
            name,
            sources: vec![source],
            buffer: if passes { source } else { number + 1 },
            input,
            output,
            passes,
            learns: param_len > 0 || self.learns(source),
            depth: self.depth,
            begins: self.forks.contains(&self.head),
            branches: Vec::new(),
            specs,
            params,
            packed,
        });
        self.draw(number, 0);
        self.pack();
        Ok(self)
    }

    /// Lets branches begin at the head and meet again in a join. `name` is theirs together.
    pub(crate) fn push_branches(
        mut self,
        name: &str,
        branches: Vec<Branch<'_>>,
        join: Join,
    ) -> Result<Self> {
        self.check_input()?;
        let start = self.head;
        // More than one reads it now.
        self.forks.push(start);
        let mut ends = Vec::with_capacity(branches.len());
        let mut ranges = Vec::with_capacity(branches.len());
        for branch in branches {
            let (nodes, depth) = (self.nodes.len(), self.depth);
            self.head = start;
            self.depth += 1;
            self = branch(self)?;
            if self.nodes.len() < nodes || self.depth != depth + 1 || self.head > self.nodes.len() {
                return Err(ModelError::Branch { block: name.to_string() }.into());
            }
            self.depth = depth;
            ends.push(self.head);
            ranges.push(nodes..self.nodes.len());
        }
        self.head = start;
        let shapes: Vec<&[usize]> = ends.iter().map(|&end| self.shape_at(end)).collect();
        let output =
            join.output_shape(&shapes).and_then(|shape| check_size(&shape).map(|()| shape));
        let output = output.map_err(|mismatch| self.refusal(name, mismatch))?;
        let input = shapes[0].to_vec();
        let sources: Vec<usize> = ends.iter().map(|&end| self.buffer(end)).collect();
        self.push(Node {
            op: Op::Join(join),
            name: name.to_string(),
            learns: sources.iter().any(|&source| self.learns(source)),
            sources,
            buffer: self.nodes.len() + 1,
            input,
            output,
            specs: Vec::new(),
            passes: false,
            depth: self.depth,
            begins: false,
            branches: ranges,
            params: self.params.len()..self.params.len(),
            packed: self.packed.len()..self.packed.len(),
        });
        Ok(self)
    }

    fn push(&mut self, node: Node) {
        self.params = self.params.extended(node.params.end);
        self.packed = self.packed.extended(node.packed.end);
        self.nodes.push(node);
        self.head = self.nodes.len();
        self.plan = self.plan_backward();
        // Workspaces of the shorter model would not do.
        self.spares = Spares::default();
    }

    /// The layer at the head, if nobody but the next one will read what it gives.
    fn fusible(&self) -> Option<&dyn ErasedLayer> {
        let at_head = self.head == self.nodes.len() && !self.forks.contains(&self.head);
        self.nodes.last().filter(|_| at_head)?.layer()
    }

    fn check_input(&self) -> Result<()> {
        if self.input_shape.contains(&0) || !fits(&self.input_shape) {
            let came = self.input_shape.clone();
            return Err(ModelError::InputShape { came, limit: LIMIT }.into());
        }
        Ok(())
    }

    fn refusal(&self, layer: &str, mismatch: Mismatch) -> ModelError {
        ModelError::Layer {
            index: self.nodes.len(),
            layer: layer.to_string(),
            before: match self.head.checked_sub(1) {
                None => "the input".to_string(),
                Some(index) => self.nodes[index].name.clone(),
            },
            came: self.output_shape().to_vec(),
            mismatch: Box::new(mismatch),
        }
    }

    /// The shape of one sample at a boundary.
    pub(super) fn shape_at(&self, boundary: usize) -> &[usize] {
        boundary.checked_sub(1).map_or(&self.input_shape, |index| &self.nodes[index].output)
    }

    /// Which of the boundaries holds what flows at `boundary`.
    pub(crate) fn buffer(&self, boundary: usize) -> usize {
        boundary.checked_sub(1).map_or(0, |index| self.nodes[index].buffer)
    }

    /// The boundary that holds the model's output.
    pub(crate) fn output_buffer(&self) -> usize {
        self.buffer(self.head)
    }

    /// Whether a gradient is wanted at a boundary: it came from something with parameters.
    pub(super) fn learns(&self, boundary: usize) -> bool {
        boundary.checked_sub(1).is_some_and(|index| self.nodes[index].learns)
    }
}
