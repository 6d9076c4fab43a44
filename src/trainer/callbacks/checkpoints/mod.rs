//! The whole run on disk, again and again.

mod folder;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use folder::{BEST, checkpoints, file_name, place};

use super::{Callback, Monitor};
use crate::clock::Stopwatch;
use crate::error::{FileError, Result, TrainError};
use crate::trainer::{Moment, Run, SavePoint};

/// Saves the whole run in a folder: weights, what the optimizer remembers, averages, history and
/// place. [`Trainer::resume`](crate::trainer::Trainer::resume) goes on from such a file, and comes
/// to the same bits as a run that was never interrupted.
///
/// ```text
/// epoch-0004.safetensors            after epoch 4
/// epoch-0005-batch-000300.safetensors    within epoch 5
/// best.safetensors                  after the best epoch so far
/// ```
///
/// A checkpoint is written after every epoch, and when training stops or fails within one; unless
/// told otherwise, the newest is kept and the others removed. A folder is for one run: a new one is
/// refused where the checkpoints of another are, or where another process trains; nothing in the
/// folder is changed before that is known. A file is there whole or not at all,
/// and the one before is removed only then: whenever the program or the machine dies, one is left
/// to go on from.
///
/// ```
/// use chainrule::prelude::*;
///
/// let data = Mnist::sample().train.take(500)?;
/// let model = || Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10));
/// let trainer = || Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).seed(7);
/// let folder = tempfile::tempdir().unwrap();
///
/// let mut uninterrupted = model()?;
/// trainer().epochs(4).fit(&mut uninterrupted, &data)?;
///
/// trainer().epochs(2).callback(Checkpoints::new(folder.path())).fit(&mut model()?, &data)?;
/// let latest = Checkpoints::latest(folder.path())?.unwrap();
/// let mut resumed = model()?;
/// trainer().epochs(4).resume(latest).fit(&mut resumed, &data)?;
/// assert!(resumed.params() == uninterrupted.params());
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Checkpoints {
    folder: PathBuf,
    every_epochs: usize,
    every_batches: Option<usize>,
    every: Option<Duration>,
    keep: usize,
    best: Option<Monitor>,
    /// The folder is this run's for as long as this file is open.
    lock: Option<Arc<File>>,
    /// Those of this run, the oldest first.
    written: Vec<PathBuf>,
    /// Where the run stood when it was last saved, and when that was.
    saved: (usize, usize),
    clock: Stopwatch,
}

impl Checkpoints {
    /// After every epoch into this folder, which is made if need be; the newest is kept.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Checkpoints {
            folder: folder.into(),
            every_epochs: 1,
            every_batches: None,
            every: None,
            keep: 1,
            best: None,
            lock: None,
            written: Vec::new(),
            saved: (0, 0),
            clock: Stopwatch::start(),
        }
    }

    /// After every `n` epochs only, at least 1.
    #[must_use]
    pub fn every_epochs(self, n: usize) -> Self {
        Checkpoints { every_epochs: n, ..self }
    }

    /// Within epochs, too: after every `n` batches, at least 1.
    #[must_use]
    pub fn every_batches(self, n: usize) -> Self {
        Checkpoints { every_batches: Some(n), ..self }
    }

    /// Within epochs, too: when the last checkpoint is this old.
    #[must_use]
    pub fn every(self, time: Duration) -> Self {
        Checkpoints { every: Some(time), ..self }
    }

    /// Keeps the last `n`, at least 1.
    #[must_use]
    pub fn keep(self, n: usize) -> Self {
        Checkpoints { keep: n, ..self }
    }

    /// Keeps the best as well, as `best.safetensors`.
    #[must_use]
    pub fn best(self, monitor: Monitor) -> Self {
        Checkpoints { best: Some(monitor), ..self }
    }

    /// The newest checkpoint in a folder, by the place in the run, if there is one. A folder that is
    /// not there has none.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`] where the folder cannot be read.
    pub fn latest(folder: impl AsRef<Path>) -> Result<Option<PathBuf>> {
        Ok(checkpoints(folder.as_ref())?.pop())
    }

    fn check_settings(&self) -> Result<(), TrainError> {
        for (setting, value) in [
            ("the epochs between two checkpoints", self.every_epochs),
            ("the batches between two checkpoints", self.every_batches.unwrap_or(1)),
            ("the number of checkpoints to keep", self.keep),
        ] {
            if value == 0 {
                let (came, wanted) = (value.to_string(), "at least 1");
                return Err(TrainError::Setting { setting, came, wanted });
            }
        }
        Ok(())
    }

    /// Whether it is time, for a run that stands here.
    fn is_due(&self, run: &Run<'_>, moment: Moment) -> bool {
        let old = self.every.is_some_and(|every| self.clock.elapsed() >= every);
        match moment {
            Moment::Batch => {
                old || self.every_batches.is_some_and(|n| run.batch().is_multiple_of(n))
            }
            Moment::Epoch => old || run.history().epochs.len().is_multiple_of(self.every_epochs),
            Moment::End => self.saved != (run.epoch(), run.batch()),
        }
    }
}

impl Callback for Checkpoints {
    fn check(&mut self, run: &Run<'_>) -> Result<()> {
        self.check_settings()?;
        self.lock = None;
        let lock = folder::lock(&self.folder)?;
        let here = (run.epoch() - 1, run.batch());
        self.written = checkpoints(&self.folder)?;
        if let Some(found) = self.written.pop_if(|last| place(last) > Some(here)) {
            return Err(FileError::Occupied { folder: self.folder.clone(), found }.into());
        }
        self.lock = Some(Arc::new(lock));
        Ok(())
    }

    fn begin(&mut self, run: &mut Run<'_>) -> Result<()> {
        folder::clean(&self.folder)?;
        self.saved = (run.epoch(), run.batch());
        self.clock = Stopwatch::start();
        Ok(())
    }

    fn end(&mut self, _run: &mut Run<'_>) -> Result<()> {
        self.lock = None;
        Ok(())
    }

    fn save(&mut self, point: &SavePoint<'_>) -> Result<()> {
        let run = point.run();
        if let (Some(monitor), Moment::Epoch) = (self.best, point.moment()) {
            let badness: Vec<f64> = run
                .history()
                .epochs
                .iter()
                .map(|e| monitor.badness(e))
                .collect::<Result<_, _>>()?;
            // The first of several equally good ones, as in early stopping.
            if let Some((last, earlier)) = badness.split_last()
                && earlier.iter().all(|earlier| last < earlier)
            {
                point.write(self.folder.join(BEST))?;
            }
        }
        if !self.is_due(run, point.moment()) {
            return Ok(());
        }
        let path = self.folder.join(file_name(run.epoch(), run.batch()));
        point.write(&path)?;
        self.saved = (run.epoch(), run.batch());
        self.clock = Stopwatch::start();
        self.written.retain(|written| *written != path);
        self.written.push(path);
        while self.written.len() > self.keep {
            let oldest = self.written.remove(0);
            fs::remove_file(&oldest).map_err(|source| FileError::Io { path: oldest, source })?;
        }
        Ok(())
    }
}
