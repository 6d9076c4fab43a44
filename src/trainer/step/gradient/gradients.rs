//! The partial gradients of a step, and the threads that compute them.

use std::sync::Mutex;

use rayon::prelude::*;

use super::batch::Batch;
use super::lockstep::Lockstep;
use super::partial::{PartialGradient, Partials};
use super::shard::Worker;
use super::sizes::Sizes;
use super::totals::StepTotals;
use crate::error::Result;
use crate::sequential::Sequential;

/// Buffers for the gradient of a step.
pub(crate) struct Gradients {
    pub(super) workers: Workers,
    /// Number of samples of a batch, and of threads, that the buffers suffice for.
    room: (usize, usize),
    pub(super) sizes: Sizes,
    pub partials: Partials,
    /// Number of partial gradients of the last batch.
    pub(super) last: usize,
    totals: StepTotals,
}

/// Who takes shards through the model.
pub(super) enum Workers {
    /// Threads, one shard after another, each in buffers of its own. A thread only tries to lock
    /// these, so none ever waits.
    Independent(Vec<Mutex<Worker>>),
    /// All shards in lockstep, each in buffers of its own.
    Lockstep(Lockstep),
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

    /// Sums over the samples of the step so far.
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
        self.measure();
        Ok(())
    }
}
