//! A shard: a few samples that go forward and backward on one thread.

use std::ops::{AddAssign, Range};

use super::batch::Batch;
use super::mixtures::{Augmenter, Mixtures};
use crate::error::Result;
use crate::layer::Mode;
use crate::sequential::{Sequential, Workspace};

/// Buffers of one thread.
pub(super) struct Worker {
    pub workspace: Workspace,
    pub augmenter: Augmenter,
}

/// Sums over some samples.
#[derive(Clone, Copy, Default)]
pub(crate) struct SampleSums {
    /// Σ weight·loss
    pub loss: f64,
    /// Σ weight
    pub weight: f64,
    /// Number of classes or strings that were predicted rightly, and number of all.
    pub correct: usize,
    pub judged: usize,
}

impl AddAssign for SampleSums {
    fn add_assign(&mut self, other: Self) {
        self.loss += other.loss;
        self.weight += other.weight;
        self.correct += other.correct;
        self.judged += other.judged;
    }
}

impl Worker {
    /// Buffers for shards of at most `max_batch` samples.
    pub fn new(model: &Sequential, max_batch: usize) -> Self {
        let workspace = model.new_workspace(max_batch);
        Worker { workspace, augmenter: Augmenter::default() }
    }

    /// Takes the samples at these places forward and backward, and adds the gradient of their
    /// weighted loss, `Σ weight·loss`.
    pub fn add_gradient(
        &mut self,
        model: &Sequential,
        batch: Batch<'_>,
        places: Range<usize>,
        gradient: &mut [f32],
    ) -> Result<SampleSums> {
        let (n, mode) = (places.len(), Mode::Train(batch.noise(places.start)));
        let Worker { workspace, augmenter } = self;
        let mixtures = batch.load(model, places.clone(), workspace, augmenter)?;
        model.forward(workspace, n, mode);
        let sums = loss_and_gradient(model, workspace, batch, places, mixtures);
        model.backward(workspace, n, gradient);
        Ok(sums)
    }
}

/// Compares the outputs of these samples with their targets. Leaves `weight·∂l/∂output` where the
/// backward pass starts.
pub(super) fn loss_and_gradient(
    model: &Sequential,
    workspace: &mut Workspace,
    batch: Batch<'_>,
    places: Range<usize>,
    mixtures: &mut Mixtures,
) -> SampleSums {
    let mut sums = SampleSums::default();
    let shard = model.outputs_and_gradients(workspace, places.len());
    for (number, (place, (prediction, dy))) in places.zip(shard).enumerate() {
        let target = batch.target(place);
        let mut loss = batch.loss.loss(prediction, target, Some(dy));
        let mut class = target;
        if let Some(mixture) = mixtures.list.get(number)
            && mixture.share < 1.0
        {
            let (share, other) = (mixture.share, batch.target(mixture.partner));
            mixtures.gradient.resize(prediction.len(), 0.0);
            let gradient = &mut mixtures.gradient;
            let loss_to_other = batch.loss.loss(prediction, other, Some(gradient));
            loss = share * loss + (1.0 - share) * loss_to_other;
            for (dy, to_other) in dy.iter_mut().zip(gradient) {
                *dy = share * *dy + (1.0 - share) * *to_other;
            }
            class = if share < 0.5 { other } else { target };
        }
        // A mixture counts as much as the sample whose place it takes.
        let weight = batch.loss.weight(target);
        if weight != 1.0 {
            dy.iter_mut().for_each(|dy| *dy *= weight);
        }
        sums.loss += f64::from(weight) * f64::from(loss);
        sums.weight += f64::from(weight);
        let [right, judged] = batch.loss.right(prediction, class);
        sums.correct += right;
        sums.judged += judged;
    }
    sums
}
