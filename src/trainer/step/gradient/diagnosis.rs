//! Diagnosis: where the first number of a batch that is not finite came from.

use std::sync::PoisonError;

use super::batch::Batch;
use super::gradients::{Gradients, Workers};
use super::shard::Worker;
use crate::error::Result;
use crate::layer::Mode;
use crate::sequential::{LayerView, Sequential};

impl Gradients {
    /// Names the first that is not finite in the last batch: the input, the output of a layer, the
    /// gradient of a layer, or the loss.
    pub fn culprit(&self, model: &Sequential, batch: Batch<'_>) -> Result<String> {
        let label = |layer: LayerView<'_>| format!("layer {}, {}", layer.index(), layer.name());
        if let Some(value) = self.first_not_finite(model, batch)? {
            let layer = value.checked_sub(1).and_then(|index| model.layers().nth(index));
            return Ok(match layer {
                None => "the input".to_string(),
                Some(layer) => format!("the output of {}", label(layer)),
            });
        }
        let used = self.partials.used();
        let last = &used[used.len() - self.last..];
        let is_bad = |values: &[f32]| values.iter().any(|value| !value.is_finite());
        let bad = |layer: &LayerView<'_>| {
            last.iter().any(|partial| is_bad(&partial.gradient[layer.range()]))
        };
        Ok(match model.layers().find(bad) {
            Some(layer) => format!("the gradient of {}", label(layer)),
            None => format!("the loss, {}, or a target", batch.loss.name()),
        })
    }

    /// The first activation of the last batch that is not finite: 0 for the input, `i + 1` for the
    /// output of layer `i`.
    fn first_not_finite(&self, model: &Sequential, batch: Batch<'_>) -> Result<Option<usize>> {
        let workers = match &self.workers {
            Workers::Lockstep(lockstep) => {
                let first = |(worker, n): (&Worker, usize)| worker.workspace.first_not_finite(n);
                return Ok(lockstep.shards().filter_map(first).min());
            }
            Workers::Independent(workers) => workers,
        };
        // The activations of a shard have been overwritten by those of the next.
        let mut worker = workers[0].lock().unwrap_or_else(PoisonError::into_inner);
        let Worker { workspace, augmenter } = &mut *worker;
        for shard in 0..batch.len().div_ceil(self.sizes.shard) {
            let places = batch.part(shard, self.sizes.shard);
            let (n, mode) = (places.len(), Mode::Train(batch.noise(places.start)));
            batch.load(places, workspace, augmenter)?;
            model.forward(workspace, n, mode);
            let first = workspace.first_not_finite(n);
            if first.is_some() {
                return Ok(first);
            }
        }
        Ok(None)
    }
}
