//! The history as a table on disk, while it grows.

use std::fs::File;
use std::path::PathBuf;

use super::Callback;
use crate::error::{FileError, Result};
use crate::trainer::Run;

/// Writes a line of comma-separated values after each epoch, as spreadsheets and plotting programs
/// read them.
///
/// ```text
/// epoch,loss,accuracy,validation_loss,validation_accuracy,learning_rate,seconds
/// 1,0.4061,0.8817,0.2213,0.9355,0.001,0.31
/// ```
///
/// The file is what the history says: a new run begins it anew, and one that goes on from a
/// checkpoint begins it with the epochs that the checkpoint has, so that none is there twice.
///
/// ```
/// use chainrule::trainer::callbacks::CsvLog;
/// use chainrule::prelude::*;
///
/// let data = Mnist::sample().train.take(500)?;
/// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("log.csv");
/// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))
///     .epochs(2)
///     .callback(CsvLog::new(&path))
///     .fit(&mut model, &data)?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1 + 2);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug)]
pub struct CsvLog {
    path: PathBuf,
    /// While training goes on.
    file: Option<csv::Writer<File>>,
}

impl CsvLog {
    /// Writes to this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        CsvLog { path: path.into(), file: None }
    }

    fn failed(&self, error: impl Into<std::io::Error>) -> FileError {
        FileError::Io { path: self.path.clone(), source: error.into() }
    }

    /// Adds the epochs from this number on.
    fn write(&mut self, run: &Run<'_>, from: usize) -> Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut epochs = run.history().epochs.iter().skip(from);
        let written = epochs.try_for_each(|epoch| file.serialize(epoch));
        let result = written.map_err(std::io::Error::from).and_then(|()| file.flush());
        result.map_err(|error| self.failed(error).into())
    }
}

impl Callback for CsvLog {
    fn begin(&mut self, run: &mut Run<'_>) -> Result<()> {
        let file = File::create(&self.path).map_err(|error| self.failed(error))?;
        self.file = Some(csv::Writer::from_writer(file));
        self.write(run, 0)
    }

    fn epoch(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.write(run, run.history().epochs.len().saturating_sub(1))
    }

    fn end(&mut self, _run: &mut Run<'_>) -> Result<()> {
        self.file = None;
        Ok(())
    }
}
