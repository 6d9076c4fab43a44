//! The loop of a run: epochs of batches, what is measured after each, and who is told of it.

use std::thread;

use rand::seq::SliceRandom;

use super::ahead::Ahead;
use super::run::Totals;
use super::{Draw, Moment, Run, SavePoint, Trainer};
use crate::clock::Stopwatch;
use crate::data::Dataset;
use crate::error::{Result, TrainError};
use crate::loss::weighted_mean;
use crate::metrics::{Epoch, History};
use crate::optim::schedule::Progress;
use crate::random::Key;
use crate::sequential::Sequential;
use crate::trainer::callbacks::Callback;
use crate::trainer::step::{Augmented, Batch, Rules};

/// A run's callbacks, in the order in which they were added.
pub(super) type Callbacks<'a> = [Box<dyn Callback + 'a>];

impl Trainer<'_> {
    /// The whole run, on one of the pool's threads.
    pub(super) fn run(
        &self,
        callbacks: &mut Callbacks<'_>,
        model: &mut Sequential,
        data: &dyn Dataset,
        threads: usize,
    ) -> Result<History> {
        let mut run = Run::new(self, model, data, threads);
        if let Some(path) = &self.resume {
            run.restore(path, callbacks)?;
        }
        // Whichever way it ends, the run is saved as it stands, the model gets its final weights, and
        // all are told. The first error is the one that counts.
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

    /// All epochs that are left.
    fn epochs_of(
        &self,
        run: &mut Run<'_>,
        callbacks: &mut Callbacks<'_>,
        data: &dyn Dataset,
    ) -> Result<()> {
        let mut order: Vec<usize> = Vec::with_capacity(data.len());
        while run.epoch <= self.epochs && run.stopped().is_none() {
            let key = self.shuffle_for(run.epoch, data.len(), &mut order);
            self.batches_of(run, callbacks, data, &order, key)?;
            if run.stopped().is_none() {
                self.end_epoch(run, callbacks, data)?;
                save(run, callbacks, Moment::Epoch)?;
            }
        }
        Ok(())
    }

    /// The batches that are left of an epoch.
    fn batches_of(
        &self,
        run: &mut Run<'_>,
        callbacks: &mut Callbacks<'_>,
        data: &dyn Dataset,
        order: &[usize],
        key: Key,
    ) -> Result<()> {
        let augmented = self.augmented(run.model.input_shape(), key);
        let key = key.fold(Draw::Step as u64);
        thread::scope(|scope| {
            let batches = order.chunks(run.batch_size()).skip(run.batch);
            let mut ahead = Ahead::new(scope, data, batches.clone());
            for indices in batches {
                let start = Stopwatch::start();
                let ready = ahead.next()?;
                let batch = Batch::new(data, indices, &*self.loss, key.fold(run.batch as u64));
                self.step(run, batch.made(ready).augmented(augmented))?;
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

    /// One step of the optimizer.
    fn step(&self, run: &mut Run<'_>, batch: Batch<'_>) -> Result<()> {
        let result = run.stepper.gradient(run.model, batch)?;
        if !result.loss.is_finite() || !result.finite {
            let loss = weighted_mean(result.loss, batch.weight);
            let culprit = run.stepper.culprit(run.model, batch)?;
            let (epoch, batch) = (run.epoch, run.batch + 1);
            return Err(TrainError::NotFinite { loss, epoch, batch, culprit }.into());
        }
        let finished = run.history.epochs.len();
        let seen = (run.batch * run.batch_size()) as f32 / run.samples() as f32;
        let at = Progress {
            // In a run of many millions of steps, the last would round to 1.
            done: ((finished as f32 + seen) / self.epochs as f32).min(1f32.next_down()),
            epoch: finished,
            epochs: self.epochs,
            history: &run.history.epochs,
        };
        let lr = self.schedule.factor(&at) * self.optimizer.learning_rate();
        if !lr.is_finite() {
            let (came, wanted) = (lr.to_string(), "a finite number");
            let setting = "the scheduled learning rate";
            return Err(TrainError::Setting { setting, came, wanted }.into());
        }
        run.stepper.update(run.model, &*self.optimizer, lr);
        if let Some(average) = &mut run.average {
            average.step(run.model);
        }
        run.totals.loss += result.loss;
        run.totals.weight += batch.weight;
        run.totals.correct += result.correct;
        run.totals.lr = lr;
        Ok(())
    }

    /// Measures what an epoch came to, and tells the callbacks.
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

    /// The epoch at hand, as the history has it.
    fn measure(&self, run: &mut Run<'_>, data: &dyn Dataset) -> Result<Epoch> {
        run.validation = match self.validation {
            Some(validation) => Some(run.model.evaluate(validation, &*self.loss)?),
            None => None,
        };
        let validation = run.validation.as_ref();
        let accuracy = run.totals.correct as f64 / data.len() as f64;
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
    /// several epochs is a model that has never run: its statistics are measured anew, unless that was
    /// done at the end of the epoch, and no step has followed.
    fn take_average(&self, run: &mut Run<'_>, data: &dyn Dataset) -> Result<()> {
        let Some(average) = &mut run.average else { return Ok(()) };
        average.swap(run.model);
        if average.is_new() && run.stepper.keeps_statistics() && run.batch > 0 {
            let samples: Vec<usize> = (0..data.len()).collect();
            for indices in samples.chunks(run.batch_size()) {
                let key = Key::new(self.seed).fold(Draw::Statistics as u64);
                let batch = Batch::new(data, indices, &*self.loss, key);
                run.stepper.measure_statistics(run.model, batch)?;
            }
        }
        Ok(())
    }

    /// Puts the numbers of the samples in the order of an epoch, and gives the epoch's key.
    pub(super) fn shuffle_for(&self, epoch: usize, samples: usize, order: &mut Vec<usize>) -> Key {
        let key = Key::new(self.seed).fold(epoch as u64);
        order.clear();
        order.extend(0..samples);
        if self.shuffle {
            order.shuffle(&mut key.fold(Draw::Shuffle as u64).rng());
        }
        key
    }

    /// How an epoch changes its samples.
    pub(super) fn augmented(&self, shape: &[usize], epoch: Key) -> Option<Augmented<'_>> {
        let augment = self.augment.as_ref()?;
        let (shape, key) = (shape.try_into().ok()?, epoch.fold(Draw::Augment as u64));
        Some(Augmented { augment, shape, key })
    }

    /// How a step changes parameters.
    pub(super) fn rules(&self) -> Rules<'_> {
        Rules { optimizer: &*self.optimizer, groups: &self.groups, clip: self.clip }
    }
}

/// Tells all callbacks, until one fails.
fn each<'a>(
    callbacks: &mut Callbacks<'a>,
    tell: impl FnMut(&mut Box<dyn Callback + 'a>) -> Result<()>,
) -> Result<()> {
    callbacks.iter_mut().try_for_each(tell)
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
