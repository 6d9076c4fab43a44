//! First half of a step: from samples to partial gradients.
//!
//! A batch is cut twice, and both cuts depend on the model alone, never on the number of threads:
//!
//! ```text
//! batch            = partial gradients   each has a vector of its own; a thread takes one at a time
//! partial gradient = shards              a few samples that go forward and backward in the cache
//! ```
//!
//! Shards add to their partial gradient one after another. That is a left fold, so a partial gradient
//! is what one process computes as a whole. Everything above it is summed as a
//! [tree](crate::kernels::tree), so that any number of processes could share a batch: the partial
//! gradients, their losses and weights, and the sums that a batch normalization takes over all shards
//! (a partial gradient has a power of two of them).
//!
//! The gradient is that of `Σ weight·loss`. The division by `Σ weight` follows when the sum is
//! complete: no part has to know what the others weigh.

mod batch;
mod diagnosis;
mod lockstep;
mod mixtures;
pub(super) mod partial;
mod shard;
#[cfg(test)]
mod tests;

use std::sync::Mutex;

use rayon::prelude::*;

use crate::error::Result;
use crate::kernels::simd::arch;
use crate::kernels::tree::TreeSum;
use crate::loss::weighted_mean;
use crate::sequential::Sequential;
pub(crate) use batch::{Augmented, Batch};
use lockstep::Lockstep;
use partial::{PartialGradient, Partials};
use shard::Worker;

/// Buffers for the gradient of a step.
pub(super) struct Gradients {
    workers: Workers,
    /// Number of samples of a batch, and of threads, that the buffers suffice for.
    room: (usize, usize),
    sizes: Sizes,
    pub partials: Partials,
    /// Number of partial gradients of the last batch.
    last: usize,
    totals: StepTotals,
}

/// Who takes shards through the model.
enum Workers {
    /// Threads, one shard after another, each in buffers of its own. A thread only tries to lock
    /// these, so none ever waits.
    Independent(Vec<Mutex<Worker>>),
    /// All shards in lockstep, each in buffers of its own.
    Lockstep(Lockstep),
}

/// Numbers of samples.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    /// Samples of a shard.
    pub shard: usize,
    /// Samples of a partial gradient: a multiple of the above.
    pub partial: usize,
}

/// Sums over the samples of a step so far.
#[derive(Clone, Copy)]
pub(crate) struct StepTotals {
    pub samples: usize,
    pub correct: usize,
    loss: TreeSum,
    weight: TreeSum,
    /// No number of the gradient can be larger.
    bound: f64,
}

impl StepTotals {
    const ZERO: StepTotals = StepTotals {
        samples: 0,
        correct: 0,
        loss: TreeSum::ZERO,
        weight: TreeSum::ZERO,
        bound: 0.0,
    };

    fn add(&mut self, partial: &PartialGradient) {
        self.loss.push(partial.sums.loss);
        self.weight.push(partial.sums.weight);
        self.correct += partial.sums.correct;
        self.bound += f64::from(partial.largest);
    }

    /// Σ weight·loss
    pub fn loss(&self) -> f64 {
        self.loss.total()
    }

    /// Σ weight
    pub fn weight(&self) -> f64 {
        self.weight.total()
    }

    /// The weighted mean of the loss.
    pub fn mean_loss(&self) -> f64 {
        weighted_mean(self.loss(), self.weight())
    }

    /// Factor that makes the sum of the partial gradients the gradient of the mean loss: 0 if all
    /// samples have weight 0.
    pub fn scale(&self) -> f32 {
        if self.weight() > 0.0 { (1.0 / self.weight()) as f32 } else { 0.0 }
    }

    /// Reports whether all of the loss and of the gradient is finite, and not near the end of what a
    /// float can hold. Asked of the partial gradients, because a pass over their sum would read it
    /// once more.
    pub fn is_finite(&self) -> bool {
        self.loss().is_finite() && self.bound <= f64::from(f32::MAX / 2.0)
    }
}

impl Sizes {
    fn new(model: &Sequential) -> Self {
        let shard = model.shard_size();
        // Adding up the vectors costs memory traffic that grows with the parameters, so large models
        // have larger parts; small ones have more parts, for more threads.
        let partial = (model.param_count() / 3072).clamp(8, 64).next_power_of_two();
        Sizes { shard, partial: partial.next_multiple_of(shard) }
    }
}

impl Gradients {
    pub fn new(model: &Sequential) -> Self {
        Gradients {
            workers: match Lockstep::new(model) {
                Some(lockstep) => Workers::Lockstep(lockstep),
                None => Workers::Independent(Vec::new()),
            },
            room: (0, 0),
            sizes: Sizes::new(model),
            partials: Partials::new(model.param_count()),
            last: 0,
            totals: StepTotals::ZERO,
        }
    }

