//! What happens to a few samples of a batch, on one thread.

use std::ops::{AddAssign, Range};

use super::Batch;
use crate::data::Target;
use crate::error::Result;
use crate::layer::Mode;
use crate::sequential::Sequential;
use crate::sequential::workspace::Workspace;
use crate::shape::len;

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
    places: Range<usize>,
    mode: Mode,
    gradient: &mut [f32],
) -> Result<ShardResult> {
    let n = places.len();
    batch.load(places.clone(), workspace)?;
    model.forward(workspace, n, mode);
    let result = compare(model, workspace, batch, places);
    model.backward(workspace, n, gradient);
    Ok(result)
}

/// Compares the outputs of these samples with their targets, and leaves the gradient that starts
/// the way back.
pub(crate) fn compare(
    model: &Sequential,
    workspace: &mut Workspace,
    batch: Batch<'_>,
    places: Range<usize>,
) -> ShardResult {
    let size = len(model.output_shape());
    let Workspace { activations, gradients, augmenting, .. } = workspace;
    let outputs = activations[model.output_buffer()].chunks_exact(size);
    let dy = &mut gradients[model.plan.output];
    let mut result = ShardResult::default();
    let shard = places.zip(outputs).zip(dy.chunks_exact_mut(size));
    for (number, ((place, prediction), dy)) in shard.enumerate() {
        let target = batch.target(place);
        let mut loss = batch.loss.loss(prediction, target, Some(dy));
        let mut class = target;
        if let Some(&(share, other)) = augmenting.mixtures.get(number)
            && share < 1.0
        {
            let other = batch.target(other);
            augmenting.gradient.resize(size, 0.0);
            let gradient = &mut augmenting.gradient;
            let loss_to_other = batch.loss.loss(prediction, other, Some(gradient));
            loss = share * loss + (1.0 - share) * loss_to_other;
            for (dy, to_other) in dy.iter_mut().zip(gradient) {
                *dy = share * *dy + (1.0 - share) * *to_other;
            }
            class = if share < 0.5 { other } else { target };
        }
        // A mixture counts as much as the sample that it is in the place of.
        let weight = f64::from(batch.loss.weight(target));
        result.loss += weight * f64::from(loss);
        result.correct += (class == Target::Class(batch.loss.class(prediction))) as usize;
        // A weight of 0 may be all that the batch has.
        let scale = if weight > 0.0 { (weight / batch.weight) as f32 } else { 0.0 };
        for dy in dy {
            *dy *= scale;
        }
    }
    result
}
