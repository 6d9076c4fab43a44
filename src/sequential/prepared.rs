//! Data of the passes that follow from layers and parameters: the plan, and packed parameters.
//!
//! A model makes it at its first pass, and not while it is built: copies of the parameters for each
//! added layer would make the time to build a model quadratic in its depth.

use super::graph::Graph;
use super::node::Node;
use super::plan::BackwardPlan;
use super::workspace::Spares;
use crate::kernels::aligned::Aligned;

/// Backward plan, packed parameters, and workspaces of past predictions.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub plan: BackwardPlan,
    pub packed: Aligned,
    pub spares: Spares,
}

impl Prepared {
    pub fn new(graph: &Graph, params: &[f32]) -> Self {
        let packed_len = graph.nodes.last().map_or(0, |node| node.packed.end);
        let mut prepared = Prepared {
            plan: BackwardPlan::new(graph),
            packed: Aligned::zeros(packed_len),
            spares: Spares::default(),
        };
        prepared.pack(graph, params);
        prepared
    }

    /// Packs all parameters, after they have changed.
    pub fn pack(&mut self, graph: &Graph, params: &[f32]) {
        graph.nodes.iter().for_each(|node| self.pack_node(graph, node, params));
    }

    /// Packs the parameters of one node.
    pub fn pack_node(&mut self, graph: &Graph, node: &Node, params: &[f32]) {
        let Some(layer) = node.running_layer() else { return };
        let dx = graph.needs_gradient(node.sources[0]);
        let packed = &mut self.packed[node.packed.clone()];
        layer.pack(&node.input, &params[node.params.clone()], packed, dx);
    }
}
