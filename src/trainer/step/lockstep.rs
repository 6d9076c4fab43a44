//! Shards in step, for models with layers that couple the samples of a batch.
//!
//! Such a layer ends a part of the model: all shards run up to it, their sums are added up in order,
//! and with the total all of them go on. So every shard keeps its activations until the way back,
//! in a workspace of its own, where otherwise a thread's shards share one: the price of exact batch
//! statistics is memory for the whole batch.

use rayon::prelude::*;

use super::shard::{ShardResult, compare};
use super::{Batch, Group, largest};
use crate::error::Result;
use crate::layer::{Mode, Noise};
use crate::sequential::workspace::Workspace;
use crate::sequential::{Sequential, Way};

/// The shards of a batch.
pub(super) struct Lockstep {
    shards: Vec<Shard>,
    joints: Vec<Joint>,
    /// How many shards the last batch had.
    used: usize,
}

/// Some samples on their way through the model.
struct Shard {
    workspace: Workspace,
    n: usize,
    /// What it adds to the sums of the joint at hand.
    sums: Vec<f64>,
    result: ShardResult,
}

/// A node that waits for all shards.
struct Joint {
    node: usize,
    /// The totals, forward and backward.
    forward: Vec<f64>,
    backward: Vec<f64>,
}

impl Lockstep {
    pub fn new(model: &Sequential, shards: usize, shard_size: usize) -> Self {
        let joints: Vec<Joint> = model
            .coupled()
            .map(|(node, len)| Joint { node, forward: vec![0.0; len], backward: vec![0.0; len] })
            .collect();
        let longest = joints.iter().map(|joint| joint.forward.len()).max().unwrap_or(0);
        let shard = || Shard {
            workspace: Workspace::new(model, shard_size),
            n: 0,
            sums: vec![0.0; longest],
            result: ShardResult::default(),
        };
        let shards: Vec<Shard> = (0..shards).map(|_| shard()).collect();
        Lockstep { shards, joints, used: 0 }
    }

    /// Runs a batch forward and backward, and leaves a gradient in each group.
    pub fn run(
        &mut self,
        model: &Sequential,
        batch: Batch<'_>,
        groups: &mut [Group],
        shard_size: usize,
        group_size: usize,
    ) -> Result<()> {
        self.forward(model, batch, shard_size)?;
        self.backward(model, groups, group_size / shard_size);
        Ok(())
    }

    /// Runs a batch forward.
    pub fn forward(
        &mut self,
        model: &Sequential,
        batch: Batch<'_>,
        shard_size: usize,
    ) -> Result<()> {
        self.used = batch.len().div_ceil(shard_size);
        let Lockstep { shards, joints, used } = self;
        let shards = &mut shards[..*used];
        for part in 0..=joints.len() {
            let (behind, ahead) = joints.split_at_mut(part);
            let (behind, ahead) = (behind.last(), ahead.first_mut());
            let start = behind.map_or(0, |joint| joint.node);
            let nodes = start..ahead.as_ref().map_or(model.nodes.len(), |joint| joint.node);
            shards.par_iter_mut().enumerate().try_for_each(|(number, shard)| {
                let Shard { workspace, n, sums, result } = shard;
                let places = batch.part(number, shard_size);
                match behind {
                    None => {
                        *n = places.len();
                        batch.load(places.clone(), workspace)?;
                    }
                    Some(Joint { node, forward, .. }) => {
                        model.take_sums(*node, Way::Forward, forward, workspace);
                    }
                }
                let mode = Mode::Train(Noise::new(batch.key, places.start));
                model.forward_through(nodes.clone(), workspace, *n, mode);
                match &ahead {
                    None => *result = compare(model, workspace, batch, places),
                    Some(Joint { node, forward, .. }) => {
                        let sums = &mut sums[..forward.len()];
                        sums.fill(0.0);
                        model.add_forward_sums(*node, workspace, *n, sums);
                    }
                }
                Result::<()>::Ok(())
            })?;
            if let Some(joint) = ahead {
                total(shards, &mut joint.forward);
            }
        }
        Ok(())
    }

    fn backward(&mut self, model: &Sequential, groups: &mut [Group], shards_each: usize) {
        let Lockstep { shards, joints, used } = self;
        let shards = &mut shards[..*used];
        let last = joints.len();
        for part in (0..=last).rev() {
            let (behind, ahead) = joints.split_at_mut(part);
            let (behind, ahead) = (behind.last_mut(), ahead.first());
            // The node behind waits for the sums of this part, and the one ahead has its own.
            let start = behind.as_ref().map_or(0, |joint| joint.node + 1);
            let nodes = start..ahead.map_or(model.nodes.len(), |joint| joint.node + 1);
            let chunks = shards.par_chunks_mut(shards_each);
            groups.par_iter_mut().zip(chunks).with_max_len(1).for_each(|(group, shards)| {
                if part == last {
                    group.clear();
                }
                for Shard { workspace, n, sums, result } in shards {
                    match ahead {
                        None => group.result += *result,
                        Some(Joint { node, backward, .. }) => {
                            model.take_sums(*node, Way::Backward, backward, workspace);
                        }
                    }
                    model.backward_through(nodes.clone(), workspace, *n, &mut group.gradient);
                    if let Some(Joint { node, backward, .. }) = &behind {
                        let sums = &mut sums[..backward.len()];
                        sums.fill(0.0);
                        model.add_backward_sums(*node, workspace, *n, sums);
                    }
                }
                if part == 0 {
                    group.largest = largest(&group.gradient);
                }
            });
            if let Some(joint) = behind {
                total(shards, &mut joint.backward);
            }
        }
    }

    /// Lets the statistics of the model follow the last batch.
    pub fn update_statistics(&self, model: &mut Sequential) {
        for Joint { node, forward, .. } in &self.joints {
            model.update_statistics(*node, forward);
        }
    }

    /// The first boundary where an activation of the last batch is not finite.
    pub fn first_not_finite(&self, model: &Sequential) -> Option<usize> {
        let shards = self.shards[..self.used].iter();
        shards.filter_map(|shard| model.first_not_finite(&shard.workspace, shard.n)).min()
    }
}

/// Adds up the shards' sums, in order.
fn total(shards: &[Shard], total: &mut [f64]) {
    total.fill(0.0);
    for shard in shards {
        for (total, sum) in total.iter_mut().zip(&shard.sums) {
            *total += sum;
        }
    }
}
