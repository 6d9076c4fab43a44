//! What can be wrong with tables of text.

use std::path::PathBuf;

use thiserror::Error as ThisError;

use super::system::Refusal;

/// A table is not what it should be. Lines count from 1, columns from 0. A row begins with the empty
/// lines before it.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum TableError {
    /// The operating system refused to read a file.
    #[error("{}", Refusal(path, source))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A setting of the reader has no meaning.
    #[error("{setting} is {came}: it must be {wanted}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// Its value.
        came: String,
        /// What it may be.
        wanted: &'static str,
    },
    /// A table has no rows.
    #[error("{}: expected at least one row beside a header, but found none", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The columns of a table are not those that are wanted.
    #[error("{}: {reason}", path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// What is wrong, and the fix.
        reason: String,
    },
    /// A row is no row of this table.
    #[error("{}, line {line}: {reason}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line where the row begins.
        line: u64,
        /// What is wrong, and the fix.
        reason: String,
    },
    /// A cell holds something else than it should.
    #[error("{}, line {line}, column {column}: expected {wanted}, but found `{found}`", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// The line where the row begins.
        line: u64,
        /// The column's name, or its number where there is no header.
        column: String,
        /// What the cell should hold.
        wanted: String,
        /// What it holds.
        found: String,
    },
}
