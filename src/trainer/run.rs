//! A run: the state of training from step to step.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::Trainer;
use super::average::Running;
use super::recipe::Recipe;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::loss::weighted_mean;
use crate::metrics::{Chance, Evaluation, History};
use crate::sequential::Sequential;
use crate::shape;
use crate::trainer::step::{StepTotals, Stepper};

/// A run of training, as a [`Callback`](crate::trainer::callbacks::Callback) sees and steers it.
///
/// A batch is what one step of the optimizer takes: with
/// [`Trainer::accumulate`](crate::trainer::Trainer::accumulate), `n` batches count as one.
pub struct Run<'a> {
    pub(super) model: &'a mut Sequential,
    pub(super) stepper: Stepper,
    pub(super) average: Option<Running>,
    pub(super) history: History,
    /// Number of the current epoch, from 1, and number of its batches that are done.
    pub(super) epoch: usize,
    pub(super) batch: usize,
    pub(super) totals: Totals,
    pub(super) validation: Option<Evaluation>,
    pub(super) resumed_from: Option<PathBuf>,
    pub(super) error: Option<String>,
    pub(super) trainer: &'a Trainer<'a>,
    data: &'a dyn Dataset,
    recipe: OnceLock<Recipe>,
}

/// Sums over the batches of an epoch.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    pub loss: f64,
    pub weight: f64,
    /// Number of classes that were predicted rightly, and number of all.
    pub correct: usize,
    pub judged: usize,
    pub seconds: f64,
    /// The learning rate of the last step.
    pub lr: f32,
}

impl Totals {
    /// Adds a step.
    pub fn add(&mut self, step: &StepTotals, lr: f32) {
        self.loss += step.loss();
        self.weight += step.weight();
        self.correct += step.correct;
        self.judged += step.judged;
        self.lr = lr;
    }
}

impl<'a> Run<'a> {
    /// Begins a run.
    pub(super) fn new(
        trainer: &'a Trainer<'a>,
        model: &'a mut Sequential,
        data: &'a dyn Dataset,
    ) -> Self {
        let chance = Chance::new(&*trainer.loss, data, shape::len(model.output_shape()));
        Run {
            stepper: Stepper::new(trainer, model),
            average: trainer.average.map(|average| Running::new(average, model)),
            model,
            history: History { chance, ..History::default() },
            epoch: 1,
            batch: 0,
            totals: Totals::default(),
            validation: None,
            resumed_from: None,
            error: None,
            trainer,
            data,
            recipe: OnceLock::new(),
        }
    }

    /// Returns the recipe of the run, made at the first call.
    pub(super) fn recipe(&self) -> Result<&Recipe> {
        if let Some(recipe) = self.recipe.get() {
            return Ok(recipe);
        }
        let recipe = Recipe::of(self.trainer, self.model, self.data)?;
        Ok(self.recipe.get_or_init(|| recipe))
    }

    /// The model that learns.
    pub fn model(&self) -> &Sequential {
        self.model
    }

    /// Replaces the parameters of the model.
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

    /// Evaluation of the validation set after the last epoch, if there is one.
    pub fn validation(&self) -> Option<&Evaluation> {
        self.validation.as_ref()
    }

    /// Number of the current epoch, from 1; after the last, one more than there are.
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// Number of epochs of the run.
    pub fn epochs(&self) -> usize {
        self.trainer.epochs
    }

    /// Number of batches of the current epoch that are done.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Number of batches of an epoch.
    pub fn batches(&self) -> usize {
        self.samples().div_ceil(self.batch_size())
    }

    /// Number of samples of an epoch.
    pub fn samples(&self) -> usize {
        self.data.len()
    }

    /// Number of samples of a batch; the last of an epoch may have fewer.
    pub fn batch_size(&self) -> usize {
        self.trainer.step_size(self.data)
    }

    /// Seed of all that is random in the run.
    pub fn seed(&self) -> u64 {
        self.trainer.seed
    }

    /// Mean loss over the batches of the current epoch so far.
    pub fn loss(&self) -> f64 {
        weighted_mean(self.totals.loss, self.totals.weight)
    }

    /// The learning rate of the last step.
    pub fn learning_rate(&self) -> f32 {
        self.totals.lr
    }

    /// The checkpoint from which the run was resumed, if it was.
    pub fn resumed_from(&self) -> Option<&Path> {
        self.resumed_from.as_deref()
    }

    /// Ends training after the current batch or epoch. The first reason is the one that counts.
    pub fn stop(&mut self, reason: impl Into<String>) {
        self.history.stopped.get_or_insert_with(|| reason.into());
    }

    /// Reason why training ends before all epochs are done, if it does.
    pub fn stopped(&self) -> Option<&str> {
        self.history.stopped.as_deref()
    }

    /// Message of the error that ended training, if one did: for [`Callback::end`](crate::trainer::callbacks::Callback::end).
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    pub(super) fn fail(&mut self, error: &Error) {
        self.error = Some(error.to_string());
    }
}
