//! Diagnosis: where the first number of a batch that is not finite came from.

use std::sync::PoisonError;

use super::batch::Batch;
use super::gradients::{Gradients, Workers};
use super::shard::Worker;
use crate::error::{Culprit, Result};
use crate::layer::Mode;
use crate::sequential::{LayerView, Sequential};
use crate::shape::len;

impl Gradients {
    /// Finds the first number that is not finite in the last batch: in an input, the output of a layer,
    /// the gradient of a layer, or the loss.
    pub fn culprit(&self, model: &Sequential, batch: Batch<'_>) -> Result<Culprit> {
        let named = |layer: LayerView<'_>| (layer.index(), layer.name().to_string());
        match self.first_not_finite(model, batch)? {
            Some(0) => return input_culprit(model, batch),
            Some(value) => {
                let layer = model.layers().nth(value - 1).map(named);
                let (index, layer) = layer.expect("a value is the input, or the output of a layer");
                return Ok(Culprit::Output { index, layer });
            }
            None => {}
        }
        let used = self.partials.used();
        let last = &used[used.len() - self.last..];
        let is_bad = |values: &[f32]| values.iter().any(|value| !value.is_finite());
        let bad = |layer: &LayerView<'_>| {
            last.iter().any(|partial| is_bad(&partial.gradient[layer.range()]))
        };
        Ok(match model.layers().find(bad).map(named) {
            Some((index, layer)) => Culprit::Gradient { index, layer },
            None => Culprit::Loss { loss: batch.loss.name() },
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
            batch.load(model, places, workspace, augmenter)?;
            model.forward(workspace, n, mode);
            let first = workspace.first_not_finite(n);
            if first.is_some() {
                return Ok(first);
            }
        }
        Ok(None)
    }
}

/// Finds the value of a sample that made the input of a batch not finite.
fn input_culprit(model: &Sequential, batch: Batch<'_>) -> Result<Culprit> {
    let found = batch.first_not_finite(len(model.input_shape()))?;
    Ok(found.map_or(Culprit::Augmentation, |(sample, index, value)| Culprit::Input {
        sample,
        index,
        value: value.to_string(),
    }))
}
