//! The ROC curve: what every threshold between two classes would give.
//!
//! Where to draw the line between "no" and "yes" depends on what a miss and a false alarm cost, and
//! that is not the model's to know. The curve shows all trades that it offers, and the area under it
//! says how good they are altogether.

use std::cmp::Ordering;

use super::share;

/// One threshold: class 1 for scores of at least `threshold`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RocPoint {
    /// In units of [`Evaluation::scores`](super::Evaluation::scores); ∞ at the first point, where
    /// nothing is of class 1.
    pub threshold: f32,
    /// The share of class 0 that is taken for class 1: false alarms.
    pub false_positives: f64,
    /// The share of class 1 that is found.
    pub true_positives: f64,
}

/// The receiver operating characteristic of a model with two classes:
/// [`Evaluation::roc`](super::Evaluation::roc) makes it.
///
/// ```text
/// AUC = P(score of a sample of class 1 > score of one of class 0) + ½·P(they are the same)
/// average precision = Σ (recallᵢ - recallᵢ₋₁)·precisionᵢ over the thresholds, the highest first
/// ```
///
/// Source: T. Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27, 2006.
#[derive(Debug, Clone, PartialEq)]
pub struct Roc {
    /// Number of samples of class 1, at least 1.
    pub positives: usize,
    /// Number of samples of class 0, at least 1.
    pub negatives: usize,
    /// From (0, 0) to (1, 1), with a point for each score that occurs, the highest first.
    pub points: Vec<RocPoint>,
}

impl Roc {
    /// From the score of each sample, and whether it is of class 1. A NaN, as an output that says
    /// nothing, is below all numbers.
    pub(super) fn new(samples: impl Iterator<Item = (f32, bool)>) -> Option<Self> {
        let number = |score: f32| if score.is_nan() { f32::NEG_INFINITY } else { score };
        let mut samples: Vec<_> = samples.map(|(score, yes)| (number(score), yes)).collect();
        samples.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(Ordering::Equal));
        let positives = samples.iter().filter(|sample| sample.1).count();
        let negatives = samples.len() - positives;
        if positives == 0 || negatives == 0 {
            return None;
        }
        let mut points =
            vec![RocPoint { threshold: f32::INFINITY, false_positives: 0.0, true_positives: 0.0 }];
        let (mut found, mut alarms) = (0, 0);
        // Samples of the same score pass a threshold together.
        for same in samples.chunk_by(|a, b| a.0 == b.0) {
            let yes = same.iter().filter(|sample| sample.1).count();
            found += yes;
            alarms += same.len() - yes;
            points.push(RocPoint {
                threshold: same[0].0,
                false_positives: alarms as f64 / negatives as f64,
                true_positives: found as f64 / positives as f64,
            });
        }
        Some(Roc { positives, negatives, points })
    }

    /// The area under the curve: 1 where a threshold separates the classes, ½ for blind guesses.
    pub fn auc(&self) -> f64 {
        let trapezoid = |pair: &[RocPoint]| {
            let width = pair[1].false_positives - pair[0].false_positives;
            width * (pair[0].true_positives + pair[1].true_positives) / 2.0
        };
        self.points.windows(2).map(trapezoid).sum()
    }

    /// The area below precision as a function of recall, as a sum of steps. Where class 1 is rare, it
    /// says more than the area under the ROC curve: blind guesses have the share of class 1.
    pub fn average_precision(&self) -> f64 {
        let step = |pair: &[RocPoint]| {
            let (found, alarms) = self.counts(&pair[1]);
            let recall = pair[1].true_positives - pair[0].true_positives;
            recall * share(found, found + alarms)
        };
        self.points.windows(2).map(step).sum()
    }

    /// Returns the threshold with the highest F1 of class 1, the highest of equal ones, and that F1.
    pub fn best_f1(&self) -> (f32, f64) {
        let f1 = |point: &RocPoint| {
            let (found, alarms) = self.counts(point);
            2.0 * found / (found + alarms + self.positives as f64)
        };
        let mut best = (f32::INFINITY, 0.0);
        for point in &self.points {
            if f1(point) > best.1 {
                best = (point.threshold, f1(point));
            }
        }
        best
    }

    /// Numbers of samples of class 1 and of class 0 that a threshold takes for class 1.
    fn counts(&self, point: &RocPoint) -> (f64, f64) {
        let count = |share: f64, whole: usize| (share * whole as f64).round();
        let found = count(point.true_positives, self.positives);
        (found, count(point.false_positives, self.negatives))
    }
}

#[cfg(test)]
mod tests {
    use super::Roc;
    use proptest::prelude::*;

    #[test]
    fn one_class_has_no_curve_and_nan_is_lowest() {
        assert_eq!(Roc::new([(0.1, true), (0.2, true)].into_iter()), None);
        let roc = Roc::new([(f32::NAN, false), (-9.0, true)].into_iter()).unwrap();
        assert_eq!(roc.auc(), 1.0);
    }

    proptest! {
        #[test]
        fn auc_is_the_probability_that_a_pair_is_in_order(
            samples in prop::collection::vec((0u8..9, any::<bool>()), 2..60)
        ) {
            let of = |class| samples.iter().filter(move |s| s.1 == class).map(|s| s.0);
            let pairs: Vec<_> = of(true).flat_map(|a| of(false).map(move |b| (a, b))).collect();
            let roc = Roc::new(samples.iter().map(|&(score, yes)| (f32::from(score), yes)));
            let Some(roc) = roc else {
                prop_assert!(pairs.is_empty());
                return Ok(());
            };
            let order = |&(a, b): &(u8, u8)| if a == b { 0.5 } else { f64::from(u8::from(a > b)) };
            let expected = pairs.iter().map(order).sum::<f64>() / pairs.len() as f64;
            prop_assert!((roc.auc() - expected).abs() < 1e-12, "{} {expected}", roc.auc());
            prop_assert!(roc.points.is_sorted_by_key(|p| (p.false_positives, p.true_positives)));
        }
    }
}
