//! The stepper: training one step at a time.

use std::sync::Arc;

use rayon::ThreadPool;

use super::gradient::{Augmented, Batch, Gradients, StepTotals};
use super::signature::Signature;
use super::update::{OptimizerState, Updater};
use crate::data::augment::Augment;
use crate::data::{ByName, Dataset};
use crate::error::{Culprit, Result, TrainError};
use crate::loss::Loss;
use crate::optim::Optimizer;
use crate::random::Key;
use crate::sequential::{DataCheck, Sequential};
use crate::trainer::{Trainer, stream::RunStream};

/// Training one step at a time, for a loop of one's own: from [`Trainer::stepper`].
///
/// ```text
/// accumulate    g ← g + Σ weight·∇l        over the samples of a batch; any number of batches
/// update        g ← g/Σ weight + penalties → clipping → optimizer; then g is empty
/// ```
///
/// [`Trainer::fit`] makes its steps with one, too. A step of several batches is that of one batch with
/// all their samples, up to the rounding of the sum; it has the same bits where each batch but the last
/// is a multiple of 64 samples. Two things keep to a batch: layers that couple samples, such as batch
/// normalization, have its statistics, and mixing takes partners from it. Any number of threads gives
/// the same bits.
///
/// ```
/// use chainrule::prelude::*;
///
/// let digits = Mnist::sample().train;
/// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
/// let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).clip(Clip::global_norm(1.0));
/// let mut stepper = trainer.stepper(&model)?;
/// for step in 0..20 {
///     for part in 0..2 {
///         let first = 128 * step + 64 * part;
///         let indices: Vec<usize> = (first..first + 64).collect();
///         stepper.accumulate(&model, &digits, &indices)?;
///     }
///     println!("step {step}: loss {:.3}, {} of 128 right", stepper.loss(), stepper.correct());
///     stepper.update(&mut model, 0.01)?;
/// }
/// assert!(model.evaluate(&digits, &SoftmaxCrossEntropy)?.accuracy.unwrap() > 0.7);
/// # Ok::<(), chainrule::Error>(())
/// ```
pub struct Stepper {
    loss: Arc<dyn Loss>,
    optimizer: Arc<dyn Optimizer>,
    augment: Option<Augment>,
    seed: u64,
    /// Threads of its own; without them, those of the pool in which it is called.
    pool: Option<ThreadPool>,
    signature: Signature,
    gradients: Gradients,
    updater: Updater,
}

/// A loss or gradient that is not finite.
pub(crate) struct NotFinite {
    /// Mean loss of the step so far.
    pub loss: f64,
    /// The first number that is not finite.
    pub culprit: Culprit,
}

impl Trainer<'_> {
    /// Returns what makes the steps of this trainer, for a loop of one's own.
    ///
    /// The trainer's loss, optimizer, parameter groups, clipping, augmentation, seed and threads count.
    /// Epochs, schedule, validation, averages and callbacks are up to the loop.
    ///
    /// # Errors
    ///
    /// [`TrainError::Setting`] for settings without meaning, [`TrainError::Threads`] where the threads
    /// cannot be started, [`ModelError::Empty`](crate::error::ModelError::Empty) for a model without
    /// layers.
    pub fn stepper(&self, model: &Sequential) -> Result<Stepper> {
        self.check_settings(model)?;
        let mut stepper = Stepper::new(self, model);
        if let Some(threads) = self.threads {
            stepper.pool = self.pool(threads)?;
        }
        Ok(stepper)
    }
}

impl Stepper {
    /// On the threads of the pool in which it is called.
    pub(in crate::trainer) fn new(trainer: &Trainer<'_>, model: &Sequential) -> Self {
        let optimizer = trainer.optimizer.clone();
        Stepper {
            loss: trainer.loss.clone(),
            augment: trainer.augment.clone(),
            seed: trainer.seed,
            pool: None,
            signature: Signature::new(model),
            gradients: Gradients::new(model),
            updater: Updater::new(model, &*optimizer, &trainer.groups, trainer.clip),
            optimizer,
        }
    }

    /// Adds the gradient of the loss of these samples to that of the step. An index may occur more
    /// than once.
    ///
    /// # Errors
    ///
    /// The gradient of the step so far is dropped, the model is as it was: [`TrainError::EmptyBatch`]
    /// without indices; [`TrainError::NoSample`] for an index that is not below the data set's length;
    /// [`TrainError::OtherModel`] for a model that the stepper was not made for;
    /// [`TrainError::InputShape`], [`TrainError::Target`], [`TrainError::BadTarget`] and
    /// [`TrainError::Weight`] for data that does not fit; [`TrainError::NotFiniteStep`] when the loss or
    /// the gradient overflows or is NaN; and those of [`Dataset::input`].
    pub fn accumulate(
        &mut self,
        model: &Sequential,
        data: &dyn Dataset,
        indices: &[usize],
    ) -> Result<()> {
        let by_name = ByName::new(data, model.class_names(), "training");
        let result = by_name.and_then(|by_name| {
            let data = by_name.dataset();
            self.check(model, data, indices)?;
            let pool = self.pool.take();
            let result = match &pool {
                Some(pool) => pool.install(|| self.add_samples(model, data, indices)),
                None => self.add_samples(model, data, indices),
            };
            self.pool = pool;
            result
        });
        if result.is_err() {
            self.clear();
        }
        result
    }

