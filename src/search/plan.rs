//! What a search has to do, and the line that says so in its file.

use serde::Serialize;

use super::file::json;
use super::schedule::{Bracket, Round, halving, hyperband};
use super::{Method, Search, Space};
use crate::error::{Result, SearchError};

/// The most configs of a search: each has its row in the table.
const MOST: usize = 1_000_000;

impl Search {
    /// What there is to do, if all settings have a meaning.
    pub(super) fn brackets<C>(&self, space: &Space<C>) -> Result<Vec<Bracket>> {
        space.check()?;
        let (configs, eta) = match self.method {
            Method::Grid => (space.grid_len()?, 2),
            Method::Random { configs } => (configs, 2),
            Method::Halving { configs, eta } => (configs, eta),
            Method::Hyperband { eta } => (1, eta),
        };
        for (setting, came, range, wanted) in [
            ("the number of epochs", self.epochs, 1..=usize::MAX, "at least 1"),
            ("the number of configs", configs, 1..=MOST, "from 1 to 1,000,000"),
            ("eta", eta, 2..=usize::MAX, "at least 2: of so many configs, one goes on"),
            ("the number of threads", self.threads.unwrap_or(1), 1..=1024, "1 to 1024"),
            ("the number of trials at once", self.at_once, 1..=usize::MAX, "at least 1"),
        ] {
            if !range.contains(&came) {
                return Err(SearchError::Setting { setting, came, wanted }.into());
            }
        }
        let brackets = match self.method {
            Method::Grid | Method::Random { .. } => {
                vec![vec![Round { configs, epochs: self.epochs }]]
            }
            Method::Halving { .. } => vec![halving(configs, self.epochs, eta)],
            Method::Hyperband { .. } => hyperband(self.epochs, eta),
        };
        if brackets.iter().map(|bracket| bracket[0].configs).max() > Some(MOST) {
            let (setting, wanted) = (
                "the number of epochs",
                "so small that Hyperband needs no more than 1,000,000 configs",
            );
            return Err(SearchError::Setting { setting, came: self.epochs, wanted }.into());
        }
        Ok(brackets)
    }

    /// All that decides about the trials and their order, as the first line of the file. The number
    /// of random configs does not: more may be added.
    pub(super) fn header<C: Serialize>(&self, space: &Space<C>) -> Result<String> {
        #[derive(Serialize)]
        struct FirstLine<'a, C> {
            search: String,
            epochs: usize,
            seed: u64,
            better: &'static str,
            space: Vec<String>,
            base: &'a C,
        }
        json(&FirstLine {
            search: match self.method {
                Method::Grid => "grid".to_string(),
                Method::Random { .. } => "random".to_string(),
                Method::Halving { configs, eta } => format!("halving({configs}, {eta})"),
                Method::Hyperband { eta } => format!("hyperband({eta})"),
            },
            epochs: self.epochs,
            seed: self.seed,
            better: if self.maximize { "higher" } else { "lower" },
            space: space.descriptions(),
            base: &space.base,
        })
    }
}
