//! Precision, recall and F1: how far a class can be relied on, and how much of it is found.
//!
//! Where a class is rare, accuracy hardly sees it: a model that never names it is still mostly
//! right. These see it.

use std::fmt;

use super::confusion::name;
use super::{Confusion, share};
use crate::text::shortened;

/// Largest number of characters of a class's name in the table.
const NAME: usize = 24;

/// How well one class is recognized, or all on average.
///
/// ```text
/// precision = right / named       of the samples that were given this class, the share that is of it
/// recall    = right / there       of the samples that are of this class, the share that was given it
/// F1        = 2·right / (named + there)        their harmonic mean
/// ```
///
/// Where there is nothing to take a share of, the share is 0: the precision of a class that is never
/// named, and the recall of one that is not there. (scikit-learn's default is the same.)
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ClassScores {
    /// In 0..1.
    pub precision: f64,
    /// In 0..1.
    pub recall: f64,
    /// In 0..1.
    pub f1: f64,
    /// How many samples are of the class.
    pub support: usize,
}

/// The scores of every class: [`Confusion::report`] makes it.
///
/// Its `Display` is a table.
///
/// ```
/// use chainrule::metrics::Confusion;
///
/// // Of ten samples of class 0, one was taken for class 1.
/// let report = Confusion::new(vec![vec![9, 1], vec![0, 1]]).report();
/// assert_eq!((report.classes[1].precision, report.classes[1].recall), (0.5, 1.0));
/// assert_eq!(report.to_string(), "\
/// class      precision    recall        F1   samples
/// 0             1.0000    0.9000    0.9474        10
/// 1             0.5000    1.0000    0.6667         1
///
/// accuracy                          0.9091        11
/// macro         0.7500    0.9500    0.8070        11
/// weighted      0.9545    0.9091    0.9219        11
/// ");
/// ```
///
/// Source: C. van Rijsbergen, "Information Retrieval", 1979, chapter 7.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassReport {
    /// Class by class.
    pub classes: Vec<ClassScores>,
    /// Names of the classes; those without a name go by their numbers.
    pub names: Vec<String>,
    /// The share of right classes.
    pub accuracy: f64,
}

impl ClassReport {
    pub(super) fn new(confusion: &Confusion) -> Self {
        let counts = &confusion.counts;
        let score = |class: usize| {
            let right = counts[class][class] as f64;
            let there: usize = counts[class].iter().sum();
            let named: usize = counts.iter().map(|row| row[class]).sum();
            ClassScores {
                precision: share(right, named as f64),
                recall: share(right, there as f64),
                f1: share(2.0 * right, (named + there) as f64),
                support: there,
            }
        };
        let classes = (0..counts.len()).map(score).collect();
        let (names, accuracy) = (confusion.names.clone(), confusion.accuracy());
        ClassReport { classes, names, accuracy }
    }

    /// The mean over the classes, each counting the same: what a rare class is worth here is as much
    /// as a common one.
    pub fn macro_average(&self) -> ClassScores {
        self.average(|_| 1.0)
    }

    /// The mean over the classes, each counting as many times as it has samples.
    pub fn weighted_average(&self) -> ClassScores {
        self.average(|class| class.support as f64)
    }

    fn average(&self, weight: impl Fn(&ClassScores) -> f64) -> ClassScores {
        let whole = self.classes.iter().map(&weight).sum();
        let mean = |of: fn(&ClassScores) -> f64| {
            share(self.classes.iter().map(|class| weight(class) * of(class)).sum(), whole)
        };
        ClassScores {
            precision: mean(|class| class.precision),
            recall: mean(|class| class.recall),
            f1: mean(|class| class.f1),
            support: self.classes.iter().map(|class| class.support).sum(),
        }
    }
}

impl fmt::Display for ClassReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = (0..self.classes.len()).map(|class| shortened(&name(&self.names, class), NAME));
        let names: Vec<String> = names.collect();
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let width = longest.max("weighted".len());
        let row = |f: &mut fmt::Formatter<'_>, name: &str, s: ClassScores| {
            let ClassScores { precision, recall, f1, support } = s;
            writeln!(f, "{name:<width$}  {precision:>10.4}{recall:>10.4}{f1:>10.4}{support:>10}")
        };
        writeln!(
            f,
            "{:<width$}{:>12}{:>10}{:>10}{:>10}",
            "class", "precision", "recall", "F1", "samples"
        )?;
        for (name, &scores) in names.iter().zip(&self.classes) {
            row(f, name, scores)?;
        }
        let average = self.macro_average();
        let (accuracy, samples) = (self.accuracy, average.support);
        writeln!(f, "\n{:<width$}{accuracy:>32.4}{samples:>10}", "accuracy")?;
        row(f, "macro", average)?;
        row(f, "weighted", self.weighted_average())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_widens_the_table_up_to_a_limit() {
        let report = Confusion::new(vec![vec![1, 0], vec![0, 1]]).report();
        let named = Confusion::new(vec![vec![1, 0], vec![0, 1]])
            .named(["versicolor", "a name that is too long for any table"])
            .report();
        let widths = |report: &ClassReport| -> Vec<usize> {
            let table = report.to_string();
            table.lines().map(|line| line.chars().count()).filter(|&width| width > 0).collect()
        };
        assert_eq!(widths(&report), [50; 6]);
        assert_eq!(widths(&named), [50 + NAME - 8; 6]);
        assert!(named.to_string().contains("\na name that is too long…      1.0000"), "{named}");
    }
}
