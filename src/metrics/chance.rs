//! Chance: the loss and the accuracy of a prediction that ignores the input.
//!
//! The best of the predictions that are the same for all samples is found by the loss itself, so that
//! each loss has one: for cross-entropy it is the frequencies of the classes, for squared errors the
//! mean of the targets, for absolute errors their median.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::share;
use crate::data::{Dataset, Target, TargetKind};
use crate::loss::{Loss, weighted_mean};
use crate::random::Key;

/// Largest number of values that are looked at, where targets are values.
const VALUES: usize = 1 << 16;

/// Largest number of outputs times targets: for more, the search would take seconds.
const PRODUCTS: usize = 1 << 22;

/// Number of steps to the best prediction.
const STEPS: usize = 60;

/// Results of the best constant prediction on the training set.
///
/// ```text
/// loss = min Σ wᵢ·l(z, tᵢ) / Σ wᵢ over all z        accuracy = largest number of a class / samples
/// ```
///
/// If there are more than 65,536 target values, a random part of them is used. A model whose loss is
/// no lower has learned nothing from the inputs: [`History::verdict`](super::History::verdict) says so.
///
/// ```
/// use chainrule::prelude::*;
///
/// let digits = Mnist::sample().train.take(500)?;
/// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
/// let history = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).fit(&mut model, &digits)?;
/// let chance = history.chance.unwrap();
/// assert!(chance.loss < 10f64.ln() && chance.accuracy.unwrap() >= 0.1);
/// assert!(history.last().unwrap().loss < chance.loss);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Chance {
    /// Mean loss.
    pub loss: f64,
    /// Share of the largest class; `None` where the targets are values.
    pub accuracy: Option<f64>,
    /// Number of samples of the training set.
    pub samples: usize,
}

