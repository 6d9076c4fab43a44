//! How good a model is: loss, accuracy, and which classes it takes for which.

use std::fmt;

/// What a model makes of a data set, from one pass over it.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The mean loss, weighted as [`Loss::weight`](crate::loss::Loss::weight) has it.
    pub loss: f64,
    /// The share of right classes, in 0..1; `None` where the targets are no classes.
    pub accuracy: Option<f64>,
    /// The loss of each sample, without its weight.
    pub losses: Vec<f32>,
    /// The class that each prediction stands for: [`Loss::class`](crate::loss::Loss::class).
    pub predicted: Vec<usize>,
    /// The right class of each sample; empty where the targets are no classes.
    pub actual: Vec<usize>,
}

impl Evaluation {
    /// How many samples got a wrong class.
    pub fn wrong(&self) -> usize {
        self.predicted.iter().zip(&self.actual).filter(|(p, a)| p != a).count()
    }

    /// The numbers of up to `count` misclassified samples, the highest loss first.
    pub fn worst(&self, count: usize) -> Vec<usize> {
        let mut wrong: Vec<usize> =
            (0..self.actual.len()).filter(|&i| self.predicted[i] != self.actual[i]).collect();
        wrong.sort_by(|&a, &b| self.losses[b].total_cmp(&self.losses[a]));
        wrong.truncate(count);
        wrong
    }

    /// The confusion matrix over this many classes.
    pub fn confusion(&self, classes: usize) -> Confusion {
        let mut counts = vec![vec![0; classes]; classes];
        for (&actual, &predicted) in self.actual.iter().zip(&self.predicted) {
            if actual < classes && predicted < classes {
                counts[actual][predicted] += 1;
            }
        }
        Confusion { counts }
    }
}

/// How often samples of one class (a row) were taken for another (a column).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    /// `counts[actual][predicted]`
    pub counts: Vec<Vec<usize>>,
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

/// The number of the largest value: the first of several, and never a NaN while there is another.
pub(crate) fn argmax(values: &[f32]) -> usize {
    let mut best = 0;
    for (i, &value) in values.iter().enumerate() {
        if value > values[best] || values[best].is_nan() {
            best = i;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argmax_takes_the_first_of_the_largest_and_no_nan() {
        assert_eq!(argmax(&[1.0, 3.0, 3.0]), 1);
        assert_eq!(argmax(&[f32::NAN, -1.0, f32::NAN]), 1);
        assert_eq!(argmax(&[f32::NAN]), 0);
    }

    #[test]
    fn counts_and_the_worst() {
        let evaluation = Evaluation {
            loss: 0.0,
            accuracy: Some(0.25),
            losses: vec![0.1, 0.5, 2.0, 0.9],
            predicted: vec![0, 1, 0, 2],
            actual: vec![0, 2, 1, 1],
        };
        assert_eq!(evaluation.wrong(), 3);
        assert_eq!(evaluation.worst(2), [2, 3]);
        let confusion = evaluation.confusion(3);
        assert_eq!(confusion.counts, [[1, 0, 0], [1, 0, 1], [0, 1, 0]]);
        let table = confusion.to_string();
        assert_eq!(table.lines().nth(1), Some("                 0  1  ·  · 100.0 %"), "{table}");
    }
}
