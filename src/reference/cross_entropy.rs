//! Twins of [`SoftmaxCrossEntropy`](crate::loss::SoftmaxCrossEntropy) and its kin: losses of logits,
//! through their softmax.
//!
//! A loss is computed for one sample. Its target `t` is a distribution over the `k` classes, 1 for the
//! right class and 0 for the others. What training makes small is the mean of the losses of a batch,
//! and so each sample's gradient is divided by the number of samples.

use ndarray::{Array1, ArrayView1, Axis};

use super::softmax;

/// Probabilities of the logits of one sample.
fn probabilities(z: ArrayView1<f32>) -> Array1<f32> {
    softmax(z.insert_axis(Axis(0))).remove_axis(Axis(0))
}

/// Computes the cross-entropy of a target and the softmax of logits.
///
/// ```text
/// l = -Σⱼ tⱼ·ln pⱼ        p = softmax(z)        ln pⱼ = zⱼ - m - ln Σₖ exp(zₖ - m)        m = max z
/// ```
///
/// In this form, `ln pⱼ` is a number even where `pⱼ` rounds to 0.
///
/// - `z`, `t`: (k)
pub fn softmax_cross_entropy(z: ArrayView1<f32>, t: ArrayView1<f32>) -> f32 {
    let m = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = z.iter().map(|z| (z - m).exp()).sum();
    let mut l = 0.0;
    for j in 0..z.len() {
        l -= t[j] * (z[j] - m - sum.ln());
    }
    l
}

/// Computes the gradient of [`softmax_cross_entropy()`]: the difference between the probabilities and
/// the target.
///
/// The derivative of `ln Σₖ exp zₖ` is softmax, and so, for a target that adds up to 1,
///
/// ```text
/// dz = p·Σⱼ tⱼ - t = p - t
/// ```
///
/// - `z`, `t`: (k)
/// - returns `dz`: (k)
pub fn softmax_cross_entropy_backward(z: ArrayView1<f32>, t: ArrayView1<f32>) -> Array1<f32> {
    probabilities(z) * t.sum() - t
}

/// Spreads a share `ε` of a target evenly over all classes, as
/// [`SmoothedCrossEntropy`](crate::loss::SmoothedCrossEntropy) does. The loss is then the
/// [`softmax_cross_entropy()`] of `t'`.
///
/// ```text
/// t'ⱼ = (1 - ε)·tⱼ + ε·(Σₖ tₖ)/k
/// ```
///
/// - `t`: (k)
/// - returns `t'`: (k)
pub fn smooth(t: ArrayView1<f32>, epsilon: f32) -> Array1<f32> {
    let even = t.sum() / t.len() as f32;
    t.mapv(|t| (1.0 - epsilon) * t + epsilon * even)
}

/// Computes the loss of [`KlDivergence`](crate::loss::KlDivergence): the cross-entropy less the
/// entropy of the target.
///
/// ```text
/// l = Σⱼ tⱼ·(ln tⱼ - ln pⱼ)        p = softmax(z), 0·ln 0 = 0
/// ```
///
/// - `z`, `t`: (k)
pub fn kl_divergence(z: ArrayView1<f32>, t: ArrayView1<f32>) -> f32 {
    let minus_entropy: f32 = t.iter().filter(|&&t| t > 0.0).map(|t| t * t.ln()).sum();
    softmax_cross_entropy(z, t) + minus_entropy
}

/// Computes the gradient of [`kl_divergence()`]. The entropy of the target does not depend on `z`.
///
/// ```text
/// dz = p·Σⱼ tⱼ - t
/// ```
///
/// - `z`, `t`: (k)
/// - returns `dz`: (k)
pub fn kl_divergence_backward(z: ArrayView1<f32>, t: ArrayView1<f32>) -> Array1<f32> {
    softmax_cross_entropy_backward(z, t)
}
