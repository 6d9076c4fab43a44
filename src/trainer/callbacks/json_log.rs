//! The run as lines of JSON on disk, while it goes on.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::json;

use super::Callback;
use crate::error::{FileError, Result};
use crate::trainer::Run;

/// Writes a line of JSON about the run, one after each epoch, and one when training is over.
///
/// ```text
/// {"epochs":2,"samples":500,"batch_size":128,"seed":0,"parameters":7850,"layers":["Flatten","Dense(10)"]}
/// {"epoch":1,"loss":0.4061,"accuracy":0.8817,"validation_loss":null,…,"learning_rate":0.001,"seconds":0.31}
/// {"epoch":2,…}
/// {"end":"all epochs are done","verdict":null}
/// ```
///
/// A new run begins the file anew, and one that goes on from a checkpoint begins it with the epochs
/// that the checkpoint has, so that none is there twice. A file without a last line is of a run that
/// is not over, or was killed. The [verdict](crate::metrics::History::verdict) is a sentence.
///
/// ```
/// use chainrule::trainer::callbacks::JsonLog;
/// use chainrule::prelude::*;
///
/// let data = Mnist::sample().train.take(500)?;
/// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("log.jsonl");
/// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))
///     .epochs(2)
///     .callback(JsonLog::new(&path))
///     .fit(&mut model, &data)?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1 + 2 + 1);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug)]
pub struct JsonLog {
    path: PathBuf,
    /// While training goes on.
    file: Option<File>,
}

impl JsonLog {
    /// Writes to this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        JsonLog { path: path.into(), file: None }
    }

    fn failed(&self, source: std::io::Error) -> FileError {
        FileError::Io { path: self.path.clone(), source }
    }

    /// A line at a time, so that a reader never sees half of one.
    fn write(&mut self, value: &impl Serialize) -> Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let line = serde_json::to_string(value).map_err(std::io::Error::from);
        let written = line.and_then(|line| file.write_all(format!("{line}\n").as_bytes()));
        written.map_err(|error| self.failed(error).into())
    }
}

impl Callback for JsonLog {
    fn begin(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.file = Some(File::create(&self.path).map_err(|error| self.failed(error))?);
        let layers: Vec<&str> = run.model().layers().map(|layer| layer.name()).collect();
        self.write(&json!({
            "epochs": run.epochs(),
            "samples": run.samples(),
            "batch_size": run.batch_size(),
            "seed": run.seed(),
            "parameters": run.model().param_count(),
            "layers": layers,
        }))?;
        run.history().epochs.iter().try_for_each(|epoch| self.write(epoch))
    }

    fn epoch(&mut self, run: &mut Run<'_>) -> Result<()> {
        run.history().last().map_or(Ok(()), |epoch| self.write(epoch))
    }

    fn end(&mut self, run: &mut Run<'_>) -> Result<()> {
        let reason = run.error().or(run.stopped()).unwrap_or("all epochs are done");
        let verdict = run.history().verdict().map(|verdict| verdict.to_string());
        self.write(&json!({ "end": reason, "verdict": verdict }))?;
        self.file = None;
        Ok(())
    }
}
