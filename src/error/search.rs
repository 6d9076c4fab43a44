//! What can go wrong with a search as a whole; what goes wrong with a trial stays in its row.

use std::io;
use std::path::PathBuf;

use thiserror::Error as ThisError;

use super::system::Refusal;

/// A search could not start or go on.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum SearchError {
    /// A field of the space has no values, or none that this search can take.
    #[error("the values of `{name}` are {came}: they must be {wanted}")]
    Field {
        /// The field.
        name: String,
        /// Its values.
        came: String,
        /// What they may be.
        wanted: &'static str,
    },
    /// A setting has no meaning.
    #[error("{setting} is {came}: it must be {wanted}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// Its value.
        came: usize,
        /// What it may be.
        wanted: &'static str,
    },
    /// The config has no form in JSON.
    #[error("the config cannot be written as JSON: {reason}")]
    Config {
        /// What serde said.
        reason: String,
    },
    /// The file of trials could not be read or written.
    #[error("{}", Refusal(path, source))]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds the trials of another search, or something else.
    #[error(
        "{}: wanted the trials of this search, which begin with\n  {wanted}\nbut the file begins \
         with\n  {came}\nname another file, or delete this one if nobody needs it",
        path.display()
    )]
    OtherSearch {
        /// The file.
        path: PathBuf,
        /// The first line of a file of this search.
        wanted: String,
        /// The first line of the file.
        came: String,
    },
    /// A line of the file is no trial.
    #[error("{}: line {line} is no trial ({reason}); delete the line, and its trial runs again",
        path.display()
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no best trial.
    #[error("none of the {trials} trials has a score; the first failed with: {reason}")]
    NoScore {
        /// How many there are.
        trials: usize,
        /// Why the first has none.
        reason: String,
    },
}
