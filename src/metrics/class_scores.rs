//! Precision, recall and F1: how far a "yes" can be relied on, and how much of what is there is found.

use super::share;
use super::table::{LISTED, Table, lowest};

/// Scores of one class or label, or the mean over all.
///
/// ```text
/// precision = right / named       of the samples that were given this class, the share that is of it
/// recall    = right / there       of the samples that are of this class, the share that was given it
/// F1        = 2·right / (named + there)        their harmonic mean
/// ```
///
/// A share of nothing is 0: the precision of a class that is never
/// named, and the recall of one that is not there. (scikit-learn's default is the same.)
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ClassScores {
    /// In 0..1.
    pub precision: f64,
    /// In 0..1.
    pub recall: f64,
    /// In 0..1.
    pub f1: f64,
    /// Number of samples that are of the class, or have the label.
    pub support: usize,
}

impl ClassScores {
    pub(super) fn new(right: usize, named: usize, there: usize) -> Self {
        ClassScores {
            precision: share(right as f64, named as f64),
            recall: share(right as f64, there as f64),
            f1: share(2.0 * right as f64, (named + there) as f64),
            support: there,
        }
    }

    /// The cells of a table.
    pub(super) fn cells(&self) -> [String; 4] {
        let share = |share: f64| format!("{share:.4}");
        let ClassScores { precision, recall, f1, support } = *self;
        [share(precision), share(recall), share(f1), support.to_string()]
    }

    /// The mean, each counting the same.
    pub(super) fn macro_average(scores: &[ClassScores]) -> Self {
        average(scores, |_| 1.0)
    }

    /// The mean, each counting as many times as it has samples.
    pub(super) fn weighted_average(scores: &[ClassScores]) -> Self {
        average(scores, |scores| scores.support as f64)
    }
}

fn average(scores: &[ClassScores], weight: impl Fn(&ClassScores) -> f64) -> ClassScores {
    let whole = scores.iter().map(&weight).sum();
    let mean = |of: fn(&ClassScores) -> f64| {
        share(scores.iter().map(|scores| weight(scores) * of(scores)).sum(), whole)
    };
    ClassScores {
        precision: mean(|scores| scores.precision),
        recall: mean(|scores| scores.recall),
        f1: mean(|scores| scores.f1),
        support: scores.iter().map(|scores| scores.support).sum(),
    }
}

/// Adds a row for each class or label to a table that is not too long, and else for those with the
/// lowest F1. `more` are further cells of a row.
pub(super) fn add_rows(
    table: &mut Table,
    scores: &[ClassScores],
    name: impl Fn(usize) -> String,
    more: impl Fn(usize) -> Option<String>,
) {
    // A class without samples has no F1 to speak of.
    let key = |s: &ClassScores| if s.support == 0 { f64::INFINITY } else { s.f1 };
    for index in lowest(scores.iter().map(key)) {
        table.row(&name(index), scores[index].cells().into_iter().chain(more(index)));
    }
    if scores.len() > LISTED {
        table.note(format!("{LISTED} of {}: those with the lowest F1", scores.len()));
    }
}
