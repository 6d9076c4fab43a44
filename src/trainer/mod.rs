//! Training: epochs of shuffled batches, each a step of the optimizer.
//!
//! Here is where the threads live. The trainer starts a pool, and a step shares a batch out among
//! its workers; everything below (layers, losses, kernels) is serial. What a run computes depends
//! on the seed and not on the number of threads.
//!
//! For a loop of one's own, [`Trainer::stepper`] makes single steps.

mod average;
pub mod callbacks;
mod checkpoint;
mod finder;
mod fit;
mod order;
mod prefetch;
mod recipe;
mod run;
mod settings;
mod step;
mod stream;

use std::path::PathBuf;
use std::sync::Arc;

pub use average::Average;
pub use checkpoint::{Moment, SavePoint};
pub use finder::LearningRates;
pub use recipe::Change;
pub use run::Run;
pub use step::Stepper;

use crate::data::augment::Augment;
use crate::data::{ByName, Dataset};
use crate::error::Result;
use crate::loss::Loss;
use crate::metrics::History;
use crate::optim::schedule::{Constant, Schedule};
use crate::optim::{Clip, Optimizer, ParamGroup};
use crate::sequential::Sequential;
use crate::trainer::callbacks::Callback;
#[cfg(feature = "progress")]
use crate::trainer::callbacks::ProgressBar;

/// Training: a loss, an optimizer, and settings with sensible defaults.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let xor = Arrays::new(
///     array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]].into_dyn(),
///     array![[0.0], [1.0], [1.0], [0.0]].into_dyn(),
/// )?;
/// let mut model = Sequential::new([2])
///     .add(Dense::new(8))?
///     .add(Tanh)?
///     .add(Dense::new(1))?
///     .add(Sigmoid)?;
/// let history = Trainer::new(MeanSquaredError, Adam::new(0.05))
///     .epochs(300)
///     .fit(&mut model, &xor)?;
/// assert!(history.last().unwrap().loss < 0.01);
/// # Ok::<(), chainrule::Error>(())
/// ```
pub struct Trainer<'a> {
    loss: Arc<dyn Loss>,
    optimizer: Arc<dyn Optimizer>,
    groups: Vec<ParamGroup>,
    clip: Option<Clip>,
    average: Option<Average>,
    augment: Option<Augment>,
    schedule: Box<dyn Schedule>,
    epochs: usize,
    batch_size: usize,
    accumulate: usize,
    seed: u64,
    shuffle: bool,
    bucket: Option<usize>,
    threads: Option<usize>,
    validation: Option<&'a dyn Dataset>,
    callbacks: Vec<Box<dyn Callback + 'a>>,
    resume: Option<PathBuf>,
    changes: Vec<Change>,
}

impl<'a> Trainer<'a> {
    /// One epoch of batches of 128, shuffled, seed 0, on all cores, and silent.
    pub fn new(loss: impl Loss, optimizer: impl Optimizer) -> Self {
        Trainer {
            loss: Arc::new(loss),
            optimizer: Arc::new(optimizer),
            groups: Vec::new(),
            clip: None,
            average: None,
            augment: None,
            schedule: Box::new(Constant),
            epochs: 1,
            batch_size: 128,
            accumulate: 1,
            seed: 0,
            shuffle: true,
            bucket: None,
            threads: None,
            validation: None,
            callbacks: Vec::new(),
            resume: None,
            changes: Vec::new(),
        }
    }

    /// Number of times to go through the data, at least once.
    #[must_use]
    pub fn epochs(self, epochs: usize) -> Self {
        Trainer { epochs, ..self }
    }

    /// Adds a group of parameters for which something is different. The first that contains a
    /// parameter decides about it.
    #[must_use]
    pub fn group(mut self, group: ParamGroup) -> Self {
        self.groups.push(group);
        self
    }

    /// Limits the gradient of each step.
    #[must_use]
    pub fn clip(self, clip: Clip) -> Self {
        Trainer { clip: Some(clip), ..self }
    }

    /// Averages the weights over the run: the model ends with the average, and validation is of it.
    #[must_use]
    pub fn average(self, average: Average) -> Self {
        Trainer { average: Some(average), ..self }
    }

    /// Changes the samples on their way into a batch, each epoch in another way, which follows from the
    /// seed, the epoch and the sample's number. Images are changed by the
    /// threads that train on them; the validation is of the images as they are.
    #[must_use]
    pub fn augment(self, augment: Augment) -> Self {
        Trainer { augment: Some(augment), ..self }
    }

    /// Sets the schedule of the learning rate over the run.
    #[must_use]
    pub fn schedule(self, schedule: impl Schedule) -> Self {
        Trainer { schedule: Box::new(schedule), ..self }
    }

    /// Number of samples of a batch, at least one; the last batch of an epoch may have fewer.
    #[must_use]
    pub fn batch_size(self, batch_size: usize) -> Self {
        Trainer { batch_size, ..self }
    }

