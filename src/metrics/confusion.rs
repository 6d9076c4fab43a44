//! Which classes a model takes for which.

use std::fmt;

use super::{ClassReport, share};

/// How often samples of one class (a row) were taken for another (a column).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    /// `counts[actual][predicted]`
    pub counts: Vec<Vec<usize>>,
}

impl Confusion {
    /// How many samples it counts.
    pub fn total(&self) -> usize {
        self.counts.iter().flatten().sum()
    }

    /// The share of right classes; 0 where nothing was counted.
    pub fn accuracy(&self) -> f64 {
        let right: usize = self.counts.iter().enumerate().map(|(class, row)| row[class]).sum();
        share(right as f64, self.total() as f64)
    }

    /// Precision, recall and F1 of each class.
    pub fn report(&self) -> ClassReport {
        ClassReport::new(self)
    }

    /// The mistakes that were made at least once, as (actual, predicted, how often), the most
    /// frequent first.
    pub fn mistakes(&self) -> Vec<(usize, usize, usize)> {
        let mut mistakes: Vec<_> = (self.counts.iter().enumerate())
            .flat_map(|(actual, row)| row.iter().enumerate().map(move |(p, &n)| (actual, p, n)))
            .filter(|&(actual, predicted, count)| actual != predicted && count > 0)
            .collect();
        mistakes.sort_by_key(|&(_, _, count)| std::cmp::Reverse(count));
        mistakes
    }
}

/// A table with a row for each class, and its recall: how many of its samples were found.
impl fmt::Display for Confusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let largest = self.counts.iter().flatten().max().copied().unwrap_or(0);
        let width = largest.max(self.counts.len()).to_string().len().max(2);
        write!(f, "actual ╲ predicted")?;
        for class in 0..self.counts.len() {
            write!(f, " {class:>width$}")?;
        }
        writeln!(f, "   found")?;
        for (class, row) in self.counts.iter().enumerate() {
            write!(f, "{class:>18}")?;
            for &count in row {
                match count {
                    0 => write!(f, " {:>width$}", "·")?,
                    _ => write!(f, " {count:>width$}")?,
                }
            }
            let total: usize = row.iter().sum();
            if total > 0 {
                write!(f, " {:>5.1} %", 100.0 * row[class] as f64 / total as f64)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_and_the_mistakes() {
        let confusion = Confusion { counts: vec![vec![1, 0, 0], vec![1, 0, 3], vec![0, 1, 0]] };
        let table = confusion.to_string();
        assert_eq!(table.lines().nth(1), Some("                 0  1  ·  · 100.0 %"), "{table}");
        assert_eq!(confusion.mistakes(), [(1, 2, 3), (1, 0, 1), (2, 1, 1)]);
        assert_eq!((confusion.total(), confusion.accuracy()), (6, 1.0 / 6.0));
        assert_eq!(Confusion { counts: vec![] }.accuracy(), 0.0);
    }
}
