//! One training step: a batch in, better parameters out.
//!
//! A batch is cut twice, and both cuts depend on the model alone, never on the number of threads:
//!
//! ```text
//! batch  = groups   each has a gradient vector of its own; a thread takes one group at a time
//! group  = shards   a few samples that go forward and backward while they are in the cache
//! ```
//!
//! Within a group, the gradients of its shards add up in order, and then those of the groups do.
//! So any number of threads gives the same bits. A worker reuses one workspace for all its shards,
//! unless a layer couples the samples of a batch: then every shard keeps its own, and they go
//! through the model in step (`lockstep.rs`).

mod batch;
mod lockstep;
mod max_norm;
mod norms;
mod pass;
mod segments;
mod shard;
#[cfg(test)]
mod tests;
mod update;

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::error::Result;
use crate::kernels::aligned::Aligned;
use crate::layer::{Mode, Noise};
use crate::optim::Optimizer;
use crate::sequential::Sequential;
use crate::sequential::workspace::Workspace;
pub(crate) use batch::{Augmented, Batch};
use lockstep::Lockstep;
pub(crate) use shard::{ShardResult, add_gradient};
pub(crate) use update::Rules;
use update::{Updater, largest};

/// The buffers of a training run.
pub(crate) struct Stepper {
    workers: Workers,
    groups: Vec<Group>,
    shard_size: usize,
    group_size: usize,
    /// How many groups the last batch had.
    used: usize,
    updater: Updater,
}

/// How shards go through the model.
enum Workers {
    /// Each by itself, in the workspace of a thread. A thread only tries to lock its own, so nobody
    /// ever waits.
    Free(Vec<Mutex<Workspace>>),
    /// In step, each in a workspace of its own.
    Lockstep(Lockstep),
}

/// A fixed part of a batch, and what came of it.
struct Group {
    gradient: Aligned,
    result: ShardResult,
    /// The largest magnitude in the gradient.
    largest: f32,
}

/// What a batch came to, before the step.
pub(crate) struct BatchResult {
    /// The weighted sum over its samples.
    pub loss: f64,
    pub correct: usize,
    /// Whether all of the gradient is, and not near the end of what a float can hold.
    pub finite: bool,
}

impl Stepper {
    pub fn new(model: &Sequential, rules: &Rules<'_>, batch_size: usize, threads: usize) -> Self {
        let shard_size = model.shard_size();
        let group_size = model.group_size().next_multiple_of(shard_size);
        let params = model.param_count();
        let room = shard_size.min(batch_size);
        let workers = match model.coupled().next() {
            None => {
                let own = || Mutex::new(Workspace::new(model, room));
                Workers::Free((0..threads).map(|_| own()).collect())
            }
            Some(_) => {
                Workers::Lockstep(Lockstep::new(model, batch_size.div_ceil(shard_size), room))
            }
        };
        let group = || Group {
            gradient: Aligned::zeros(params),
            result: ShardResult::default(),
            largest: 0.0,
        };
        Stepper {
            workers,
            groups: (0..batch_size.div_ceil(group_size)).map(|_| group()).collect(),
            shard_size,
            group_size,
            used: 0,
            updater: Updater::new(model, rules),
        }
    }

    /// Runs a batch forward and backward, and leaves a gradient in each group.
    pub fn gradient(&mut self, model: &Sequential, batch: Batch<'_>) -> Result<BatchResult> {
        self.used = batch.len().div_ceil(self.group_size);
        let Stepper { workers, groups, shard_size, group_size, used, .. } = self;
        let groups = &mut groups[..*used];
        match workers {
            Workers::Free(workspaces) => {
                let groups = groups.par_iter_mut().enumerate().with_max_len(1);
                groups.try_for_each(|(number, group)| {
                    let places = batch.part(number, *group_size);
                    group.run(model, batch, places, *shard_size, workspaces)
                })?;
            }
            Workers::Lockstep(lockstep) => {
                lockstep.run(model, batch, groups, *shard_size, *group_size)?;
            }
        }
        let loss = groups.iter().map(|group| group.result.loss).sum();
        let correct = groups.iter().map(|group| group.result.correct).sum();
        // No sum of these can overflow. Summed here, the gradient would be read once more.
        let finite = groups.iter().all(|group| group.largest <= f32::MAX / *used as f32);
        Ok(BatchResult { loss, correct, finite })
    }

