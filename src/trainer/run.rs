//! The loop of a run: epochs of batches, and what is measured after each.

use std::time::Instant;

use rand::seq::SliceRandom;

use super::average::Running;
use super::meter::Meter;
use super::{Draw, Epoch, History, Trainer};
use crate::data::Dataset;
use crate::error::{Result, TrainError};
use crate::loss::weighted_mean;
use crate::random::Key;
use crate::schedule::Progress;
use crate::sequential::Sequential;
use crate::step::{Batch, Rules, Stepper};

/// What the batches of an epoch add up to.
#[derive(Default)]
struct Totals {
    loss: f64,
    weight: f64,
    correct: usize,
}

impl Trainer<'_> {
    /// All epochs, on one of the pool's threads.
    pub(super) fn run(
        &self,
        model: &mut Sequential,
        data: &dyn Dataset,
        threads: usize,
    ) -> Result<History> {
        let batch_size = self.batch_size.min(data.len());
        let mut stepper = Stepper::new(model, &self.rules(), batch_size, threads);
        let mut average = self.average.map(|average| Running::new(average, model));
        let mut meter = Meter::new(self.progress, self.epochs, data.len());
        let mut order: Vec<usize> = Vec::with_capacity(data.len());
        let mut history = History::default();
        for epoch in 1..=self.epochs {
            let key = self.shuffle_for(epoch, data.len(), &mut order);
            let start = Instant::now();
            meter.start(epoch);
            let mut totals = Totals::default();
            for (number, indices) in order.chunks(batch_size).enumerate() {
                let key = key.fold(Draw::Step as u64).fold(number as u64);
                let batch = Batch::new(data, indices, &*self.loss, key);
                let seen = number * batch_size;
                let step = self.step(model, &mut stepper, batch, &history, data.len(), seen);
                let (loss, correct) = step.inspect_err(|_| meter.abandon())?;
                if let Some(average) = &mut average {
                    average.step(model);
                }
                totals.loss += loss;
                totals.weight += batch.weight;
                totals.correct += correct;
                meter.step(indices.len(), weighted_mean(totals.loss, totals.weight));
            }
            let seconds = start.elapsed().as_secs_f64();
            if let Some(average) = &mut average {
                average.epoch(model, epoch as f32 / self.epochs as f32);
            }
            let validation = match self.validation {
                Some(validation) => {
                    self.take_average(&mut average, model, &mut stepper, data)?;
                    let evaluation = model.evaluate(validation, &*self.loss);
                    average.iter_mut().for_each(|average| average.swap(model));
                    Some(evaluation?)
                }
                None => None,
            };
            let accuracy = totals.correct as f64 / data.len() as f64;
            let epoch = Epoch {
                epoch,
                loss: weighted_mean(totals.loss, totals.weight),
                accuracy: data.target_kind().is_classes().then_some(accuracy),
                validation_loss: validation.as_ref().map(|v| v.loss),
                validation_accuracy: validation.as_ref().and_then(|v| v.accuracy),
                seconds,
            };
            meter.finish(&epoch);
            history.epochs.push(epoch);
        }
        self.take_average(&mut average, model, &mut stepper, data)?;
        Ok(history)
    }

    /// One step; `seen` of the `samples` of the epoch come before it. Tells the sum of the losses and how
    /// many predictions were right.
    fn step(
        &self,
        model: &mut Sequential,
        stepper: &mut Stepper,
        batch: Batch<'_>,
        history: &History,
        samples: usize,
        seen: usize,
    ) -> Result<(f64, usize)> {
        let finished = history.epochs.len();
        let result = stepper.gradient(model, batch)?;
        if !result.loss.is_finite() || !result.finite {
            let loss = weighted_mean(result.loss, batch.weight);
            let culprit = stepper.culprit(model, batch)?;
            let (epoch, batch) = (finished + 1, seen / self.batch_size.min(samples) + 1);
            return Err(TrainError::NotFinite { loss, epoch, batch, culprit }.into());
        }
        let epochs_done = finished as f32 + seen as f32 / samples as f32;
        let at = Progress {
            // In a run of many millions of steps, the last would round to 1.
            done: (epochs_done / self.epochs as f32).min(1f32.next_down()),
            epoch: finished,
            epochs: self.epochs,
            history: &history.epochs,
        };
        let lr = self.schedule.factor(&at) * self.optimizer.learning_rate();
        if !lr.is_finite() {
            let (came, wanted) = (lr.to_string(), "a finite number");
            let setting = "the scheduled learning rate";
            return Err(TrainError::Setting { setting, came, wanted }.into());
        }
        stepper.update(model, &*self.optimizer, lr);
        Ok((result.loss, result.correct))
    }

    /// Gives the model the average of its weights, if there is one. The mean of the weights of
    /// several epochs is a model that has never run: its statistics are measured anew.
    fn take_average(
        &self,
        average: &mut Option<Running>,
        model: &mut Sequential,
        stepper: &mut Stepper,
        data: &dyn Dataset,
    ) -> Result<()> {
        let Some(average) = average else { return Ok(()) };
        average.swap(model);
        if average.is_new() && stepper.keeps_statistics() {
            let samples: Vec<usize> = (0..data.len()).collect();
            for indices in samples.chunks(self.batch_size.min(data.len())) {
                let key = Key::new(self.seed).fold(Draw::Statistics as u64);
                stepper.measure_statistics(model, Batch::new(data, indices, &*self.loss, key))?;
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

    /// How a step changes parameters.
    pub(super) fn rules(&self) -> Rules<'_> {
        Rules { optimizer: &*self.optimizer, groups: &self.groups, clip: self.clip }
    }
}
