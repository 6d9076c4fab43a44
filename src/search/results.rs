//! What came of a search: a table, the best trial first.

use std::cmp::Ordering;
use std::fmt;

use super::trial::Finished;
use crate::error::{Result, SearchError};

/// The longest reason for a failure that a row shows.
const REASON: usize = 60;

/// All trials of a search, the best first, those that failed last.
///
/// Its `Display` is a table with a row for each; a precision, as in `{results:.10}`, says how many
/// to show.
#[derive(Debug, Clone, PartialEq)]
pub struct Results<C> {
    names: Vec<String>,
    maximize: bool,
    trials: Vec<Finished<C>>,
}

impl<C> Results<C> {
    pub(super) fn new(names: Vec<String>, maximize: bool, mut trials: Vec<Finished<C>>) -> Self {
        trials.sort_by(|a, b| order(maximize, a, b));
        Results { names, maximize, trials }
    }

    /// The trial with the best score: the first of several, by number.
    ///
    /// # Errors
    ///
    /// [`SearchError::NoScore`] if all trials failed.
    pub fn best(&self) -> Result<&Finished<C>> {
        let best = self.trials.first();
        match best.map(|best| best.outcome.as_ref()) {
            Some(Ok(_)) => Ok(&self.trials[0]),
            failed => {
                let reason = failed.map_or("there is none", |outcome| {
                    outcome.err().map_or("", |reason| reason.as_str())
                });
                let (trials, reason) = (self.trials.len(), reason.to_string());
                Err(SearchError::NoScore { trials, reason }.into())
            }
        }
    }

    /// All trials, the best first. With halving, a config occurs once for each of its rounds.
    pub fn trials(&self) -> &[Finished<C>] {
        &self.trials
    }
}

/// Better scores first, then lower numbers; what failed comes last.
pub(super) fn order<C>(maximize: bool, a: &Finished<C>, b: &Finished<C>) -> Ordering {
    let by_score = match (a.score(), b.score()) {
        (Some(a), Some(b)) if maximize => b.total_cmp(&a),
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    by_score.then(a.number.cmp(&b.number)).then(a.epochs.cmp(&b.epochs))
}

impl<C> fmt::Display for Results<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = f.precision().unwrap_or(usize::MAX).min(self.trials.len());
        let mut rows = vec![self.head()];
        rows.extend(self.trials[..shown].iter().map(row));
        let columns = self.names.len() + 3;
        let widths: Vec<usize> = (0..columns)
            .map(|i| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0))
            .collect();
        for (number, row) in rows.iter().enumerate() {
            for (cell, width) in row.iter().zip(&widths) {
                write!(f, "{cell:>width$}  ")?;
            }
            // What comes last is a score, or the reason why there is none.
            writeln!(f, "{}", row[columns])?;
            if number == 0 {
                let rule = widths.iter().sum::<usize>() + 2 * columns + row[columns].len();
                writeln!(f, "{}", "-".repeat(rule))?;
            }
        }
        match self.trials.len() - shown {
            0 => Ok(()),
            more => writeln!(f, "and {more} more"),
        }
    }
}

impl<C> Results<C> {
    fn head(&self) -> Vec<String> {
        let score =
            if self.maximize { "score (higher is better)" } else { "score (lower is better)" };
        let mut head = vec!["trial".to_string()];
        head.extend(self.names.iter().cloned());
        head.extend(["epochs", "seconds", score].map(String::from));
        head
    }
}

fn row<C>(trial: &Finished<C>) -> Vec<String> {
    let mut row = vec![trial.number.to_string()];
    row.extend(trial.shown.iter().cloned());
    let history = trial.outcome.as_ref().ok().and_then(|score| score.history.as_ref());
    row.push(match history {
        Some(history) if history.epochs.len() < trial.epochs => {
            format!("{} of {}", history.epochs.len(), trial.epochs)
        }
        _ => trial.epochs.to_string(),
    });
    row.push(format!("{:.1}", trial.seconds));
    row.push(match &trial.outcome {
        Ok(score) => format!("{:.5}", score.value),
        Err(reason) => {
            let line = reason.lines().next().unwrap_or_default();
            let cut: String = line.chars().take(REASON).collect();
            let dots = if cut.len() < reason.len() { "…" } else { "" };
            format!("failed: {cut}{dots}")
        }
    });
    row
}

/// `trial 3  lr 0.0100  hidden 64  epochs 5  seconds 1.2  score 0.12345`
pub(super) fn line<C>(names: &[String], trial: &Finished<C>) -> String {
    let names = names.iter().map(String::as_str);
    let names = ["trial"].into_iter().chain(names).chain(["epochs", "seconds", "score"]);
    let cells = names.zip(row(trial)).map(|(name, cell)| format!("{name} {cell}"));
    cells.collect::<Vec<_>>().join("  ")
}
