//! Building of a model: layer by layer from its head, and in branches that meet again.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::Sequential;
use super::graph::Graph;
use super::join::Join;
use super::node::{Node, Op, arrays, check, check_size};
use crate::error::{Mismatch, ModelError, Result};
use crate::kernels::ALIGN;
use crate::layer::ParamSpec;
use crate::layer::erased::ErasedLayer;
use crate::shape::{LIMIT, fits};

/// Appends a branch to the model that it is given.
pub(super) type Branch<'a> = Box<dyn FnOnce(Sequential) -> Result<Sequential> + 'a>;

impl Sequential {
    /// Appends a layer at the head, with parameters of its own or with those of the layer that it is tied to.
    pub(super) fn push_layer(
        mut self,
        layer: Arc<dyn ErasedLayer>,
        tied: Option<usize>,
    ) -> Result<Self> {
        self.check_input()?;
        let fusible = self.fusible().and_then(|last| last.fuse(&*layer));
        let input = self.output_shape().to_vec();
        let name = layer.name();
        let (output, specs) =
            check(&*layer, &input).map_err(|mismatch| self.refusal(&name, mismatch))?;
        let shared = tied
            .map(|to| self.shared(to, &specs))
            .transpose()
            .map_err(|mismatch| self.refusal(&name, mismatch))?;
        let is_identity = fusible.is_some() || layer.is_view();
        if let Some(Op::Layer { fused, .. }) = self.graph.nodes.last_mut().map(|last| &mut last.op)
        {
            *fused = fusible;
        }
        let head = self.graph.head;
        let (number, storage) = (self.graph.nodes.len(), self.graph.storage(head));
        let (arrays, params) = match shared {
            Some(params) => (Vec::new(), params),
            None => {
                let start = self.params.len();
                let arrays = arrays(specs, start);
                let end = arrays.last().map_or(start, |array| array.range.end);
                (arrays, start..end)
            }
        };
        let packed = self.packed_len().next_multiple_of(ALIGN);
        let packed = packed..packed + layer.packed_len(&input);
        let mut node = Node {
            op: Op::Layer { layer, fused: None },
            name,
            sources: vec![head],
            storage: if is_identity { storage } else { number + 1 },
            input,
            output,
            arrays,
            tied,
            is_identity,
            needs_gradient: false,
            depth: self.depth,
            starts_branch: self.forks.contains(&head),
            branches: Vec::new(),
            params,
            packed,
        };
        node.needs_gradient = self.graph.learns(&node) || self.graph.needs_gradient(head);
        self.push(node);
        self.draw(number, 0);
        Ok(self)
    }

    /// Lets branches begin at the head and meet again in a join. `name` is theirs together.
    pub(super) fn push_branches(
        mut self,
        name: &str,
        branches: Vec<Branch<'_>>,
        join: &'static dyn Join,
    ) -> Result<Self> {
        self.check_input()?;
        let start = self.graph.head;
        // More than one reads it now.
        self.forks.push(start);
        let mut ends = Vec::with_capacity(branches.len());
        let mut ranges = Vec::with_capacity(branches.len());
        for branch in branches {
            let (nodes, depth) = (self.graph.nodes.len(), self.depth);
            self.graph.head = start;
            self.depth += 1;
            self = branch(self)?;
            let Graph { nodes: all, head, .. } = &self.graph;
            if all.len() < nodes || self.depth != depth + 1 || *head > all.len() {
                return Err(ModelError::Branch { block: name.to_string() }.into());
            }
            self.depth = depth;
            ends.push(*head);
            ranges.push(nodes..all.len());
        }
        self.graph.head = start;
        let graph = &self.graph;
        let shapes: Vec<&[usize]> = ends.iter().map(|&end| graph.shape_at(end)).collect();
        let output =
            join.output_shape(&shapes).and_then(|shape| check_size(&shape).map(|()| shape));
        let output = output.map_err(|mismatch| self.refusal(name, mismatch))?;
        let input = shapes[0].to_vec();
        let (params, packed) = (self.params.len(), self.packed_len());
        self.push(Node {
            op: Op::Join(join),
            name: name.to_string(),
            needs_gradient: ends.iter().any(|&end| graph.needs_gradient(end)),
            sources: ends,
            storage: graph.nodes.len() + 1,
            input,
            output,
            arrays: Vec::new(),
            tied: None,
            is_identity: false,
            depth: self.depth,
            starts_branch: false,
            branches: ranges,
            params: params..params,
            packed: packed..packed,
        });
        Ok(self)
    }

    fn push(&mut self, node: Node) {
        // A softmax keeps the classes; what learns, or changes the number of outputs, has others.
        if self.graph.learns(&node) || node.output != node.input {
            self.class_names.clear();
        }
        self.params.grow(self.params.len().max(node.params.end));
        self.graph.nodes.push(node);
        self.graph.head = self.graph.nodes.len();
        // Buffers of the shorter model would not do.
        self.prepared = OnceLock::new();
    }

    /// Number of floats of all packed parameters.
    fn packed_len(&self) -> usize {
        self.graph.nodes.last().map_or(0, |node| node.packed.end)
    }

    /// Returns the layer at the head, if the next layer is the only reader of its output.
    fn fusible(&self) -> Option<&dyn ErasedLayer> {
        let Graph { nodes, head, .. } = &self.graph;
        let at_head = *head == nodes.len() && !self.forks.contains(head);
        let last = nodes.last().filter(|last| at_head && !last.is_identity)?;
        last.layer()
    }

    /// The parameters of layer `to`, for a layer with arrays of these specifications.
    fn shared(&self, to: usize, specs: &[ParamSpec]) -> Result<Range<usize>, Mismatch> {
        let Some(other) = self.graph.nodes.get(to) else {
            let count = self.graph.nodes.len();
            return Err(Mismatch::new(
                format!(
                    "to be tied to one of the {count} layers before it, counted from 0, and not to {to}"
                ),
                "give `Tied::to` the number of the layer in `Sequential::layers`",
            ));
        };
        let shapes = |specs: &[ParamSpec]| -> Vec<Vec<usize>> {
            specs.iter().map(|spec| spec.shape.clone()).collect()
        };
        let theirs: Vec<ParamSpec> = other.arrays.iter().map(|array| array.spec.clone()).collect();
        if theirs.is_empty() || shapes(&theirs) != shapes(specs) {
            return Err(Mismatch::new(
                format!("parameters of the shapes of those of layer {to}, {}", other.name),
                "tie layers with the same sizes, such as `Embedding` and `Unembedding`",
            ));
        }
        Ok(other.params.clone())
    }

    fn check_input(&self) -> Result<()> {
        let came = &self.graph.input_shape;
        if came.contains(&0) || !fits(came) {
            return Err(ModelError::InputShape { came: came.clone(), limit: LIMIT }.into());
        }
        Ok(())
    }

    fn refusal(&self, layer: &str, mismatch: Mismatch) -> ModelError {
        let Graph { nodes, head, .. } = &self.graph;
        ModelError::Layer {
            index: nodes.len(),
            layer: layer.to_string(),
            before: match head.checked_sub(1) {
                None => "the input".to_string(),
                Some(index) => nodes[index].name.clone(),
            },
            came: self.output_shape().to_vec(),
            mismatch: Box::new(mismatch),
        }
    }
}
