//! Shards in lockstep, for models with layers that couple the samples of a batch.
//!
//! Such a layer ends a stage of the model: all shards run up to it, their sums are added up as a
//! [tree](crate::kernels::tree), and with the totals all of them continue. So every shard keeps its
//! activations until the backward pass, in a workspace of its own, where otherwise the shards of a
//! thread share one: the price of exact batch statistics is memory for the whole batch.

use rayon::prelude::*;

use super::batch::Batch;
use super::partial::PartialGradient;
use super::shard::{SampleSums, Worker, loss_and_gradient};
use super::sizes::Sizes;
use crate::error::Result;
use crate::kernels::tree::additions;
use crate::layer::Mode;
use crate::sequential::Sequential;

/// The shards of a batch.
pub(super) struct Lockstep {
    shards: Vec<Shard>,
    joints: Vec<Joint>,
    /// Number of shards of the last batch.
    used: usize,
    /// Number of batches of the step so far.
    batches: usize,
}

/// Some samples on their way through the model.
struct Shard {
    worker: Worker,
    n: usize,
    /// Its part of the sums of a joint.
    sums: Vec<f64>,
    sample_sums: SampleSums,
}

/// A node that waits for all shards.
struct Joint {
    node: usize,
    /// Totals over the batch, forward and backward.
    forward: Vec<f64>,
    backward: Vec<f64>,
    /// Forward totals of the batches of the step, one after another.
    batches: Vec<f64>,
}

impl Lockstep {
    /// Lockstep without shards yet; `None` for a model without layers that couple samples.
    pub fn new(model: &Sequential) -> Option<Self> {
        let joint = |(node, len)| {
            let zeros = || vec![0.0; len];
            Joint { node, forward: zeros(), backward: zeros(), batches: Vec::new() }
        };
        let joints: Vec<Joint> = model.coupled().map(joint).collect();
        let lockstep = Lockstep { shards: Vec::new(), joints, used: 0, batches: 0 };
        (!lockstep.joints.is_empty()).then_some(lockstep)
    }

    /// Makes room for so many shards of at most `max_batch` samples.
    pub fn reserve(&mut self, model: &Sequential, shards: usize, max_batch: usize) {
        let longest = self.joints.iter().map(|joint| joint.forward.len()).max().unwrap_or(0);
        let shard = || Shard {
            worker: Worker::new(model, max_batch),
            n: 0,
            sums: vec![0.0; longest],
            sample_sums: SampleSums::default(),
        };
        self.shards = (0..shards).map(|_| shard()).collect();
    }

    /// Runs a batch forward and backward, and leaves a gradient in each part.
    pub fn run(
        &mut self,
        model: &Sequential,
        batch: Batch<'_>,
        sizes: Sizes,
        partials: &mut [PartialGradient],
    ) -> Result<()> {
        self.forward(model, batch, sizes)?;
        self.backward(model, sizes, partials);
        Ok(())
    }

    /// Runs a batch forward.
    pub fn forward(&mut self, model: &Sequential, batch: Batch<'_>, sizes: Sizes) -> Result<()> {
        self.used = batch.len().div_ceil(sizes.shard);
        let Lockstep { shards, joints, used, .. } = self;
        let shards = &mut shards[..*used];
        for stage in 0..=joints.len() {
            let (before, after) = joints.split_at_mut(stage);
            let (before, after) = (before.last(), after.first_mut());
            let start = before.map_or(0, |joint| joint.node);
            let nodes = start..after.as_ref().map_or(model.layers().len(), |joint| joint.node);
            shards.par_iter_mut().enumerate().try_for_each(|(number, shard)| {
                let Shard { worker: Worker { workspace, augmenter }, n, sums, sample_sums } = shard;
                let places = batch.part(number, sizes.shard);
                match before {
                    None => {
                        *n = places.len();
                        batch.load(model, places.clone(), workspace, augmenter)?;
                    }
                    Some(Joint { node, forward, .. }) => {
                        model.set_forward_totals(*node, forward, workspace);
                    }
                }
                let mode = Mode::Train(batch.noise(places.start));
                model.forward_through(nodes.clone(), workspace, *n, mode);
                match &after {
                    None => {
                        let mixtures = &mut augmenter.mixtures;
                        *sample_sums = loss_and_gradient(model, workspace, batch, places, mixtures);
                    }
                    Some(Joint { node, forward, .. }) => {
                        let sums = &mut sums[..forward.len()];
                        sums.fill(0.0);
                        model.add_forward_sums(*node, workspace, *n, sums);
                    }
                }
                Result::<()>::Ok(())
            })?;
            if let Some(joint) = after {
                total(shards, &mut joint.forward);
            }
        }
        for Joint { forward, batches, .. } in joints {
            batches.extend_from_slice(forward);
        }
        self.batches += 1;
        Ok(())
    }

