//! Layers that couple the samples of a batch: sums over its shards, and totals over all of it.

use super::Sequential;
use super::node::Node;
use super::passes::view;
use super::workspace::Workspace;
use crate::layer::Saved;

impl Sequential {
    /// Returns the nodes that wait for sums over the whole batch in training, and how many numbers
    /// each sums up.
    pub(crate) fn coupled(&self) -> impl Iterator<Item = (usize, usize)> {
        let sums = |(index, node): (usize, &Node)| {
            let layer = node.running_layer().filter(|_| !node.has_frozen_statistics())?;
            Some((index, layer.sums_len(&node.input)?))
        };
        self.graph.nodes.iter().enumerate().filter_map(sums)
    }

    /// Adds the part of `n` samples to the forward sums of node `index`.
    pub(crate) fn add_forward_sums(
        &self,
        index: usize,
        workspace: &Workspace,
        n: usize,
        sums: &mut [f64],
    ) {
        let node = &self.graph.nodes[index];
        let Some(layer) = node.running_layer() else { return };
        let x = &workspace.activations[self.graph.storage(node.sources[0])];
        let lengths = workspace.lengths.of(node.sources[0]);
        layer.add_forward_sums(view(x, n, &node.input), lengths, sums);
    }

    /// Adds the part of `n` samples to the backward sums of node `index`.
    pub(crate) fn add_backward_sums(
        &self,
        index: usize,
        workspace: &mut Workspace,
        n: usize,
        sums: &mut [f64],
    ) {
        let node = &self.graph.nodes[index];
        let (Some(layer), Some(plan)) = (node.running_layer(), &self.prepared().plan.nodes[index])
        else {
            return;
        };
        let Workspace { activations, gradients, caches, lengths, .. } = workspace;
        lengths.clear_padding(index + 1, n, &node.output, &mut gradients[plan.dy]);
        layer.add_backward_sums(
            Saved {
                x: view(&activations[self.graph.storage(node.sources[0])], n, &node.input),
                y: view(&activations[index + 1], n, &node.output),
                cache: &mut *caches[index],
                lengths: lengths.of(node.sources[0]),
            },
            view(&gradients[plan.dy], n, &node.output),
            sums,
        );
    }

    /// Gives node `index` the totals of the forward sums over the whole batch.
    pub(crate) fn set_forward_totals(
        &self,
        index: usize,
        totals: &[f64],
        workspace: &mut Workspace,
    ) {
        if let Some(layer) = self.graph.nodes[index].running_layer() {
            layer.take_forward_sums(totals, &mut *workspace.caches[index]);
        }
    }

    /// Gives node `index` the totals of the backward sums over the whole batch.
    pub(crate) fn set_backward_totals(
        &self,
        index: usize,
        totals: &[f64],
        workspace: &mut Workspace,
    ) {
        if let Some(layer) = self.graph.nodes[index].running_layer() {
            layer.take_backward_sums(totals, &mut *workspace.caches[index]);
        }
    }

    /// Moves the statistics of node `index` towards those of a batch.
    pub(crate) fn update_statistics(&mut self, index: usize, sums: &[f64]) {
        let node = &self.graph.nodes[index];
        let Some(layer) = node.running_layer() else { return };
        layer.update_statistics(sums, &mut self.params[node.params.clone()]);
        if let Some(prepared) = self.prepared.get_mut() {
            prepared.pack_node(&self.graph, node, &self.params);
        }
    }
}
