//! The meaning of a model's outputs, as its loss reads them: how they become probabilities.

use serde::{Deserialize, Serialize};

use crate::kernels::math::{exp, ln, ln_1p, sigmoid};
use crate::kernels::simd::arch;
use crate::kernels::{max, softmax_into};

/// Rule by which outputs become probabilities of classes.
///
/// A loss says it ([`Loss::outputs`](super::Loss::outputs)), and a model file remembers it
/// ([`ModelFile::loss`](crate::sequential::ModelFile::loss)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outputs {
    /// Logits of classes that exclude each other: `p = softmax(z)`.
    Softmax,
    /// A logit of each class by itself: `σ(zⱼ)`. A single output is the logit of class 1 of two,
    /// `p = [σ(-z), σ(z)]`. Of several classes only one is right, so that `pⱼ = σ(zⱼ) / Σ σ(zᵢ)`.
    Sigmoid,
    /// Probabilities, as a last layer `Softmax` or `Sigmoid` gives them: `p = y`. A single output is
    /// that of class 1 of two, `p = [1 - y, y]`. Of several classes `pⱼ = yⱼ / Σ yᵢ`.
    Probabilities,
    /// Scores that stand for no probabilities: the largest wins. A single output stands for class 1
    /// of two if it is above 0.
    Scores,
}

impl Outputs {
    /// Writes `ln pⱼ` of each class `j` to `log_p`: two classes for a single output, else as many as
    /// there are outputs. Returns `false` for scores, of which it writes those of the classes.
    ///
    /// ```
    /// use chainrule::loss::Outputs;
    ///
    /// let mut log_p = [0.0; 2];
    /// assert!(Outputs::Sigmoid.log_probabilities(&[0.0], &mut log_p));
    /// assert_eq!(log_p.map(f32::exp), [0.5, 0.5]);
    /// ```
    ///
    /// # Panics
    ///
    /// If `log_p` has another length.
    pub fn log_probabilities(self, outputs: &[f32], log_p: &mut [f32]) -> bool {
        // A probability of 0 has the logarithm of the smallest positive number.
        let log = |p: f32| ln(p.clamp(f32::MIN_POSITIVE, 1.0));
        let log_sigmoid = |z: f32| z.min(0.0) - ln_1p(exp(-z.abs()));
        if let ([y], [no, yes]) = (outputs, &mut *log_p) {
            (*no, *yes) = match self {
                Outputs::Softmax | Outputs::Sigmoid => (log_sigmoid(-y), log_sigmoid(*y)),
                Outputs::Probabilities => (log(1.0 - y), log(*y)),
                Outputs::Scores => (-y, *y),
            };
            return self != Outputs::Scores;
        }
        log_p.copy_from_slice(outputs);
        match self {
            Outputs::Scores => return false,
            Outputs::Softmax => {}
            Outputs::Sigmoid => log_p.iter_mut().for_each(|z| *z = log_sigmoid(*z)),
            Outputs::Probabilities => log_p.iter_mut().for_each(|y| *y = log(*y)),
        }
        // The softmax of logarithms divides each probability by their sum.
        log_softmax(log_p);
        true
    }

    /// Returns `true` for logits.
    #[cfg(feature = "onnx")]
    pub(crate) fn are_logits(self) -> bool {
        matches!(self, Outputs::Softmax | Outputs::Sigmoid)
    }

    /// Writes the numbers that target values are compared with: the probabilities of logits, each by
    /// itself for [`Outputs::Sigmoid`], and other outputs unchanged.
    ///
    /// ```
    /// use chainrule::loss::Outputs;
    ///
    /// let mut p = [0.0; 2];
    /// Outputs::Sigmoid.predicted_values(&[0.0, 100.0], &mut p);
    /// assert_eq!(p, [0.5, 1.0]);
    /// ```
    ///
    /// # Panics
    ///
    /// If the two have different lengths.
    pub fn predicted_values(self, outputs: &[f32], values: &mut [f32]) {
        values.copy_from_slice(outputs);
        match self {
            Outputs::Softmax => {
                softmax_into(outputs, values);
            }
            Outputs::Sigmoid => values.iter_mut().for_each(|z| *z = sigmoid(*z)),
            Outputs::Probabilities | Outputs::Scores => {}
        }
    }
}

/// Divides logarithms of probabilities by a temperature, and makes them those of probabilities again:
/// `softmax(z/T)` if they were of `softmax(z)`.
pub(crate) fn temper(log_p: &mut [f32], temperature: f32) {
    if temperature != 1.0 {
        log_p.iter_mut().for_each(|log_p| *log_p /= temperature);
        log_softmax(log_p);
    }
}

/// Subtracts `ln Σ exp zⱼ` from each logit, which gives the logarithms of their softmax.
fn log_softmax(z: &mut [f32]) {
    let m = max(z);
    let log_sum = ln(arch().dispatch(
        #[inline(always)]
        || z.iter().map(|&z| exp(z - m)).sum(),
    ));
    for z in z {
        *z = (*z - m) - log_sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probabilities(outputs: Outputs, y: &[f32]) -> Vec<f32> {
        let mut log_p = vec![f32::NAN; y.len().max(2)];
        assert!(outputs.log_probabilities(y, &mut log_p));
        log_p.iter().map(|log_p| log_p.exp()).collect()
    }

    #[test]
    fn the_same_distribution_in_three_forms() {
        let p = [0.1f32, 0.7, 0.2];
        let logits = p.map(|p| p.ln() + 5.0);
        let each = p.map(|p| (p / (1.0 - p)).ln());
        for (outputs, y) in
            [(Outputs::Probabilities, p), (Outputs::Softmax, logits), (Outputs::Sigmoid, each)]
        {
            for (came, p) in probabilities(outputs, &y).iter().zip(p) {
                assert!((came - p).abs() < 1e-6, "{outputs:?}: {came} for {p}");
            }
        }
    }

    #[test]
    fn a_single_output_is_about_two_classes() {
        let z = (0.8f32 / 0.2).ln();
        for (outputs, y) in [(Outputs::Probabilities, 0.8), (Outputs::Sigmoid, z)] {
            let p = probabilities(outputs, &[y]);
            assert!((p[0] - 0.2).abs() < 1e-6 && (p[1] - 0.8).abs() < 1e-6, "{outputs:?}: {p:?}");
        }
        for certain in [&[1.0][..], &[0.0, 1.0]] {
            let p = probabilities(Outputs::Probabilities, certain);
            assert!(p[0] < 1e-30 && p[1] == 1.0, "{p:?}");
        }
    }

    #[test]
    fn scores_have_none() {
        let mut scores = [0.0; 2];
        assert!(!Outputs::Scores.log_probabilities(&[-3.0], &mut scores));
        assert_eq!(scores, [3.0, -3.0]);
        let mut scores = [0.0; 3];
        assert!(!Outputs::Scores.log_probabilities(&[1.0, 2.0, 0.5], &mut scores));
        assert_eq!(scores, [1.0, 2.0, 0.5]);
    }
}
