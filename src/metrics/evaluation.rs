//! What one pass over a data set leaves, and what can be worked out from it.

use ndarray::Array2;

use super::{Calibration, Confusion, RiskCoverage, Roc};

/// What a model makes of a data set:
/// [`Sequential::evaluate`](crate::sequential::Sequential::evaluate) makes it.
///
/// The lists have an entry for each sample. Those about classes are empty where the targets are no
/// classes, and those about probabilities where the loss takes outputs for none
/// ([`Loss::log_probabilities`](crate::loss::Loss::log_probabilities)); what is worked out from an
/// empty list is `None`. Of targets that are values, predictions and targets are kept as they are, 8
/// bytes for each value of each sample, for [`regression`](Evaluation::regression) and
/// [`multi_label`](Evaluation::multi_label).
///
/// ```
/// use chainrule::prelude::*;
///
/// let mnist = Mnist::sample();
/// # let (train, test) = (mnist.train.take(2000)?, mnist.test.take(1000)?);
/// # let mnist = Mnist { train, test };
/// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
/// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).fit(&mut model, &mnist.train)?;
/// let result = model.evaluate(&mnist.test, &SoftmaxCrossEntropy)?;
///
/// println!("{}", result.confusion(10).report());
/// assert_eq!(result.top_k(1), result.accuracy);
/// assert!(result.top_k(3) > Some(0.9));
/// assert!((result.log_loss().unwrap() - result.loss).abs() < 1e-6);
/// assert!(result.calibration(15).unwrap().ece() < 0.2);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// The mean loss, weighted as [`Loss::weight`](crate::loss::Loss::weight) has it.
    pub loss: f64,
    /// The share of right classes, in 0..1, or of strings without a mistake; `None` where the targets are no
    /// classes.
    pub accuracy: Option<f64>,
    /// How many classes the data set has; 0 where the targets are none.
    pub classes: usize,
    /// Names of the classes by their numbers: [`Dataset::class_names`](crate::data::Dataset::class_names).
    pub class_names: Vec<String>,
    /// Number of steps that count of each sequence, where each step has a target; else empty. The lists below
    /// then have an entry for each of these steps, one sequence after the other.
    pub steps: Vec<usize>,
    /// The loss of each sample, without its weight.
    pub losses: Vec<f32>,
    /// The class that each prediction stands for: [`Loss::class`](crate::loss::Loss::class).
    pub predicted: Vec<usize>,
    /// The right class of each sample.
    pub actual: Vec<usize>,
    /// The string that was read from each sample, where targets are strings
    /// ([`Loss::read`](crate::loss::Loss::read)); else empty, as is the next list. The lists about single classes are
    /// empty then.
    pub read: Vec<Vec<usize>>,
    /// The right string of each sample.
    pub written: Vec<Vec<usize>>,
    /// How many classes have a larger output than the right one. Of equal outputs the first class
    /// comes first, so that rank 0 is the predicted class.
    pub ranks: Vec<u32>,
    /// `ln p` of the right class: 0 where the model was sure of it, and far below where it was sure
    /// of another.
    pub log_likelihoods: Vec<f32>,
    /// `p` of the predicted class: how sure the model was, rightly or not.
    pub confidences: Vec<f32>,
    /// Of two classes, how much speaks for class 1: the only output, or the difference of the two.
    pub scores: Vec<f32>,
    /// Predictions of target values, (n, values): probabilities where the loss reads outputs as logits
    /// ([`Outputs::predicted_values`](crate::loss::Outputs::predicted_values)), and else the outputs.
    /// Without columns where the targets are classes, or not one value for each output.
    pub predictions: Array2<f32>,
    /// Targets that are values, (n, values), with the columns of the predictions.
    pub targets: Array2<f32>,
}

impl Evaluation {
    /// Number of samples of the data set.
    pub fn samples(&self) -> usize {
        if self.steps.is_empty() { self.losses.len() } else { self.steps.len() }
    }

    /// Number of samples with a wrong class, or string.
    pub fn wrong(&self) -> usize {
        let classes = self.predicted.iter().zip(&self.actual).filter(|(p, a)| p != a);
        let strings = self.read.iter().zip(&self.written).filter(|(read, written)| read != written);
        classes.count() + strings.count()
    }

