//! How good a model is: loss, accuracy, and which classes it takes for which.

use std::fmt;

use rayon::prelude::*;

use crate::data::{Dataset, Target, TargetKind};
use crate::error::{Result, TrainError};
use crate::layer::Mode;
use crate::loss::Loss;
use crate::sequential::Sequential;
use crate::step::load;
use crate::workspace::Workspace;

/// What a model makes of a data set, from one pass over it.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The mean loss.
    pub loss: f64,
    /// The share of right classes, in 0..1; `None` where the targets are no classes.
    pub accuracy: Option<f64>,
    /// The loss of each sample.
    pub losses: Vec<f32>,
    /// The most likely class of each sample: the largest output.
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

impl Sequential {
    /// Predicts all of a data set and compares with its targets, on all threads that rayon has.
    ///
    /// # Errors
    ///
    /// [`TrainError`] when the data set is empty, or its inputs or targets do not fit the model.
    pub fn evaluate(&self, data: &dyn Dataset, loss: &dyn Loss) -> Result<Evaluation> {
        check_data(self, data, loss, "evaluation")?;
        let (n, shard) = (data.len(), self.shard_size().min(data.len()));
        let mut losses = vec![0.0; n];
        let mut predicted = vec![0; n];
        losses
            .par_chunks_mut(shard)
            .zip(predicted.par_chunks_mut(shard))
            .enumerate()
            .for_each_init(
                || (Workspace::new(self, shard), Vec::with_capacity(shard)),
                |(workspace, indices), (number, (losses, predicted))| {
                    indices.clear();
                    indices.extend(number * shard..number * shard + losses.len());
                    load(data, indices, workspace);
                    self.forward(workspace, indices.len(), Mode::Infer);
                    let outputs = self.output(workspace, indices.len());
                    for (i, output) in outputs.chunks_exact(workspace.output_size()).enumerate() {
                        losses[i] = loss.loss(output, data.target(indices[i]), None);
                        predicted[i] = argmax(output);
                    }
                },
            );
        let actual: Vec<usize> = (0..n)
            .filter_map(|index| match data.target(index) {
                Target::Class(class) => Some(class),
                Target::Values(_) => None,
            })
            .collect();
        let right = actual.iter().zip(&predicted).filter(|(a, p)| a == p).count();
        Ok(Evaluation {
            loss: losses.iter().map(|&loss| f64::from(loss)).sum::<f64>() / n as f64,
            accuracy: (actual.len() == n).then(|| right as f64 / n as f64),
            losses,
            predicted,
            actual,
        })
    }
}

/// Refuses a data set that is empty, or whose inputs or targets do not fit the model.
pub(crate) fn check_data(
    model: &Sequential,
    data: &dyn Dataset,
    loss: &dyn Loss,
    which: &'static str,
) -> Result<()> {
    model.check_not_empty()?;
    if data.is_empty() {
        return Err(TrainError::EmptySet { which }.into());
    }
    if data.input_shape() != model.input_shape() {
        let (wanted, came) = (model.input_shape().to_vec(), data.input_shape());
        return Err(TrainError::InputShape { wanted, came }.into());
    }
    let kind = data.target_kind();
    let outputs = model.output_shape().iter().product();
    loss.check(outputs, &kind).map_err(|misfit| TrainError::Target {
        loss: loss.name(),
        outputs,
        misfit,
    })?;
    // What a data set's own code promises is checked once, so that no batch can go out of bounds.
    for index in 0..data.len() {
        let fits = match (data.target(index), &kind) {
            (Target::Class(class), TargetKind::Classes(classes)) => class < *classes,
            (Target::Values(values), TargetKind::Values(count)) => values.len() == *count,
            _ => false,
        };
        if !fits {
            let target = format!("{:?}", data.target(index));
            let wanted = format!("{kind:?}");
            return Err(TrainError::BadTarget { which, index, target, wanted }.into());
        }
    }
    Ok(())
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
