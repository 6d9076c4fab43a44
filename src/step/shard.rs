//! What happens to a few samples of a batch, on one thread.

use std::ops::AddAssign;

use crate::data::{Dataset, Target};
use crate::layer::Mode;
use crate::loss::Loss;
use crate::random::Key;
use crate::sequential::{Sequential, len};
use crate::workspace::Workspace;

/// What a batch is computed from.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    pub data: &'a dyn Dataset,
    pub indices: &'a [usize],
    pub loss: &'a dyn Loss,
    /// What its samples weigh together.
    pub weight: f64,
    /// Names this step's randomness.
    pub key: Key,
}

impl<'a> Batch<'a> {
    pub fn new(
        data: &'a dyn Dataset,
        indices: &'a [usize],
        loss: &'a dyn Loss,
        key: Key,
    ) -> Batch<'a> {
        let weights = indices.iter().map(|&index| f64::from(loss.weight(data.target(index))));
        Batch { data, indices, loss, weight: weights.sum(), key }
    }
}

/// What some samples add to a batch.
#[derive(Clone, Copy, Default)]
pub(crate) struct ShardResult {
    pub loss: f64,
    pub correct: usize,
}

impl AddAssign for ShardResult {
    fn add_assign(&mut self, other: Self) {
        self.loss += other.loss;
        self.correct += other.correct;
    }
}

/// Takes some samples of a batch, which fit a workspace, forward and backward, and adds their share
/// of the gradient of the batch's weighted mean loss.
pub(crate) fn add_gradient(
    model: &Sequential,
    workspace: &mut Workspace,
    batch: Batch<'_>,
    indices: &[usize],
    mode: Mode,
    gradient: &mut [f32],
) -> ShardResult {
    load(batch.data, indices, workspace);
    model.forward(workspace, indices.len(), mode);
    let result = compare(model, workspace, batch, indices);
    model.backward(workspace, indices.len(), gradient);
    result
}

/// Compares the outputs of these samples with their targets, and leaves the gradient that starts
/// the way back.
pub(crate) fn compare(
    model: &Sequential,
    workspace: &mut Workspace,
    batch: Batch<'_>,
    indices: &[usize],
) -> ShardResult {
    let size = len(model.output_shape());
    let Workspace { activations, gradients, .. } = workspace;
    let outputs = activations[model.output_buffer()].chunks_exact(size);
    let dy = &mut gradients[model.plan.output];
    let mut result = ShardResult::default();
    for ((&index, prediction), dy) in indices.iter().zip(outputs).zip(dy.chunks_exact_mut(size)) {
        let target = batch.data.target(index);
        let weight = f64::from(batch.loss.weight(target));
        result.loss += weight * f64::from(batch.loss.loss(prediction, target, Some(dy)));
        result.correct += (target == Target::Class(batch.loss.class(prediction))) as usize;
        // A weight of 0 may be all that the batch has.
        let scale = if weight > 0.0 { (weight / batch.weight) as f32 } else { 0.0 };
        for dy in dy {
            *dy *= scale;
        }
    }
    result
}

/// Fills the workspace's input with these samples.
pub(crate) fn load(data: &dyn Dataset, indices: &[usize], workspace: &mut Workspace) {
    let size = workspace.input_size();
    for (x, &index) in workspace.activations[0].chunks_mut(size).zip(indices) {
        data.input(index, x);
    }
}