    /// The numbers of up to `count` samples, the highest loss first: of those that are misclassified or misread,
    /// or of all where the targets are values.
    pub fn worst(&self, count: usize) -> Vec<usize> {
        let is_wrong = |&i: &usize| match (&self.actual[..], &self.written[..]) {
            ([], []) => true,
            ([], written) => self.read[i] != written[i],
            (actual, _) => self.predicted[i] != actual[i],
        };
        let mut wrong: Vec<usize> = (0..self.losses.len()).filter(is_wrong).collect();
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
        Confusion { counts, names: self.class_names.clone() }
    }

    /// The share of samples whose right class is among the `k` largest outputs.
    pub fn top_k(&self, k: usize) -> Option<f64> {
        let found = self.ranks.iter().filter(|&&rank| (rank as usize) < k).count();
        mean(found as f64, self.ranks.len())
    }

    /// The mean of `-ln p` of the right class, each sample counting the same. It is the plain
    /// cross-entropy, also for a model that was trained with smoothed labels or class weights.
    pub fn log_loss(&self) -> Option<f64> {
        let sum: f64 = self.log_likelihoods.iter().map(|&l| -f64::from(l)).sum();
        mean(sum, self.log_likelihoods.len())
    }

    /// Returns the perplexity: the number of equally probable classes among which the choice would be as uncertain.
    ///
    /// ```text
    /// perplexity = exp(log loss)
    /// ```
    pub fn perplexity(&self) -> Option<f64> {
        self.log_loss().map(f64::exp)
    }

    /// Returns the share of sequences of which every step that counts is right, or of strings that were read
    /// without a mistake. `None` for other targets.
    pub fn sequence_accuracy(&self) -> Option<f64> {
        if !self.read.is_empty() {
            let right =
                self.read.iter().zip(&self.written).filter(|(read, written)| read == written);
            return mean(right.count() as f64, self.read.len());
        }
        let mut right = self.predicted.iter().zip(&self.actual).map(|(p, a)| p == a);
        let is_right =
            |&&steps: &&usize| right.by_ref().take(steps).filter(|&right| right).count() == steps;
        mean(self.steps.iter().filter(is_right).count() as f64, self.steps.len())
    }

    /// Whether the model is right as often as it believes, in `bins` steps of its confidence; 15 are
    /// usual. `None` for no bins, too.
    pub fn calibration(&self, bins: usize) -> Option<Calibration> {
        let right = self.predicted.iter().zip(&self.actual).map(|(p, a)| p == a);
        Calibration::new(self.confidences.iter().copied().zip(right), bins)
    }

    /// Returns the share of errors that is left when the least sure answers are not given. `None` without
    /// probabilities.
    pub fn risk_coverage(&self) -> Option<RiskCoverage> {
        let right = self.predicted.iter().zip(&self.actual).map(|(p, a)| p == a);
        RiskCoverage::new(self.confidences.iter().copied().zip(right))
    }

    /// What each threshold between two classes would give. `None` unless there are two, and samples
    /// of both.
    pub fn roc(&self) -> Option<Roc> {
        Roc::new(self.scores.iter().zip(&self.actual).map(|(&score, &class)| (score, class == 1)))
    }
}

/// `None` for the mean of nothing.
pub(super) fn mean(sum: f64, count: usize) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_the_worst() {
        let evaluation = Evaluation {
            losses: vec![0.1, 0.5, 2.0, 0.9],
            predicted: vec![0, 1, 0, 2],
            actual: vec![0, 2, 1, 1],
            ..Evaluation::default()
        };
        assert_eq!(evaluation.wrong(), 3);
        assert_eq!(evaluation.worst(2), [2, 3]);
        let confusion = evaluation.confusion(3);
        assert_eq!(confusion.counts, [[1, 0, 0], [1, 0, 1], [0, 1, 0]]);
        let of_values = Evaluation { losses: vec![0.1, 0.5, 2.0], ..Evaluation::default() };
        assert_eq!(of_values.worst(2), [2, 1]);
    }

    #[test]
    fn nothing_is_known_of_nothing() {
        let empty = Evaluation::default();
        assert_eq!((empty.top_k(1), empty.log_loss()), (None, None));
        assert_eq!((empty.calibration(15), empty.roc()), (None, None));
        assert_eq!((empty.regression(), empty.label_roc(0)), (None, None));
        assert!(empty.worst(3).is_empty() && empty.suspects(3).is_empty());
    }
}
