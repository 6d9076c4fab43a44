//! A run: all that goes on from step to step.

use std::path::{Path, PathBuf};

use super::Trainer;
use super::average::Running;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::loss::weighted_mean;
use crate::metrics::Evaluation;
use crate::metrics::History;
use crate::sequential::Sequential;
use crate::trainer::step::Stepper;

/// Where training is: what a [`Callback`](crate::trainer::callbacks::Callback) sees, and where it can act.
pub struct Run<'a> {
    pub(super) model: &'a mut Sequential,
    pub(super) stepper: Stepper,
    pub(super) average: Option<Running>,
    pub(super) history: History,
    /// The epoch at hand, from 1, and how many of its batches are done.
    pub(super) epoch: usize,
    pub(super) batch: usize,
    pub(super) totals: Totals,
    pub(super) validation: Option<Evaluation>,
    pub(super) resumed_from: Option<PathBuf>,
    pub(super) error: Option<String>,
    epochs: usize,
    samples: usize,
    batch_size: usize,
    seed: u64,
}

/// What the batches of an epoch add up to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    pub loss: f64,
    pub weight: f64,
    pub correct: usize,
    pub seconds: f64,
    /// The learning rate of the last step.
    pub lr: f32,
}

impl<'a> Run<'a> {
    /// A run at its beginning.
    pub(super) fn new(
        trainer: &Trainer<'_>,
        model: &'a mut Sequential,
        data: &dyn Dataset,
        threads: usize,
    ) -> Self {
        let batch_size = trainer.batch_size.min(data.len());
        Run {
            stepper: Stepper::new(model, &trainer.rules(), batch_size, threads),
            average: trainer.average.map(|average| Running::new(average, model)),
            model,
            history: History::default(),
            epoch: 1,
            batch: 0,
            totals: Totals::default(),
            validation: None,
            resumed_from: None,
            error: None,
            epochs: trainer.epochs,
            samples: data.len(),
            batch_size,
            seed: trainer.seed,
        }
    }

    /// The model that learns.
    pub fn model(&self) -> &Sequential {
        self.model
    }

    /// Gives the model other parameters.
    ///
    /// # Errors
    ///
    /// [`ModelError::ParamCount`](crate::error::ModelError::ParamCount) when it has not as many.
    pub fn set_params(&mut self, params: &[f32]) -> Result<()> {
        self.model.set_params(params)
    }

    /// The epochs that are done.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What the model made of the validation set after the last epoch, if there is one.
    pub fn validation(&self) -> Option<&Evaluation> {
        self.validation.as_ref()
    }

    /// The number of the epoch at hand, from 1; after the last, one more than there are.
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// How many epochs there will be.
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    /// How many batches of the epoch at hand are done.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// How many batches an epoch has.
    pub fn batches(&self) -> usize {
        self.samples.div_ceil(self.batch_size)
    }

    /// How many samples an epoch has.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// How many samples a batch has; the last of an epoch may have fewer.
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// What the run's randomness draws from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The mean loss over the batches of the epoch at hand, so far.
    pub fn loss(&self) -> f64 {
        weighted_mean(self.totals.loss, self.totals.weight)
    }

    /// The learning rate of the last step.
    pub fn learning_rate(&self) -> f32 {
        self.totals.lr
    }

    /// The checkpoint from which the run went on, if it did.
    pub fn resumed_from(&self) -> Option<&Path> {
        self.resumed_from.as_deref()
    }

    /// Ends training after the batch or epoch at hand. The first reason is the one that counts.
    pub fn stop(&mut self, reason: impl Into<String>) {
        self.history.stopped.get_or_insert_with(|| reason.into());
    }

    /// Why training ends before all epochs are done, if it does.
    pub fn stopped(&self) -> Option<&str> {
        self.history.stopped.as_deref()
    }

    /// What ended training, if it was an error: for [`Callback::end`](crate::trainer::callbacks::Callback::end).
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    pub(super) fn fail(&mut self, error: &Error) {
        self.error = Some(error.to_string());
    }
}
