//! Layers that couple the samples of a batch: sums over its shards, and totals over all of it.

use super::Sequential;
use super::passes::view;
use crate::sequential::workspace::Workspace;

impl Sequential {
    /// Returns the nodes that wait for sums over the whole batch in training, and how many numbers
    /// each sums up.
    pub(crate) fn coupled(&self) -> impl Iterator<Item = (usize, usize)> {
        let sums = |(index, node): (usize, &super::Node)| {
            Some((index, node.layer()?.sums_len(&node.input)?))
        };
        self.nodes.iter().enumerate().filter_map(sums)
    }

    /// Adds the part of `n` samples to the forward sums of node `index`.
    pub(crate) fn add_forward_sums(
        &self,
        index: usize,
        workspace: &Workspace,
        n: usize,
        sums: &mut [f64],
    ) {
        let node = &self.nodes[index];
        let Some(layer) = node.layer() else { return };
        let x = &workspace.activations[node.sources[0]];
        layer.add_forward_sums(view(x, n, &node.input), sums);
    }

    /// Adds the part of `n` samples to the backward sums of node `index`.
    pub(crate) fn add_backward_sums(
        &self,
        index: usize,
        workspace: &mut Workspace,
        n: usize,
        sums: &mut [f64],
    ) {
        let node = &self.nodes[index];
        let (Some(layer), Some(back)) = (node.layer(), &self.plan.nodes[index]) else { return };
        let Workspace { activations, gradients, caches, .. } = workspace;
        layer.add_backward_sums(
            view(&activations[node.sources[0]], n, &node.input),
            view(&activations[index + 1], n, &node.output),
            &mut *caches[index],
            view(&gradients[back.dy], n, &node.output),
            sums,
        );
    }

    /// Gives node `index` the totals over the whole batch.
    pub(crate) fn set_totals(
        &self,
        index: usize,
        direction: Direction,
        totals: &[f64],
        workspace: &mut Workspace,
    ) {
        let Some(layer) = self.nodes[index].layer() else { return };
        let cache = &mut *workspace.caches[index];
        match direction {
            Direction::Forward => layer.take_forward_sums(totals, cache),
            Direction::Backward => layer.take_backward_sums(totals, cache),
        }
    }

    /// Moves the statistics of node `index` towards those of a batch.
    pub(crate) fn update_statistics(&mut self, index: usize, sums: &[f64]) {
        let node = &self.nodes[index];
        if let Some(layer) = node.layer() {
            layer.update_statistics(sums, &mut self.params[node.params.clone()]);
        }
    }
}

/// Direction of a pass through a model.
#[derive(Clone, Copy)]
pub(crate) enum Direction {
    Forward,
    Backward,
}
