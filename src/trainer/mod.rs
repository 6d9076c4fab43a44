//! Training: epochs of shuffled batches, each a step of the optimizer.
//!
//! Here is where the threads live. The trainer starts a pool, and a step shares a batch out among
//! its workers; everything below (layers, losses, kernels) is serial. What a run computes depends
//! on the seed and not on the number of threads.

mod ahead;
mod average;
pub mod callbacks;
mod checkpoint;
mod finder;
mod fit;
mod run;
pub(crate) mod step;

use std::path::PathBuf;

pub use average::Average;
pub use checkpoint::{Moment, SavePoint};
pub use finder::LearningRates;
pub use run::Run;

use crate::data::Dataset;
use crate::data::augment::Augment;
use crate::error::{Result, TrainError};
use crate::loss::Loss;
use crate::metrics::History;
use crate::optim::schedule::{Constant, Schedule};
use crate::optim::{Clip, Optimizer, ParamGroup};
use crate::sequential::{Sequential, check_data};
use crate::trainer::callbacks::Callback;
#[cfg(feature = "progress")]
use crate::trainer::callbacks::ProgressBar;

/// How to train: a loss, an optimizer, and settings with sensible defaults.
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
    loss: Box<dyn Loss>,
    optimizer: Box<dyn Optimizer>,
    groups: Vec<ParamGroup>,
    clip: Option<Clip>,
    average: Option<Average>,
    augment: Option<Augment>,
    schedule: Box<dyn Schedule>,
    epochs: usize,
    batch_size: usize,
    seed: u64,
    shuffle: bool,
    threads: Option<usize>,
    validation: Option<&'a dyn Dataset>,
    callbacks: Vec<Box<dyn Callback + 'a>>,
    resume: Option<PathBuf>,
}

/// What the counters of a run's random streams stand for.
enum Draw {
    Shuffle = 0,
    Step = 1,
    Statistics = 2,
    Augment = 3,
}

impl<'a> Trainer<'a> {
    /// One epoch of batches of 128, shuffled, seed 0, on all cores, and silent.
    pub fn new(loss: impl Loss, optimizer: impl Optimizer) -> Self {
        Trainer {
            loss: Box::new(loss),
            optimizer: Box::new(optimizer),
            groups: Vec::new(),
            clip: None,
            average: None,
            augment: None,
            schedule: Box::new(Constant),
            epochs: 1,
            batch_size: 128,
            seed: 0,
            shuffle: true,
            threads: None,
            validation: None,
            callbacks: Vec::new(),
            resume: None,
        }
    }

    /// How many times to go through the data, at least once.
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

    /// Changes the samples on their way into a batch, in every epoch anew. What an epoch makes of a
    /// sample follows from the seed, the epoch and the sample's number. Images are changed by the
    /// threads that train on them; the validation is of the images as they are.
    #[must_use]
    pub fn augment(self, augment: Augment) -> Self {
        Trainer { augment: Some(augment), ..self }
    }

    /// How the learning rate changes over the run.
    #[must_use]
    pub fn schedule(self, schedule: impl Schedule) -> Self {
        Trainer { schedule: Box::new(schedule), ..self }
    }

    /// How many samples make a step, at least one; the last batch of an epoch may be shorter.
    #[must_use]
    pub fn batch_size(self, batch_size: usize) -> Self {
        Trainer { batch_size, ..self }
    }

    /// What shuffling and dropout draw from: the same seed gives the same parameters, bit by bit.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Trainer { seed, ..self }
    }

    /// Whether each epoch takes the samples in a new order.
    #[must_use]
    pub fn shuffle(self, shuffle: bool) -> Self {
        Trainer { shuffle, ..self }
    }

    /// How many threads compute; any number gives the same result. WebAssembly has the threads that the
    /// page made, mostly one.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Trainer { threads: Some(threads), ..self }
    }

    /// Data that the model does not learn from, to be evaluated after each epoch.
    #[must_use]
    pub fn validation(self, data: &'a dyn Dataset) -> Self {
        Trainer { validation: Some(data), ..self }
    }

    /// Tells someone how training goes. Callbacks are told in the order in which they are added.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Goes on from a file that [`Checkpoints`](crate::trainer::callbacks::Checkpoints) has written. The model
    /// then comes to the same bits as without the interruption, if model, data and settings are the
    /// same; threads may differ, and so may the epochs, with a schedule that does not look at them.
    #[must_use]
    pub fn resume(self, checkpoint: impl Into<PathBuf>) -> Self {
        Trainer { resume: Some(checkpoint.into()), ..self }
    }

    /// Shows how far training is on standard error: see [`ProgressBar`].
    #[must_use]
    #[cfg(feature = "progress")]
    pub fn progress(self, progress: bool) -> Self {
        if progress { self.callback(ProgressBar::new()) } else { self }
    }

    /// Trains the model, and tells how each epoch went.
    ///
    /// # Errors
    ///
    /// [`Error::Data`](crate::Error::Data) and others where the data cannot be read,
    /// [`Error::File`](crate::Error::File) where a checkpoint cannot, and what callbacks say.
    /// [`TrainError`] for settings without meaning, for data that is empty or does not fit the
    /// model, and for a loss or gradient that is no longer finite, in which case the parameters
    /// are those before the batch that showed it, and not averaged. [`ModelError::Empty`](crate::error::ModelError) for a
    /// model without layers.
    pub fn fit(&mut self, model: &mut Sequential, data: &dyn Dataset) -> Result<History> {
        self.check(model, data)?;
        let mut callbacks = std::mem::take(&mut self.callbacks);
        let history = self.on_threads(|threads| self.run(&mut callbacks, model, data, threads));
        self.callbacks = callbacks;
        history
    }

    /// Does its work on the first of as many threads as are wanted.
    fn on_threads<T: Send>(&self, work: impl FnOnce(usize) -> Result<T> + Send) -> Result<T> {
        // WebAssembly starts no threads: rayon does all on this one, or on those that the page made.
        if cfg!(target_family = "wasm") {
            return work(rayon::current_num_threads());
        }
        let threads = self.threads.unwrap_or_else(rayon::current_num_threads);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|error| TrainError::Threads { threads, reason: error.to_string() })?;
        pool.install(|| work(threads))
    }

    fn check(&self, model: &Sequential, data: &dyn Dataset) -> Result<()> {
        for (setting, value, range, wanted) in [
            ("the number of epochs", self.epochs, 1..=usize::MAX, "at least 1"),
            ("the batch size", self.batch_size, 1..=usize::MAX, "at least 1"),
            ("the number of threads", self.threads.unwrap_or(1), 1..=1024, "1 to 1024"),
        ] {
            if !range.contains(&value) {
                let came = value.to_string();
                return Err(TrainError::Setting { setting, came, wanted }.into());
            }
        }
        self.optimizer.check()?;
        self.schedule.check()?;
        self.groups.iter().try_for_each(ParamGroup::check)?;
        self.clip.map_or(Ok(()), |clip| clip.check())?;
        self.average.map_or(Ok(()), |average| average.check())?;
        self.augment.as_ref().map_or(Ok(()), |augment| augment.check(model.input_shape()))?;
        check_data(model, data, &*self.loss, "training")?;
        self.validation.map_or(Ok(()), |data| check_data(model, data, &*self.loss, "validation"))
    }
}
