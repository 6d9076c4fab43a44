//! A model's layers that couple the samples of a batch, as the engine meets them.

use super::Sequential;
use super::passes::view;
use crate::sequential::workspace::Workspace;

impl Sequential {
    /// The nodes that wait for sums over the whole batch in training, and how many numbers each.
    pub(crate) fn coupled(&self) -> impl Iterator<Item = (usize, usize)> {
        let sums = |(index, node): (usize, &super::Node)| {
            Some((index, node.layer()?.sums_len(&node.input)?))
        };
        self.nodes.iter().enumerate().filter_map(sums)
    }

    /// Adds what `n` samples have to the sums of node `index`, forward.
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

    /// Adds what `n` samples have to them, backward.
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

    /// Gives node `index` the sums over the whole batch.
    pub(crate) fn take_sums(
        &self,
        index: usize,
        way: Way,
        sums: &[f64],
        workspace: &mut Workspace,
    ) {
        let Some(layer) = self.nodes[index].layer() else { return };
        let cache = &mut *workspace.caches[index];
        match way {
            Way::Forward => layer.take_forward_sums(sums, cache),
            Way::Backward => layer.take_backward_sums(sums, cache),
        }
    }

    /// Moves the statistics of node `index` towards those of a batch.
    pub(crate) fn update_statistics(&mut self, index: usize, sums: &[f64]) {
        let node = &self.nodes[index];
        if let Some(layer) = node.layer() {
            layer.update_statistics(sums, &mut self.params[node.params.clone()]);
        }
    }

    /// The first boundary where what flows for `n` samples is not finite.
    pub(crate) fn first_not_finite(&self, workspace: &Workspace, n: usize) -> Option<usize> {
        let mut sizes = self.activation_sizes().zip(&workspace.activations);
        sizes.position(|(size, values)| values[..n * size].iter().any(|value| !value.is_finite()))
    }
}

/// The two ways through a model.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    Forward,
    Backward,
}