    fn backward(&mut self, model: &Sequential, sizes: Sizes, partials: &mut [PartialGradient]) {
        let Lockstep { shards, joints, used, .. } = self;
        let shards = &mut shards[..*used];
        let last = joints.len();
        for stage in (0..=last).rev() {
            let (before, after) = joints.split_at_mut(stage);
            let (before, after) = (before.last_mut(), after.first());
            // The joint before waits for the sums of this stage, and the one after has its own.
            let start = before.as_ref().map_or(0, |joint| joint.node + 1);
            let nodes = start..after.map_or(model.layers().len(), |joint| joint.node + 1);
            let chunks = shards.par_chunks_mut(sizes.partial / sizes.shard);
            partials.par_iter_mut().zip(chunks).with_max_len(1).for_each(|(partial, shards)| {
                if stage == last {
                    partial.clear();
                }
                for Shard { worker: Worker { workspace, .. }, n, sums, sample_sums } in shards {
                    match after {
                        None => partial.sums += *sample_sums,
                        Some(Joint { node, backward, .. }) => {
                            model.set_backward_totals(*node, backward, workspace);
                        }
                    }
                    model.backward_through(nodes.clone(), workspace, *n, &mut partial.gradient);
                    if let Some(Joint { node, backward, .. }) = &before {
                        let sums = &mut sums[..backward.len()];
                        sums.fill(0.0);
                        model.add_backward_sums(*node, workspace, *n, sums);
                    }
                }
                if stage == 0 {
                    partial.measure();
                }
            });
            if let Some(joint) = before {
                total(shards, &mut joint.backward);
            }
        }
    }

    /// Moves the statistics of the model towards those of each batch of the step, in order.
    pub fn update_statistics(&self, model: &mut Sequential) {
        for Joint { node, forward, batches, .. } in &self.joints {
            for batch in 0..self.batches {
                let totals = &batches[batch * forward.len()..][..forward.len()];
                model.update_statistics(*node, totals);
            }
        }
    }

    /// Begins a new step.
    pub fn clear(&mut self) {
        self.batches = 0;
        self.joints.iter_mut().for_each(|joint| joint.batches.clear());
    }

    /// Workspaces of the last batch, and the number of samples in each.
    pub fn shards(&self) -> impl Iterator<Item = (&Worker, usize)> {
        self.shards[..self.used].iter().map(|shard| (&shard.worker, shard.n))
    }
}

/// Adds up the sums of the shards as a tree.
fn total(shards: &mut [Shard], total: &mut [f64]) {
    for (to, from) in additions(shards.len()) {
        let (left, right) = shards.split_at_mut(from);
        let sums = left[to].sums[..total.len()].iter_mut();
        sums.zip(&right[0].sums).for_each(|(to, from)| *to += from);
    }
    match shards {
        [] => total.fill(0.0),
        [sum, ..] => total.copy_from_slice(&sum.sums[..total.len()]),
    }
}