    /// Adds samples that have been checked.
    fn add_samples(
        &mut self,
        model: &Sequential,
        data: &dyn Dataset,
        indices: &[usize],
    ) -> Result<()> {
        let (loss, augment) = (self.loss.clone(), self.augment.clone());
        let step = Key::new(self.seed).fold(self.steps());
        let augmented = Augmented::new(augment.as_ref(), model, step);
        let batch = Batch::new(data, indices, &*loss, step.fold(RunStream::Step as u64));
        let batch = batch.after(self.samples()).augmented(augmented);
        match self.add(model, batch)? {
            None => Ok(()),
            Some(NotFinite { loss, culprit }) => {
                let step = self.steps() + 1;
                Err(TrainError::NotFiniteStep { loss, step, culprit }.into())
            }
        }
    }

    /// Changes the parameters along the gradient of the mean loss, at a learning rate, and begins the
    /// next step. Statistics of the model, such as those of a batch normalization, follow each batch
    /// that was accumulated.
    ///
    /// # Errors
    ///
    /// The model and the gradient are as they were: [`TrainError::NoGradient`] when no batch was
    /// accumulated since the last step, [`TrainError::OtherModel`] for a model that the stepper was not
    /// made for, [`TrainError::Setting`] for a rate that is not finite.
    pub fn update(&mut self, model: &mut Sequential, lr: f32) -> Result<()> {
        self.signature.check(model)?;
        if self.samples() == 0 {
            return Err(TrainError::NoGradient.into());
        }
        if !lr.is_finite() {
            let (setting, came, wanted) = ("the learning rate", lr.to_string(), "a finite number");
            return Err(TrainError::Setting { setting, came, wanted }.into());
        }
        let pool = self.pool.take();
        match &pool {
            Some(pool) => pool.install(|| self.step(model, lr)),
            None => self.step(model, lr),
        }
        self.pool = pool;
        Ok(())
    }

    /// Drops what was accumulated since the last step.
    pub fn clear(&mut self) {
        self.gradients.clear();
    }

    /// Mean loss over the samples that were accumulated since the last step, weighted by
    /// [`Loss::weight`]; 0 without any.
    pub fn loss(&self) -> f64 {
        self.totals().mean_loss()
    }

    /// Number of samples accumulated since the last step.
    pub fn samples(&self) -> usize {
        self.totals().samples
    }

    /// Number of classes predicted rightly, of samples or of the steps of sequences, or of strings without a mistake.
    pub fn correct(&self) -> usize {
        self.totals().correct
    }

    /// Number of classes, or strings, that there were to predict.
    pub fn judged(&self) -> usize {
        self.totals().judged
    }

    /// Number of steps so far.
    pub fn steps(&self) -> u64 {
        self.updater.state().steps
    }

    /// Returns the gradient of [`Stepper::loss`], before penalties and clipping: one derivative for
    /// each of [`Sequential::params`], 0 for what is frozen below all that learns. Empty when nothing was
    /// accumulated since the last step.
    pub fn gradient(&self) -> Vec<f32> {
        self.gradients.partials.sum(self.totals().scale())
    }

    fn check(&self, model: &Sequential, data: &dyn Dataset, indices: &[usize]) -> Result<()> {
        self.signature.check(model)?;
        if indices.is_empty() {
            return Err(TrainError::EmptyBatch.into());
        }
        let check = DataCheck::new(model, data, &*self.loss, "training")?;
        for &index in indices {
            if index >= data.len() {
                return Err(TrainError::NoSample { index, samples: data.len() }.into());
            }
            check.sample(index)?;
        }
        Ok(())
    }
}

/// The side for [`Trainer::fit`], which checks its data once.
impl Stepper {
    /// Adds a batch. Returns what is not finite, if something is.
    pub(in crate::trainer) fn add(
        &mut self,
        model: &Sequential,
        batch: Batch<'_>,
    ) -> Result<Option<NotFinite>> {
        self.gradients.add(model, batch)?;
        if self.totals().is_finite() {
            return Ok(None);
        }
        let culprit = self.gradients.culprit(model, batch)?;
        Ok(Some(NotFinite { loss: self.loss(), culprit }))
    }

    /// Sums over the samples that were accumulated since the last step.
    pub(in crate::trainer) fn totals(&self) -> &StepTotals {
        self.gradients.totals()
    }

    /// Steps along what was accumulated.
    pub(in crate::trainer) fn step(&mut self, model: &mut Sequential, lr: f32) {
        let Stepper { gradients, updater, optimizer, .. } = self;
        gradients.update_statistics(model);
        let scale = gradients.totals().scale();
        model.update(|params| {
            updater.step(&**optimizer, lr, params, &mut gradients.partials, scale);
        });
        gradients.clear();
    }

    /// Reports whether layers keep statistics of the batches that they see.
    pub(in crate::trainer) fn keeps_statistics(&self) -> bool {
        self.gradients.keeps_statistics()
    }

    /// Moves these statistics towards those of one more batch, and changes nothing else.
    pub(in crate::trainer) fn measure_statistics(
        &mut self,
        model: &mut Sequential,
        batch: Batch<'_>,
    ) -> Result<()> {
        self.gradients.measure_statistics(model, batch)
    }

    /// State of the optimizer, for a checkpoint.
    pub(in crate::trainer) fn state(&self) -> &OptimizerState {
        self.updater.state()
    }

    /// Restores the state of the optimizer from a checkpoint.
    pub(in crate::trainer) fn restore(&mut self, state: OptimizerState) {
        self.updater.restore(state);
    }
}
