//! Precision, recall and F1: how far a class can be relied on, and how much of it is found.
//!
//! Where a class is rare, accuracy hardly sees it: a model that never names it is still mostly
//! right. These see it.

use std::fmt;

use super::class_scores::{ClassScores, add_rows};
use super::confusion::{Confusion, name};
use super::table::Table;

/// The scores of every class: [`Confusion::report`] makes it.
///
/// Its `Display` is a table: of all classes up to 30, and of more the 30 with the lowest F1.
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
            let there = counts[class].iter().sum();
            let named = counts.iter().map(|row| row[class]).sum();
            ClassScores::new(counts[class][class], named, there)
        };
        let classes = (0..counts.len()).map(score).collect();
        let (names, accuracy) = (confusion.names.clone(), confusion.accuracy());
        ClassReport { classes, names, accuracy }
    }

    /// The mean over the classes, each counting the same: what a rare class is worth here is as much
    /// as a common one.
    pub fn macro_average(&self) -> ClassScores {
        ClassScores::macro_average(&self.classes)
    }

    /// The mean over the classes, each counting as many times as it has samples.
    pub fn weighted_average(&self) -> ClassScores {
        ClassScores::weighted_average(&self.classes)
    }
}

impl fmt::Display for ClassReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new("class", &["precision", "recall", "F1", "samples"]);
        add_rows(&mut table, &self.classes, |class| name(&self.names, class), |_| None);
        table.note(String::new());
        let average = self.macro_average();
        let accuracy = format!("{:.4}", self.accuracy);
        let blank = String::new;
        table.row("accuracy", [blank(), blank(), accuracy, average.support.to_string()]);
        table.row("macro", average.cells());
        table.row("weighted", self.weighted_average().cells());
        write!(f, "{table}")
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
        assert_eq!(widths(&named), [50 + 24 - 8; 6]);
        assert!(named.to_string().contains("\na name that is too long…      1.0000"), "{named}");
    }
}
