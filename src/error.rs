//! Everything that can go wrong, as types.
//!
//! A message names the thing, what was wanted, what came, and the fix. [`Error`] gathers the three
//! kinds, so that `?` works across a whole program. Nothing that a caller or a file controls
//! panics.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error as ThisError;

/// What `Result` means in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error of this crate.
///
/// Its `Debug` is its `Display`, because `fn main() -> Result<()>` prints an error with `Debug`,
/// and a user should then read a sentence and not a syntax tree. For the variant, match on it.
#[derive(ThisError)]
#[error(transparent)]
#[non_exhaustive]
pub enum Error {
    /// A data file or a data set is not what it should be.
    Data(#[from] DataError),
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A data file or a data set is not what it should be.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum DataError {
    /// The operating system refused to read or write a file, or a gzip stream is broken.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
