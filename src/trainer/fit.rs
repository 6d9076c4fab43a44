//! The loop of a run: epochs of steps, what is measured after each, and the calls of callbacks.

use std::thread;

use super::prefetch::Prefetch;
use super::run::Totals;
use super::step::{Augmented, Batch, NotFinite, Stepper};
use super::stream::RunStream;
use super::{Moment, Run, SavePoint, Trainer};
use crate::clock::Stopwatch;
use crate::data::Dataset;
use crate::error::{Result, TrainError};
use crate::metrics::{Epoch, History};
use crate::optim::schedule::Progress;
use crate::random::Key;
use crate::sequential::Sequential;
use crate::trainer::callbacks::Callback;

/// A run's callbacks, in the order in which they were added.
pub(super) type Callbacks<'a> = [Box<dyn Callback + 'a>];

impl Trainer<'_> {
    /// Runs all of it, on a thread of the pool.
    pub(super) fn run(
        &self,
        callbacks: &mut Callbacks<'_>,
        model: &mut Sequential,
        data: &dyn Dataset,
    ) -> Result<History> {
        let mut run = Run::new(self, model, data);
        if let Some(path) = &self.resume {
            run.restore(path, callbacks)?;
        }
        each(callbacks, |callback| callback.check(&run))?;
        // However it ends, the run is saved as it is then, the model gets its final weights, and all
        // callbacks are called. The first error is the one that counts.
        let result = each(callbacks, |callback| callback.begin(&mut run)).and_then(|()| {
            let result = self.epochs_of(&mut run, callbacks, data);
            result.and(save(&run, callbacks, Moment::End))
        });
        let result = result.and_then(|()| self.take_average(&mut run, data));
        if let Err(error) = &result {
            run.fail(error);
        }
        let ends = callbacks.iter_mut().map(|callback| callback.end(&mut run));
        ends.fold(result, Result::and)?;
        Ok(run.history)
    }

    /// Runs the epochs that are left.
    fn epochs_of(
        &self,
        run: &mut Run<'_>,
        callbacks: &mut Callbacks<'_>,
        data: &dyn Dataset,
    ) -> Result<()> {
        let mut order: Vec<usize> = Vec::with_capacity(data.len());
        while run.epoch <= self.epochs && run.stopped().is_none() {
            let key = self.order_of(run.epoch, data, &mut order);
            self.steps_of(run, callbacks, data, &order, key)?;
            if run.stopped().is_none() {
                self.end_epoch(run, callbacks, data)?;
                save(run, callbacks, Moment::Epoch)?;
            }
        }
        Ok(())
    }

    /// Makes the steps that are left of an epoch.
    fn steps_of(
        &self,
        run: &mut Run<'_>,
        callbacks: &mut Callbacks<'_>,
        data: &dyn Dataset,
        order: &[usize],
        key: Key,
    ) -> Result<()> {
        thread::scope(|scope| {
            let done = run.batch.saturating_mul(self.accumulate);
            let batches = order.chunks(self.batch_size).skip(done);
            let mut prefetch = Prefetch::new(scope, data, batches);
            for indices in order.chunks(run.batch_size()).skip(run.batch) {
                let start = Stopwatch::start();
                let step = self.samples_of(run.model, data, indices, (key, run.batch));
                self.step(run, step, &mut prefetch)?;
                run.totals.seconds += start.elapsed().as_secs_f64();
                run.batch += 1;
                each(callbacks, |callback| callback.batch(run))?;
                save(run, callbacks, Moment::Batch)?;
                if run.stopped().is_some() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Makes one step of the optimizer.
    fn step(&self, run: &mut Run<'_>, step: Batch<'_>, prefetch: &mut Prefetch) -> Result<()> {
        let not_finite = self.accumulate_batches(&mut run.stepper, run.model, step, prefetch)?;
        if let Some(NotFinite { loss, culprit }) = not_finite {
            let (epoch, batch) = (run.epoch, run.batch + 1);
            return Err(TrainError::NotFinite { loss, epoch, batch, culprit }.into());
        }
        let lr = self.schedule.factor(&self.progress_of(run)) * self.optimizer.learning_rate();
        if !lr.is_finite() {
            let (came, wanted) = (lr.to_string(), "a finite number");
            let setting = "the scheduled learning rate";
            return Err(TrainError::Setting { setting, came, wanted }.into());
        }
        run.totals.add(run.stepper.totals(), lr);
        run.stepper.step(run.model, lr);
        if let Some(average) = &mut run.average {
            average.step(run.model);
        }
        Ok(())
    }

    /// Adds the gradients of the batches of a step. Returns what is not finite, if something is.
    pub(super) fn accumulate_batches(
        &self,
        stepper: &mut Stepper,
        model: &Sequential,
        step: Batch<'_>,
        prefetch: &mut Prefetch,
    ) -> Result<Option<NotFinite>> {
        for batch in step.batches(self.batch_size) {
            let not_finite = stepper.add(model, batch.prefetched(prefetch.next()?))?;
            if not_finite.is_some() {
                return Ok(not_finite);
            }
        }
        Ok(None)
    }

    /// The samples of a step, given the key of the epoch and the number of the step in it.
    pub(super) fn samples_of<'a>(
        &'a self,
        model: &Sequential,
        data: &'a dyn Dataset,
        indices: &'a [usize],
        (epoch, number): (Key, usize),
    ) -> Batch<'a> {
        let key = epoch.fold(RunStream::Step as u64).fold(number as u64);
        let augmented = Augmented::new(self.augment.as_ref(), model, epoch);
        Batch::new(data, indices, &*self.loss, key).augmented(augmented)
    }

    /// Progress of a run, for the schedule.
    fn progress_of<'r>(&self, run: &'r Run<'_>) -> Progress<'r> {
        let finished = run.history.epochs.len();
        let seen = (run.batch * run.batch_size()) as f32 / run.samples() as f32;
        Progress {
            // In a run of many millions of steps, the last would round to 1.
            done: ((finished as f32 + seen) / self.epochs as f32).min(1f32.next_down()),
            epoch: finished,
            epochs: self.epochs,
            history: &run.history.epochs,
        }
    }

    /// Measures how an epoch went, and calls the callbacks.
    fn end_epoch(
        &self,
        run: &mut Run<'_>,
        callbacks: &mut Callbacks<'_>,
        data: &dyn Dataset,
    ) -> Result<()> {
        if let Some(average) = &mut run.average {
            average.epoch(run.model, run.epoch as f32 / self.epochs as f32);
        }
        self.take_average(run, data)?;
        let told = self.measure(run, data).and_then(|epoch| {
            run.history.epochs.push(epoch);
            run.epoch += 1;
            run.batch = 0;
            run.totals = Totals { lr: run.totals.lr, ..Totals::default() };
            each(callbacks, |callback| callback.epoch(run))
        });
        run.average.iter_mut().for_each(|average| average.swap(run.model));
        told
    }

    /// Builds the history entry of the current epoch, which is over.
    fn measure(&self, run: &mut Run<'_>, data: &dyn Dataset) -> Result<Epoch> {
        run.validation = match self.validation {
            Some(validation) => Some(run.model.evaluate(validation, &*self.loss)?),
            None => None,
        };
        let validation = run.validation.as_ref();
        let accuracy = run.totals.correct as f64 / run.totals.judged.max(1) as f64;
        Ok(Epoch {
            epoch: run.epoch,
            loss: run.loss(),
            accuracy: data.target_kind().is_classes().then_some(accuracy),
            validation_loss: validation.map(|v| v.loss),
            validation_accuracy: validation.and_then(|v| v.accuracy),
            learning_rate: run.totals.lr,
            seconds: run.totals.seconds,
        })
    }

    /// Gives the model the average of its weights, if there is one. The mean of the weights of
    /// several epochs is a model that has never run: its statistics are measured, unless that was done
    /// at the end of the epoch, and no step has followed.
    fn take_average(&self, run: &mut Run<'_>, data: &dyn Dataset) -> Result<()> {
        let Some(average) = &mut run.average else { return Ok(()) };
        average.swap(run.model);
        if average.is_new() && run.stepper.keeps_statistics() && run.batch > 0 {
            let samples: Vec<usize> = (0..data.len()).collect();
            for indices in samples.chunks(self.batch_size) {
                let key = Key::new(self.seed).fold(RunStream::Statistics as u64);
                let batch = Batch::new(data, indices, &*self.loss, key);
                run.stepper.measure_statistics(run.model, batch)?;
            }
        }
        Ok(())
    }
}

/// Calls all callbacks, until one fails.
fn each<'a>(
    callbacks: &mut Callbacks<'a>,
    call: impl FnMut(&mut Box<dyn Callback + 'a>) -> Result<()>,
) -> Result<()> {
    callbacks.iter_mut().try_for_each(call)
}

/// Lets each callback save the run, with the state of the others.
fn save(run: &Run<'_>, callbacks: &mut Callbacks<'_>, moment: Moment) -> Result<()> {
    for number in 0..callbacks.len() {
        let (before, rest) = callbacks.split_at_mut(number);
        let Some((callback, after)) = rest.split_first_mut() else { break };
        callback.save(&SavePoint { run, moment, before, after })?;
    }
    Ok(())
}
