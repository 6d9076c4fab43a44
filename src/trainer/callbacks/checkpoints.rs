//! The whole run on disk, again and again.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use super::{Callback, Monitor};
use crate::atomic::TEMPORARY;
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
/// refused where the checkpoints of another are. A file is there whole or not at all,
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
        let folder = folder.as_ref();
        Ok(list(folder)?.into_iter().filter(|path| place(path).is_some()).max_by_key(|p| place(p)))
    }

    fn check(&self) -> Result<(), TrainError> {
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
    fn begin(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.check()?;
        let io = |source| FileError::Io { path: self.folder.clone(), source };
        fs::create_dir_all(&self.folder).map_err(io)?;
        let here = (run.epoch() - 1, run.batch());
        self.written.clear();
        for path in list(&self.folder)? {
            match place(&path) {
                Some(other) if other > here => {
                    let (folder, found) = (self.folder.clone(), path);
                    return Err(FileError::Occupied { folder, found }.into());
                }
                Some(_) => self.written.push(path),
                // Of a run that was killed while it wrote.
                None if path.extension().is_some_and(|extension| extension == TEMPORARY) => {
                    let _ = fs::remove_file(path);
                }
                None => {}
            }
        }
        self.written.sort_by_key(|path| place(path));
        self.saved = (run.epoch(), run.batch());
        self.clock = Stopwatch::start();
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
            let last = badness.last().copied().unwrap_or(f64::NAN);
            // The first of several equally good ones, as early stopping has it.
            if badness[..badness.len() - 1]
                .iter()
                .all(|&earlier| last < earlier || earlier.is_nan())
                && !last.is_nan()
            {
                point.write(self.folder.join("best.safetensors"))?;
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

/// For a run that stands in this epoch, after this batch of it.
fn file_name(epoch: usize, batch: usize) -> String {
    match batch {
        0 => format!("epoch-{:04}.safetensors", epoch - 1),
        _ => format!("epoch-{epoch:04}-batch-{batch:06}.safetensors"),
    }
}

/// Where in its run a checkpoint was written, by its name: finished epochs, and batches.
fn place(path: &Path) -> Option<(usize, usize)> {
    let name = path.file_name()?.to_str()?.strip_prefix("epoch-")?.strip_suffix(".safetensors")?;
    match name.split_once("-batch-") {
        None => Some((name.parse().ok()?, 0)),
        Some((epoch, batch)) => {
            Some((epoch.parse::<usize>().ok()?.checked_sub(1)?, batch.parse().ok()?))
        }
    }
}

/// What is in a folder.
fn list(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let io = |source| FileError::Io { path: folder.into(), source };
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(io)?.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(io(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_place_in_the_run() {
        for (epoch, batch, finished) in [(5, 0, (4, 0)), (5, 300, (4, 300)), (12345, 1, (12344, 1))]
        {
            assert_eq!(place(Path::new(&file_name(epoch, batch))), Some(finished));
        }
        for other in [
            "best.safetensors",
            "epoch-1.txt",
            "epoch-x.safetensors",
            "epoch-0000-batch-1.safetensors",
        ] {
            assert_eq!(place(Path::new(other)), None, "{other}");
        }
    }
}