    /// Steps along the gradient of the last batch.
    pub fn update(&mut self, model: &mut Sequential, optimizer: &dyn Optimizer, lr: f32) {
        if let Workers::Lockstep(lockstep) = &self.workers {
            lockstep.update_statistics(model);
        }
        let Stepper { groups, used, updater, .. } = self;
        model.update(|params| updater.step(optimizer, lr, params, &mut groups[..*used]));
    }

    /// What the optimizer remembers: its moments, the number of its steps, and its own number.
    pub fn remembered(&self) -> (&[Vec<f32>; 3], u64, f64) {
        self.updater.remembered()
    }

    /// Lets it go on with what another remembered.
    pub fn remember(&mut self, moments: [Vec<f32>; 3], steps: u64, memory: f64) {
        self.updater.remember(moments, steps, memory);
    }

    /// Whether layers keep statistics of the batches that they see.
    pub fn keeps_statistics(&self) -> bool {
        matches!(self.workers, Workers::Lockstep(_))
    }

    /// Lets these statistics follow one more batch, and changes nothing else.
    pub fn measure_statistics(&mut self, model: &mut Sequential, batch: Batch<'_>) -> Result<()> {
        if let Workers::Lockstep(lockstep) = &mut self.workers {
            lockstep.forward(model, batch, self.shard_size)?;
            lockstep.update_statistics(model);
        }
        Ok(())
    }

    /// Where the first number of the last batch that is not finite is: in the input, the output of
    /// a layer, the loss, or the gradient of a layer.
    pub fn culprit(&self, model: &Sequential, batch: Batch<'_>) -> Result<String> {
        let layer = |index: usize| format!("layer {index}, {}", model.nodes[index].name);
        if let Some(boundary) = self.first_not_finite(model, batch)? {
            return Ok(match boundary.checked_sub(1) {
                None => "the input".to_string(),
                Some(index) => format!("the output of {}", layer(index)),
            });
        }
        let is_bad = |values: &[f32]| values.iter().any(|value| !value.is_finite());
        let used = &self.groups[..self.used];
        let bad = |range: &Range<usize>| used.iter().any(|g| is_bad(&g.gradient[range.clone()]));
        Ok(match (0..model.nodes.len()).find(|&i| bad(&model.nodes[i].params)) {
            Some(index) => format!("the gradient of {}", layer(index)),
            None => format!("the loss, {}, or a target", batch.loss.name()),
        })
    }

    /// The first boundary of the model where something is not finite.
    fn first_not_finite(&self, model: &Sequential, batch: Batch<'_>) -> Result<Option<usize>> {
        let workspaces = match &self.workers {
            Workers::Lockstep(lockstep) => return Ok(lockstep.first_not_finite(model)),
            Workers::Free(workspaces) => workspaces,
        };
        // A shard's activations have been written over by the next one's.
        let mut workspace = workspaces[0].lock().unwrap_or_else(PoisonError::into_inner);
        for shard in 0..batch.len().div_ceil(self.shard_size) {
            let places = batch.part(shard, self.shard_size);
            let (n, noise) = (places.len(), Noise::new(batch.key, places.start));
            batch.load(places, &mut workspace)?;
            model.forward(&mut workspace, n, Mode::Train(noise));
            let bad = model.first_not_finite(&workspace, n);
            if bad.is_some() {
                return Ok(bad);
            }
        }
        Ok(None)
    }
}

impl Group {
    /// Takes the samples at these places of the batch, shard by shard, through the model.
    fn run(
        &mut self,
        model: &Sequential,
        batch: Batch<'_>,
        places: Range<usize>,
        shard_size: usize,
        workspaces: &[Mutex<Workspace>],
    ) -> Result<()> {
        let worker = rayon::current_thread_index().unwrap_or(0);
        let mut spare;
        let mut own = workspaces[worker].try_lock();
        let workspace = match &mut own {
            Ok(own) => &mut **own,
            // A layer or data set that is parallel itself waits, within the group that this thread
            // has in hand, and rayon gave the thread this group meanwhile.
            Err(_) => {
                spare = Workspace::new(model, shard_size.min(places.len()));
                &mut spare
            }
        };
        self.clear();
        for start in places.clone().step_by(shard_size) {
            let shard = start..(start + shard_size).min(places.end);
            let mode = Mode::Train(Noise::new(batch.key, start));
            let gradient = &mut self.gradient;
            self.result += add_gradient(model, workspace, batch, shard, mode, gradient)?;
        }
        self.largest = largest(&self.gradient);
        Ok(())
    }

    fn clear(&mut self) {
        self.gradient.fill(0.0);
        self.result = ShardResult::default();
    }
}
