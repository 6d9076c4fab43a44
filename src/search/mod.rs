//! Which settings? Many trials of a training, each with another config, and a table of what came
//! of them.
//!
//! The config is a struct of yours, and a [`Space`] says which of its fields may take which values.
//! A [`Search`] is one of four ways through the space:
//!
//! - [`grid`](Search::grid): every combination, for two fields or so of a few values each.
//! - [`random`](Search::random): so many at random. With several fields of which few matter, it
//!   tries many more values of those than a grid of the same size (J. Bergstra, Y. Bengio, "Random
//!   search for hyper-parameter optimization", JMLR 2012).
//! - [`halving`](Search::halving): many at random for a few epochs; the best for more; and so on.
//! - [`hyperband`](Search::hyperband): halving at several levels of boldness.
//!
//! Choose by data that the model neither learns from nor is tested with in the end: the best of
//! many trials has been lucky, too.
//!
//! ```
//! use chainrule::prelude::*;
//! use chainrule::search::{Score, Search, Space, Trial};
//! use serde::Serialize;
//!
//! #[derive(Clone, Serialize)]
//! struct Config {
//!     lr: f32,
//!     hidden: usize,
//! }
//!
//! let train = Mnist::sample().train.take(500)?;
//! let validation = Mnist::sample().test.take(200)?;
//! let space = Space::new(Config { lr: 0.01, hidden: 16 })
//!     .choice("lr", [1e-6, 1e-2], |config, lr| config.lr = lr)
//!     .choice("hidden", [8, 16], |config, hidden| config.hidden = hidden);
//!
//! let results = Search::grid().epochs(2).run(&space, |trial: &Trial<Config>| -> Result<Score> {
//!     let mut model = Sequential::new([28, 28, 1])
//!         .add(Flatten)?
//!         .add(Dense::new(trial.config.hidden))?
//!         .add(Relu)?
//!         .add(Dense::new(10))?
//!         .initialize(trial.seed);
//!     let history = Trainer::new(SoftmaxCrossEntropy, Adam::new(trial.config.lr))
//!         .epochs(trial.epochs)
//!         .seed(trial.seed)
//!         .threads(trial.threads)
//!         .fit(&mut model, &train)?;
//!     let loss = model.evaluate(&validation, &SoftmaxCrossEntropy)?.loss;
//!     Ok(Score::new(loss).history(history))
//! })?;
//! println!("{results}");
//! assert_eq!(results.best()?.config.lr, 1e-2);
//! # Ok::<(), chainrule::Error>(())
//! ```
//!
//! prints
//!
//! ```text
//! trial    lr  hidden  epochs  seconds  score (lower is better)
//! -------------------------------------------------------------
//!     4  0.01      16       2      0.2  1.21998
//!     3  0.01       8       2      0.1  1.55657
//!     1  1e-6       8       2      0.1  2.33595
//!     2  1e-6      16       2      0.2  2.39618
//! ```
//!
//! A trial that fails or panics has its reason in place of a score, and the search goes on. With
//! [`Search::file`] each trial is on the disk as soon as it has finished, and a search that was
//! interrupted goes on from there.

mod file;
mod plan;
mod results;
mod run;
mod schedule;
mod space;
mod trial;
mod workers;

use std::path::PathBuf;

pub use results::Results;
pub use space::Space;
pub use trial::{Finished, Score, Trial};

/// How to search: a method, and settings with sensible defaults.
///
/// What it finds depends on the seed, and neither on the threads nor on how many trials run at
/// once.
#[derive(Debug, Clone)]
pub struct Search {
    method: Method,
    epochs: usize,
    seed: u64,
    maximize: bool,
    threads: Option<usize>,
    at_once: usize,
    file: Option<PathBuf>,
    progress: bool,
}

#[derive(Debug, Clone, Copy)]
enum Method {
    Grid,
    Random { configs: usize },
    Halving { configs: usize, eta: usize },
    Hyperband { eta: usize },
}

impl Search {
    /// All combinations of the fields' values, which must be countable.
    pub fn grid() -> Self {
        Search::new(Method::Grid)
    }

    /// So many configs at random. The first of them are the same, however many there are.
    pub fn random(configs: usize) -> Self {
        Search::new(Method::Random { configs })
    }

    /// Successive halving: so many configs at random for a few epochs, then the best `1/eta` of
    /// them from the start for `eta` times as many epochs, until the last train for
    /// [`epochs`](Search::epochs). An `eta` of 3 or 4 is usual, at least 2.
    ///
    /// ```text
    /// halving(27, 3).epochs(27):  27 configs × 1 epoch, 9 × 3, 3 × 9, 1 × 27
    /// ```
    ///
    /// Source: K. Jamieson, A. Talwalkar, "Non-stochastic best arm identification and
    /// hyperparameter optimization", AISTATS 2016.
    pub fn halving(configs: usize, eta: usize) -> Self {
        Search::new(Method::Halving { configs, eta })
    }

    /// Hyperband: successive halving from as many configs and as few epochs as
    /// [`epochs`](Search::epochs) allows, then from fewer configs and more epochs, and at last
    /// some random configs for all epochs. An `eta` of 3 or 4 is usual, at least 2.
    ///
    /// ```text
    /// hyperband(3).epochs(27):    27 configs × 1 epoch, 9 × 3, 3 × 9, 1 × 27
    ///                             12 configs × 3 epochs, 4 × 9, 1 × 27
    ///                              6 configs × 9 epochs, 2 × 27
    ///                              4 configs × 27 epochs
    /// ```
    ///
    /// Source: L. Li et al., "Hyperband: a novel bandit-based approach to hyperparameter
    /// optimization", JMLR 2018.
    pub fn hyperband(eta: usize) -> Self {
        Search::new(Method::Hyperband { eta })
    }

    fn new(method: Method) -> Self {
        Search {
            method,
            epochs: 1,
            seed: 0,
            maximize: false,
            threads: None,
            at_once: 1,
            file: None,
            progress: false,
        }
    }

    /// The most epochs that a trial may train: 1 unless told. Halving gives most trials fewer.
    #[must_use]
    pub fn epochs(self, epochs: usize) -> Self {
        Search { epochs, ..self }
    }

    /// What configs are drawn from, and the trials' own seeds.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Search { seed, ..self }
    }

    /// Higher scores are better, as with accuracies. Otherwise lower ones are, as with losses.
    #[must_use]
    pub fn maximize(self) -> Self {
        Search { maximize: true, ..self }
    }

    /// How many threads all trials share; without it, one a core.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Search { threads: Some(threads), ..self }
    }

    /// How many trials may run at the same time, each on its share of the threads: at most one a
    /// thread. Small models train faster on one thread each.
    #[must_use]
    pub fn trials_at_once(self, trials: usize) -> Self {
        Search { at_once: trials, ..self }
    }

    /// Writes each trial to a file when it has finished, as a line of JSON; and where the file
    /// holds trials of the same search, takes their results from there. To run a trial again,
    /// delete its line. What the trials' function does is not in the file: when it changes, so
    /// should the file's name.
    #[must_use]
    pub fn file(self, path: impl Into<PathBuf>) -> Self {
        Search { file: Some(path.into()), ..self }
    }

    /// Tells of each trial on standard error when it has finished.
    #[must_use]
    pub fn progress(self, progress: bool) -> Self {
        Search { progress, ..self }
    }
}