    /// Number of batches for each step of the optimizer, 1 unless set: their gradients are added up.
    ///
    /// It is the run with a batch `n` times as large, in less memory: layers that couple samples keep
    /// the activations of one batch at a time, and data that is not in memory is read a batch at a
    /// time. For everything around a step the `n` batches are one: the learning rate, the callbacks,
    /// [`Run::batch`] and [`Run::batch_size`], and checkpoints, which never fall between them. The last
    /// step of an epoch may have fewer.
    ///
    /// The mean over a step is over all its samples, by their weights, and dropout, augmentation and
    /// mixing draw what they draw for the large batch. So the bits are the same, where the batch size
    /// is a multiple of 64 (the last bits of a sum depend on how it is cut). The exception is
    /// [`BatchNorm`](crate::layers::BatchNorm): each batch has its own mean and variance, and the
    /// running ones follow each batch.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let digits = Mnist::sample().train.take(1000)?;
    /// let build = || Sequential::new([28, 28, 1]).add(Flatten)?.add(Dropout::new(0.2))?.add(Dense::new(10));
    /// let trainer = || Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).epochs(2);
    ///
    /// let (mut large, mut small) = (build()?, build()?);
    /// trainer().batch_size(256).fit(&mut large, &digits)?;
    /// trainer().batch_size(64).accumulate(4).fit(&mut small, &digits)?;
    /// assert_eq!(large.params(), small.params());
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    #[must_use]
    pub fn accumulate(self, n: usize) -> Self {
        Trainer { accumulate: n, ..self }
    }

    /// Seed of shuffling, dropout and augmentation: the same seed gives the same parameters, bit by bit.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Trainer { seed, ..self }
    }

    /// Turns shuffling on or off: each epoch takes the samples in a new order, or in theirs.
    #[must_use]
    pub fn shuffle(self, shuffle: bool) -> Self {
        Trainer { shuffle, ..self }
    }

    /// Number of threads that compute; any number gives the same result. WebAssembly has the threads
    /// that the page started, mostly one.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Trainer { threads: Some(threads), ..self }
    }

    /// Data that the model does not learn from, to be evaluated after each epoch.
    #[must_use]
    pub fn validation(self, data: &'a dyn Dataset) -> Self {
        Trainer { validation: Some(data), ..self }
    }

    /// Adds a callback. Callbacks are called in the order in which they are added.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Resumes from a file that [`Checkpoints`](crate::trainer::callbacks::Checkpoints) has written. The model
    /// then comes to the same bits as without the interruption: model, data and settings must be those
    /// that the file was written with, and what differs is refused. Threads, callbacks and the
    /// distance of checkpoints may differ, and so may the epochs, unless the schedule or the average
    /// depends on their number.
    #[must_use]
    pub fn resume(self, checkpoint: impl Into<PathBuf>) -> Self {
        Trainer { resume: Some(checkpoint.into()), ..self }
    }

    /// Allows a part of the recipe to differ from the checkpoint's when the run is resumed.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let data = Mnist::sample().train.take(500)?;
    /// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
    /// let folder = tempfile::tempdir().unwrap();
    /// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))
    ///     .callback(Checkpoints::new(folder.path()))
    ///     .fit(&mut model, &data)?;
    ///
    /// let finer = || {
    ///     let latest = Checkpoints::latest(folder.path()).unwrap().unwrap();
    ///     Trainer::new(SoftmaxCrossEntropy, Adam::new(0.001)).epochs(2).resume(latest)
    /// };
    /// let error = finer().fit(&mut model, &data).unwrap_err().to_string();
    /// assert!(error.contains("allow_change(Change::Optimizer)"));
    /// finer().allow_change(Change::Optimizer).fit(&mut model, &data)?;
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    #[must_use]
    pub fn allow_change(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// Shows how far training is on standard error: see [`ProgressBar`].
    #[must_use]
    #[cfg(feature = "progress")]
    pub fn progress(self, progress: bool) -> Self {
        if progress { self.callback(ProgressBar::new()) } else { self }
    }

    /// Trains the model, and returns how each epoch went. The model takes over the names of the classes,
    /// or if it has some, the data is matched by them: see [`Sequential::class_names`].
    ///
    /// # Errors
    ///
    /// [`Error::Data`](crate::Error::Data) and others where the data cannot be read,
    /// [`Error::File`](crate::Error::File) where a checkpoint cannot, and what callbacks say.
    /// [`TrainError`](crate::error::TrainError) for settings without meaning, for data that is empty
    /// or does not fit the model, and for a loss or gradient that is no longer finite, in which case
    /// the parameters are those before the batch that showed it, and not averaged.
    /// [`ModelError::Empty`](crate::error::ModelError::Empty) for a model without layers.
    pub fn fit(&mut self, model: &mut Sequential, data: &dyn Dataset) -> Result<History> {
        self.check(model, data)?;
        model.take_class_names(data.class_names());
        let names = model.class_names().to_vec();
        let by_name = ByName::new(data, &names, "training")?;
        let data = by_name.dataset();
        let mut callbacks = std::mem::take(&mut self.callbacks);
        let history = self.on_threads(|| self.run(&mut callbacks, model, data));
        self.callbacks = callbacks;
        history
    }
}