    /// What the samples of the step come to so far.
    pub fn totals(&self) -> &StepTotals {
        &self.totals
    }

    /// Runs a batch forward and backward, and adds its partial gradients to those of the step.
    pub fn add(&mut self, model: &Sequential, batch: Batch<'_>) -> Result<()> {
        self.reserve(model, batch.len());
        let Gradients { workers, sizes, partials, last, totals, .. } = self;
        *last = batch.len().div_ceil(sizes.partial);
        let partials = partials.append(*last);
        match workers {
            Workers::Independent(workers) => {
                let numbered = partials.par_iter_mut().enumerate().with_max_len(1);
                numbered.try_for_each(|(number, partial)| {
                    partial.run(model, batch, number, *sizes, workers)
                })?;
            }
            Workers::Lockstep(lockstep) => lockstep.run(model, batch, *sizes, partials)?,
        }
        partials.iter().for_each(|partial| totals.add(partial));
        totals.samples += batch.len();
        Ok(())
    }

    /// Begins a new step.
    pub fn clear(&mut self) {
        self.partials.clear();
        self.totals = StepTotals::ZERO;
        if let Workers::Lockstep(lockstep) = &mut self.workers {
            lockstep.clear();
        }
    }

    /// Makes room for a batch of so many samples, on the threads of the current pool.
    fn reserve(&mut self, model: &Sequential, samples: usize) {
        let threads = rayon::current_num_threads();
        if samples <= self.room.0 && threads <= self.room.1 {
            return;
        }
        self.room = (samples.max(self.room.0), threads.max(self.room.1));
        let (samples, threads) = self.room;
        let max_batch = self.sizes.shard.min(samples);
        match &mut self.workers {
            Workers::Independent(workers) => {
                let worker = || Mutex::new(Worker::new(model, max_batch));
                *workers = (0..threads).map(|_| worker()).collect();
            }
            Workers::Lockstep(lockstep) => {
                lockstep.reserve(model, samples.div_ceil(self.sizes.shard), max_batch);
            }
        }
    }

    /// Reports whether layers keep statistics of the batches that they see.
    pub fn keeps_statistics(&self) -> bool {
        matches!(self.workers, Workers::Lockstep(_))
    }

    /// Moves the statistics of the model towards those of each batch of the step.
    pub fn update_statistics(&self, model: &mut Sequential) {
        if let Workers::Lockstep(lockstep) = &self.workers {
            lockstep.update_statistics(model);
        }
    }

    /// Moves the statistics of the model towards those of one more batch, and changes nothing else.
    pub fn measure_statistics(&mut self, model: &mut Sequential, batch: Batch<'_>) -> Result<()> {
        self.reserve(model, batch.len());
        if let Workers::Lockstep(lockstep) = &mut self.workers {
            lockstep.forward(model, batch, self.sizes)?;
            lockstep.update_statistics(model);
            lockstep.clear();
        }
        Ok(())
    }
}

impl PartialGradient {
    /// Takes part `number` of a batch, shard by shard, through the model.
    fn run(
        &mut self,
        model: &Sequential,
        batch: Batch<'_>,
        number: usize,
        sizes: Sizes,
        workers: &[Mutex<Worker>],
    ) -> Result<()> {
        let places = batch.part(number, sizes.partial);
        let index = rayon::current_thread_index().unwrap_or(0);
        let mut spare;
        let mut own = workers.get(index).and_then(|worker| worker.try_lock().ok());
        let worker = match &mut own {
            Some(own) => &mut **own,
            // A layer or data set that is parallel itself waits, within the part that this thread has
            // begun, and rayon gave the thread this part meanwhile.
            None => {
                spare = Worker::new(model, sizes.shard.min(places.len()));
                &mut spare
            }
        };
        self.clear();
        for start in places.clone().step_by(sizes.shard) {
            let shard = start..places.end.min(start + sizes.shard);
            self.sums += worker.add_gradient(model, batch, shard, &mut self.gradient)?;
        }
        self.largest = largest(&self.gradient);
        Ok(())
    }
}

/// Returns the largest magnitude in a vector; infinite if one of its numbers is not a number.
fn largest(values: &[f32]) -> f32 {
    // Without its sign, a float orders as its bits do, and NaN comes above infinity.
    let magnitude = |value: &f32| value.to_bits() & (u32::MAX >> 1);
    let bits = arch().dispatch(
        #[inline(always)]
        || values.iter().fold(0, |most, value| most.max(magnitude(value))),
    );
    f32::from_bits(bits.min(f32::INFINITY.to_bits()))
}