impl Chance {
    /// Measures it for a model of this number of outputs. `None` where no loss is finite, for more than
    /// about 2,000 classes, and for strings, of which each trial would take as long as a pass over the set.
    pub(crate) fn new(loss: &dyn Loss, data: &dyn Dataset, outputs: usize) -> Option<Self> {
        if loss.of_step().is_none() && matches!(data.target_kind(), TargetKind::Sequences { .. }) {
            return None;
        }
        let (loss, outputs) = loss.of_step().unwrap_or((loss, outputs));
        let mut samples = data.len();
        let (targets, accuracy) = match data.target_kind() {
            TargetKind::Classes(_) | TargetKind::Sequences { .. } => {
                let counts = class_counts(data);
                // Each step is one, of sequences.
                samples = counts.values().sum();
                let largest = counts.values().max().copied().unwrap_or(0);
                let classes = counts.into_iter().map(|(class, n)| (Target::Class(class), n as f64));
                (classes.collect(), Some(share(largest as f64, samples as f64)))
            }
            TargetKind::Values(count) => (some_values(data, VALUES / count.max(1)), None),
        };
        let weighted = |(target, n): (Target<'_>, f64)| n * f64::from(loss.weight(target));
        let targets: Vec<_> = targets.into_iter().map(|t| (t.0, weighted(t))).collect();
        if targets.len().saturating_mul(outputs) > PRODUCTS {
            return None;
        }
        let loss = lowest_loss(loss, &targets, outputs);
        loss.is_finite().then_some(Chance { loss, accuracy, samples })
    }
}

/// Number of samples of each class.
fn class_counts(data: &dyn Dataset) -> BTreeMap<usize, usize> {
    let mut counts = BTreeMap::new();
    for index in 0..data.len() {
        match data.target(index) {
            Target::Class(class) => *counts.entry(class).or_default() += 1,
            Target::Classes(classes) => {
                for &class in classes.iter().filter(|class| **class != Target::IGNORED) {
                    *counts.entry(class).or_default() += 1;
                }
            }
            Target::Values(_) => {}
        }
    }
    counts
}

/// All targets, or at random about this number of them, each once.
fn some_values(data: &dyn Dataset, most: usize) -> Vec<(Target<'_>, f64)> {
    let (n, most) = (data.len(), most.max(64));
    let is_taken = |index: &usize| n <= most || Key::new(0).hash(*index as u32) as usize % n < most;
    (0..n).filter(is_taken).map(|index| (data.target(index), 1.0)).collect()
}

/// Minimizes the mean loss of a constant prediction by Rprop, which follows the signs of the gradient
/// and needs no learning rate (M. Riedmiller, H. Braun, "A direct adaptive method for faster
/// backpropagation learning", 1993).
fn lowest_loss(loss: &dyn Loss, targets: &[(Target<'_>, f64)], outputs: usize) -> f64 {
    let (mut z, mut steps) = mean_and_deviation(targets, outputs);
    let (mut before, mut g) = (vec![0.0; outputs], vec![0.0; outputs]);
    let mut lowest = f64::INFINITY;
    for _ in 0..STEPS {
        let mut gradient = vec![0.0; outputs];
        let (mut sum, mut weights) = (0.0, 0.0);
        for &(target, weight) in targets {
            sum += weight * f64::from(loss.loss(&z, target, Some(&mut g)));
            weights += weight;
            gradient.iter_mut().zip(&g).for_each(|(sum, &g)| *sum += weight * f64::from(g));
        }
        let mean = weighted_mean(sum, weights);
        if !mean.is_finite() {
            break;
        }
        lowest = lowest.min(mean);
        for j in 0..outputs {
            let agreement = gradient[j] * before[j];
            if agreement != 0.0 {
                steps[j] *= if agreement > 0.0 { 1.2 } else { 0.5 };
            }
            if gradient[j] != 0.0 {
                z[j] -= steps[j] * gradient[j].signum() as f32;
            }
        }
        before = gradient;
    }
    lowest
}

/// Mean and standard deviation of the targets, value by value: the start of the search, and the length
/// of its first step. A class is 1 in its own place. 0 and 1 where an output is not one of the values.
fn mean_and_deviation(targets: &[(Target<'_>, f64)], outputs: usize) -> (Vec<f32>, Vec<f32>) {
    let value = |target: Target<'_>, j: usize| match target {
        Target::Class(class) => f64::from(u8::from(class == j)),
        Target::Values(values) => values.get(j).copied().unwrap_or(0.0).into(),
        Target::Classes(_) => f64::NAN,
    };
    let weights = targets.iter().map(|t| t.1).sum();
    let moments = (0..outputs).map(|j| {
        let mean_of = |f: &dyn Fn(f64) -> f64| {
            let sum = targets.iter().map(|&(target, w)| w * f(value(target, j))).sum();
            weighted_mean(sum, weights)
        };
        let mean = mean_of(&|x| x);
        let deviation = mean_of(&|x| (x - mean).powi(2)).sqrt() as f32;
        (mean as f32, if deviation > 0.0 { deviation } else { 1.0 })
    });
    moments.unzip()
}

#[cfg(test)]
mod tests {
    use ndarray::{Array, ArrayD, array};

    use super::*;
    use crate::data::{Arrays, Images};
    use crate::loss::{
        BinaryCrossEntropy, Hinge, Huber, KlDivergence, MeanAbsoluteError, MeanSquaredError,
        SoftmaxCrossEntropy,
    };

    /// Samples of two classes: 30 of class 0, and 10 of class 1.
    fn classes() -> Images {
        let labels = (0..40).map(|i| u8::from(i % 4 == 0)).collect();
        Images::new(Array::zeros((40, 1, 1, 1)), labels, 2).unwrap()
    }

    fn values(targets: ArrayD<f32>) -> Arrays {
        Arrays::new(Array::zeros((targets.shape()[0], 1)).into_dyn(), targets).unwrap()
    }

    #[track_caller]
    fn is_loss(wanted: f64, loss: &dyn Loss, data: &dyn Dataset, outputs: usize) {
        let came = Chance::new(loss, data, outputs).unwrap().loss;
        assert!((came - wanted).abs() < 1e-4 * wanted, "{loss:?}: {came} for {wanted}");
    }

    #[test]
    fn classes_are_guessed_by_their_frequencies() {
        let (p, q) = (0.25f64, 0.75f64);
        let entropy = |p: f64, q: f64| -p * p.ln() - q * q.ln();
        is_loss(entropy(p, q), &SoftmaxCrossEntropy, &classes(), 2);
        is_loss(entropy(p, q), &KlDivergence, &classes(), 2);
        is_loss(entropy(p, q), &BinaryCrossEntropy, &classes(), 1);
        // Each output by itself, of which the loss is the mean.
        is_loss(entropy(p, q), &BinaryCrossEntropy, &classes(), 2);
        // A tenth of each target is spread over both classes.
        let smooth = SoftmaxCrossEntropy.label_smoothing(0.1);
        is_loss(entropy(0.9 * p + 0.05, 0.9 * q + 0.05), &smooth, &classes(), 2);
        // The weights make both classes equal.
        let balanced = SoftmaxCrossEntropy.class_weights([1.0, 3.0]);
        is_loss(2f64.ln(), &balanced, &classes(), 2);
        // All for class 0: a quarter is wrong by the margin on both sides.
        is_loss(2.0 * p, &Hinge, &classes(), 1);
        let chance = Chance::new(&SoftmaxCrossEntropy, &classes(), 2).unwrap();
        assert_eq!((chance.accuracy, chance.samples), (Some(0.75), 40));
    }

    #[test]
    fn values_are_guessed_by_their_mean_or_median() {
        let targets = array![[1e3f32], [1e3], [1e3], [5e3]].into_dyn();
        is_loss(3e6, &MeanSquaredError, &values(targets.clone()), 1);
        is_loss(1e3, &MeanAbsoluteError, &values(targets.clone()), 1);
        assert_eq!(Chance::new(&MeanSquaredError, &values(targets), 1).unwrap().accuracy, None);
        let within = array![[0.0f32, 1.0], [0.5, 1.0]].into_dyn();
        is_loss(0.5 * 0.5 * 0.25 * 0.25, &Huber::new(1.0), &values(within), 2);
        let distributions = array![[0.5f32, 0.5], [1.0, 0.0]].into_dyn();
        let (p, q) = (0.75f64, 0.25f64);
        let cross_entropy = -p * p.ln() - q * q.ln();
        is_loss(cross_entropy, &SoftmaxCrossEntropy, &values(distributions), 2);
    }

    #[test]
    fn many_values_are_judged_by_a_part() {
        let many = Array::from_shape_fn((200_000, 1), |(i, _)| (i % 4) as f32).into_dyn();
        let came = Chance::new(&MeanSquaredError, &values(many), 1).unwrap();
        assert!((came.loss - 1.25).abs() < 0.02, "{came:?}");
        assert_eq!(came.samples, 200_000);
    }

    #[test]
    fn losses_that_overflow_or_take_too_long_have_none() {
        let huge = array![[3e38f32], [-3e38]].into_dyn();
        assert_eq!(Chance::new(&MeanSquaredError, &values(huge), 1), None);
        let many = Array::zeros((64, 80_000)).into_dyn();
        assert_eq!(Chance::new(&MeanSquaredError, &values(many), 80_000), None);
    }
}
