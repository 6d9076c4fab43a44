//! The file of trials: a line of JSON that says which search it is, and a line for each trial that
//! has finished, on the disk before the next one begins.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::trial::{Finished, Score};
use crate::error::{Result, SearchError};

/// An open file, and the trials that it held when it was opened.
pub(super) struct TrialFile {
    path: PathBuf,
    file: File,
    finished: HashMap<(usize, usize), Outcome>,
}

/// What the file knows of a trial that need not run again.
#[derive(Clone)]
pub(super) struct Outcome {
    pub outcome: Result<Score, String>,
    pub seconds: f64,
}

/// A line to be written.
#[derive(Serialize)]
struct Written<'a, C> {
    trial: usize,
    epochs: usize,
    seed: u64,
    config: &'a C,
    #[serde(flatten)]
    status: Status,
    seconds: f64,
}

/// What is read of one: the config follows from the search and the number.
#[derive(Deserialize)]
struct Line {
    trial: usize,
    epochs: usize,
    #[serde(flatten)]
    status: Status,
    seconds: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum Status {
    Finished(Score),
    Failed { reason: String },
}

impl TrialFile {
    /// Opens the file of the search that this header tells, or begins it. What a crash left of a
    /// last line is dropped.
    pub fn open(path: &Path, header: &str) -> Result<Self> {
        let failed = |source| SearchError::File { path: path.into(), source };
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(failed)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;

        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
        let mut lines = bytes[..whole]
            .split_inclusive(|&byte| byte == b'\n')
            .map(|line| &line[..line.len() - 1]);
        let fits = match lines.next() {
            Some(line) => line == header.as_bytes(),
            // Only what a crash left of the first line: else the file is somebody else's.
            None => header.as_bytes().starts_with(&bytes),
        };
        if !fits {
            let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
            let came = String::from_utf8_lossy(line).chars().take(500).collect();
            let (path, wanted) = (path.into(), header.into());
            return Err(SearchError::OtherSearch { path, wanted, came }.into());
        }

        let mut finished = HashMap::new();
        for (i, line) in lines.enumerate() {
            let line: Line = serde_json::from_slice(line).map_err(|error| SearchError::Line {
                path: path.into(),
                line: i + 2,
                reason: error.to_string(),
            })?;
            let outcome = match line.status {
                Status::Finished(score) => Ok(score),
                Status::Failed { reason } => Err(reason),
            };
            finished.insert((line.trial, line.epochs), Outcome { outcome, seconds: line.seconds });
        }

        file.set_len(whole as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let mut file = TrialFile { path: path.into(), file, finished };
        if whole == 0 {
            file.write(header.into()).map_err(failed)?;
        }
        Ok(file)
    }

    /// What came of a trial before.
    pub fn finished(&self, number: usize, epochs: usize) -> Option<Outcome> {
        self.finished.get(&(number, epochs)).cloned()
    }

    /// Adds a trial. It is on the disk when this returns.
    pub fn append<C: Serialize>(&mut self, trial: &Finished<C>) -> Result<()> {
        let line = Written {
            trial: trial.number,
            epochs: trial.epochs,
            seed: trial.seed,
            config: &trial.config,
            status: match trial.outcome.clone() {
                Ok(score) => Status::Finished(score),
                Err(reason) => Status::Failed { reason },
            },
            seconds: trial.seconds,
        };
        let line = json(&line)?;
        self.write(line)
            .map_err(|source| SearchError::File { path: self.path.clone(), source }.into())
    }

    fn write(&mut self, mut line: String) -> io::Result<()> {
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()
    }
}

/// A config, or what contains one, as JSON.
pub(super) fn json(value: &impl Serialize) -> Result<String> {
    let config = |error: serde_json::Error| SearchError::Config { reason: error.to_string() };
    Ok(serde_json::to_string(value).map_err(config)?)
}
