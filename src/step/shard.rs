//! What happens to a few samples of a batch, on one thread.

use std::ops::AddAssign;

use crate::data::{Dataset, Target};
use crate::layer::Mode;
use crate::loss::Loss;
use crate::metrics::argmax;
use crate::random::Key;
use crate::sequential::{Sequential, len};
use crate::workspace::Workspace;

/// What a batch is computed from.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    pub data: &'a dyn Dataset,
    pub indices: &'a [usize],
    pub loss: &'a dyn Loss,
    /// Names this step's randomness.
    pub key: Key,
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
/// of the gradient of the batch's mean loss.
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
    let scale = 1.0 / batch.indices.len() as f32;
    let size = len(model.output_shape());
    let Workspace { activations, gradients, .. } = workspace;
    let outputs = activations[model.output_buffer()].chunks_exact(size);
    let dy = &mut gradients[model.plan.output];
    let mut result = ShardResult::default();
    for ((&index, prediction), dy) in indices.iter().zip(outputs).zip(dy.chunks_exact_mut(size)) {
        let target = batch.data.target(index);
        result.loss += f64::from(batch.loss.loss(prediction, target, Some(dy)));
        result.correct += (target == Target::Class(argmax(prediction))) as usize;
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
