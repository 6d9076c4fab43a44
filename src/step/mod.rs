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
//! So any number of threads gives the same bits.
//! A worker reuses one workspace for all its shards.

mod update;

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::aligned::Aligned;
use crate::data::{Dataset, Target};
use crate::layer::{Mode, Noise};
use crate::loss::Loss;
use crate::optim::Optimizer;
use crate::random::Key;
use crate::sequential::{Sequential, len};
use crate::workspace::Workspace;
use update::{Step, largest};

/// The buffers of a training run.
pub(crate) struct Stepper {
    /// One for each thread; a thread only tries to lock its own, so nobody ever waits.
    workspaces: Vec<Mutex<Workspace>>,
    groups: Vec<Group>,
    shard_size: usize,
    group_size: usize,
    /// How many groups the last batch had.
    used: usize,
    /// The optimizer's moments, and how many steps it has made.
    moments: [Vec<f32>; 2],
    steps: u64,
}

/// A fixed part of a batch, and what came of it.
struct Group {
    gradient: Aligned,
    loss: f64,
    correct: usize,
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

/// What a shard adds to that.
pub(crate) struct ShardResult {
    pub loss: f64,
    pub correct: usize,
}

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

impl Stepper {
    pub fn new(
        model: &Sequential,
        optimizer: &dyn Optimizer,
        batch_size: usize,
        threads: usize,
    ) -> Self {
        let shard_size = model.shard_size();
        let group_size = model.group_size().next_multiple_of(shard_size);
        let params = model.param_count();
        let moments = optimizer.moments();
        Stepper {
            workspaces: (0..threads)
                .map(|_| Mutex::new(Workspace::new(model, shard_size.min(batch_size))))
                .collect(),
            groups: (0..batch_size.div_ceil(group_size))
                .map(|_| Group {
                    gradient: Aligned::zeros(params),
                    loss: 0.0,
                    correct: 0,
                    largest: 0.0,
                })
                .collect(),
            shard_size,
            group_size,
            used: 0,
            moments: [0, 1].map(|i| vec![0.0; if i < moments { params } else { 0 }]),
            steps: 0,
        }
    }

    /// Runs a batch forward and backward, and leaves a gradient in each group.
    pub fn gradient(&mut self, model: &Sequential, batch: Batch<'_>) -> BatchResult {
        self.used = batch.indices.len().div_ceil(self.group_size);
        let Stepper { workspaces, groups, shard_size, group_size, .. } = self;
        let parts = batch.indices.par_chunks(*group_size);
        groups.par_iter_mut().zip(parts).enumerate().with_max_len(1).for_each(
            |(number, (group, indices))| {
                let worker = rayon::current_thread_index().unwrap_or(0);
                let mut spare;
                let mut own = workspaces[worker].try_lock();
                let workspace = match &mut own {
                    Ok(own) => &mut **own,
                    // A layer or data set that is parallel itself waits, within the group that
                    // this thread has in hand, and rayon gave the thread this group meanwhile.
                    Err(_) => {
                        spare = Workspace::new(model, (*shard_size).min(indices.len()));
                        &mut spare
                    }
                };
                group.gradient.fill(0.0);
                (group.loss, group.correct) = (0.0, 0);
                for (shard, indices) in indices.chunks(*shard_size).enumerate() {
                    let first = number * *group_size + shard * *shard_size;
                    let mode = Mode::Train(Noise::new(batch.key, first));
                    let gradient = &mut group.gradient;
                    let result = add_gradient(model, workspace, batch, indices, mode, gradient);
                    group.loss += result.loss;
                    group.correct += result.correct;
                }
                group.largest = largest(&group.gradient);
            },
        );
        let used = &groups[..batch.indices.len().div_ceil(*group_size)];
        let loss = used.iter().map(|group| group.loss).sum();
        let correct = used.iter().map(|group| group.correct).sum();
        // No sum of these can overflow. Summed here, the gradient would be read once more.
        let finite = used.iter().all(|group| group.largest <= f32::MAX / used.len() as f32);
        BatchResult { loss, correct, finite }
    }

    /// Steps along the gradient of the last batch.
    pub fn update(&mut self, model: &mut Sequential, optimizer: &dyn Optimizer, lr: f32) {
        self.steps += 1;
        let step = Step { optimizer, t: self.steps, lr };
        let [m, v] = &mut self.moments;
        if let Some((sum, others)) = self.groups[..self.used].split_first_mut() {
            model.update(|params| step.run(0, params, &mut sum.gradient, others, [m, v]));
        }
    }

    /// Where the first number of the last batch that is not finite is: in the input, the output of
    /// a layer, the loss, or the gradient of a layer.
    pub fn culprit(&self, model: &Sequential, batch: Batch<'_>) -> String {
        let is_bad = |values: &[f32]| values.iter().any(|value| !value.is_finite());
        let layer = |index: usize| format!("layer {index}, {}", model.nodes[index].name);
        let mut workspace = self.workspaces[0].lock().unwrap_or_else(PoisonError::into_inner);
        for (shard, indices) in batch.indices.chunks(self.shard_size).enumerate() {
            let noise = Noise::new(batch.key, shard * self.shard_size);
            load(batch.data, indices, &mut workspace);
            model.forward(&mut workspace, indices.len(), Mode::Train(noise));
            let sizes = model.activation_sizes().zip(&workspace.activations);
            for (index, (size, values)) in sizes.enumerate() {
                if is_bad(&values[..indices.len() * size]) {
                    return match index.checked_sub(1) {
                        None => "the input".to_string(),
                        Some(index) => format!("the output of {}", layer(index)),
                    };
                }
            }
        }
        let used = &self.groups[..self.used];
        let bad = |range: &Range<usize>| used.iter().any(|g| is_bad(&g.gradient[range.clone()]));
        match (0..model.nodes.len()).find(|&i| bad(&model.nodes[i].params)) {
            Some(index) => format!("the gradient of {}", layer(index)),
            None => format!("the loss, {}, or a target", batch.loss.name()),
        }
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

    let size = len(model.output_shape());
    let Workspace { activations, dy, .. } = workspace;
    let outputs = activations[model.buffer(model.nodes.len())].chunks_exact(size);
    let mut result = ShardResult { loss: 0.0, correct: 0 };
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
    model.backward(workspace, indices.len(), gradient);
    result
}

/// Fills the workspace's input with these samples.
pub(crate) fn load(data: &dyn Dataset, indices: &[usize], workspace: &mut Workspace) {
    let size = workspace.input_size();
    for (x, &index) in workspace.activations[0].chunks_mut(size).zip(indices) {
        data.input(index, x);
    }
}
