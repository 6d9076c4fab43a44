//! One trial: what it is given, and what came of it.

use serde::{Deserialize, Serialize};

use crate::metrics::History;

/// What the function that runs a trial is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial<C> {
    /// The number of the config, from 1. With halving, the best train again under the same number.
    pub number: usize,
    /// The config to try.
    pub config: C,
    /// How many epochs to train at most. A config that was promoted trains again from the start:
    /// nothing needs to be kept of all the others, and schedules know how long they are.
    pub epochs: usize,
    /// A seed for everything random in it: of the search's seed and the trial's number.
    pub seed: u64,
    /// Its share of the threads, for [`Trainer::threads`](crate::trainer::Trainer::threads).
    pub threads: usize,
}

/// How good a trial was: a number to be made small, such as a validation loss, or with
/// [`Search::maximize`](super::Search::maximize) large, such as an accuracy. A plain `f64` becomes
/// one by `.into()`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The number.
    #[serde(rename = "score")]
    pub value: f64,
    /// How training went, if the trial tells: it is kept with the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
}

impl Score {
    /// A score with nothing else told.
    pub fn new(value: f64) -> Self {
        Score { value, history: None }
    }

    /// Keeps how training went with the score, for the table and the file.
    #[must_use]
    pub fn history(self, history: History) -> Self {
        Score { history: Some(history), ..self }
    }
}

impl From<f64> for Score {
    fn from(value: f64) -> Self {
        Score::new(value)
    }
}

/// A trial that has run, with a score or the reason why it has none.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished<C> {
    /// The number of the config, from 1.
    pub number: usize,
    /// The config that was tried.
    pub config: C,
    /// How many epochs it might train.
    pub epochs: usize,
    /// What it drew from.
    pub seed: u64,
    /// Its score, or why it has none: the error of a trial that failed, or the words of its panic.
    pub outcome: Result<Score, String>,
    /// How long it took.
    pub seconds: f64,
    /// The values of the space's fields, as the table shows them.
    pub(super) shown: Vec<String>,
}

impl<C: Clone> Finished<C> {
    /// The trial, to run it once more on so many threads: the same seed leads to the same bits.
    pub fn trial(&self, threads: usize) -> Trial<C> {
        let Finished { number, config, epochs, seed, .. } = self.clone();
        Trial { number, config, epochs, seed, threads }
    }
}

impl<C> Finished<C> {
    /// The score's value, if there is one. It is finite.
    pub fn score(&self) -> Option<f64> {
        self.outcome.as_ref().ok().map(|score| score.value)
    }
}
