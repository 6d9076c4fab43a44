//! Confident learning: which labels are probably wrong?
//!
//! A model that has learned from mostly right labels contradicts the wrong ones. But some classes it
//! is always surer of than others, so "sure" is measured class by class, by what it gives to samples
//! of the class itself:
//!
//! ```text
//! tⱼ = mean of p(j) over the samples labelled j
//! ```
//!
//! A sample labelled `i` is suspect if the model predicts another class `j` with `p(j) ≥ tⱼ`. The
//! paper counts samples in the same way, but lets any class that reaches its threshold stand for one
//! whose largest probability does not. Of each sample only two probabilities are kept here, of the
//! predicted and of the labelled class, and those few are left out.
//!
//! Source: C. Northcutt, L. Jiang, I. Chuang, "Confident learning: estimating uncertainty in dataset
//! labels", Journal of Artificial Intelligence Research 70, 2021, section 3; ranked by the
//! normalized margin of section 3.2.

use super::Evaluation;

impl Evaluation {
    /// The numbers of up to `count` samples whose label is probably wrong: the model predicts
    /// another class, and is as sure of it as it is of samples of that class on average. First those
    /// where `p` of the label is the farthest below `p` of the prediction.
    ///
    /// It judges best what the model was not trained on: what it has learned by heart, it does not
    /// contradict.
    pub fn suspects(&self, count: usize) -> Vec<usize> {
        let thresholds = self.thresholds();
        let is_suspect = |&i: &usize| {
            let class = self.predicted[i];
            let sure = thresholds.get(class).is_some_and(|&t| f64::from(self.confidences[i]) >= t);
            class != self.actual[i] && sure
        };
        let mut suspects: Vec<usize> = (0..self.confidences.len()).filter(is_suspect).collect();
        let margin = |i: usize| self.log_likelihoods[i].exp() - self.confidences[i];
        suspects.sort_by(|&a, &b| margin(a).total_cmp(&margin(b)));
        suspects.truncate(count);
        suspects
    }

    /// The mean probability of each class over the samples labelled so; NaN, which nothing reaches,
    /// for a class that no sample has.
    fn thresholds(&self) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); self.classes];
        for (&class, &log_p) in self.actual.iter().zip(&self.log_likelihoods) {
            if let Some((sum, count)) = sums.get_mut(class) {
                *sum += f64::from(log_p.exp());
                *count += 1.0;
            }
        }
        sums.iter().map(|(sum, count)| sum / count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suspects_are_those_that_reach_the_threshold_of_another_class() {
        // Class 0 is always recognized with 0.9, class 1 with 0.6.
        let samples = [
            // (labelled, predicted, p of the label, p of the prediction)
            (0, 0, 0.9, 0.9),
            (0, 0, 0.9, 0.9),
            (1, 1, 0.7, 0.7),
            (1, 1, 0.7, 0.7),
            (1, 0, 0.4, 0.5),   // not as sure as it usually is of class 0
            (0, 1, 0.3, 0.7),   // suspect
            (0, 1, 0.01, 0.99), // more so
        ];
        let evaluation = Evaluation {
            classes: 3,
            actual: samples.iter().map(|s| s.0).collect(),
            predicted: samples.iter().map(|s| s.1).collect(),
            log_likelihoods: samples.iter().map(|s| f32::ln(s.2)).collect(),
            confidences: samples.iter().map(|s| s.3).collect(),
            ..Evaluation::default()
        };
        let thresholds = evaluation.thresholds();
        assert!((thresholds[0] - 0.5275).abs() < 1e-6 && (thresholds[1] - 0.6).abs() < 1e-6);
        assert!(thresholds[2].is_nan());
        assert_eq!(evaluation.suspects(9), [6, 5]);
        assert_eq!(evaluation.suspects(1), [6]);
    }
}
