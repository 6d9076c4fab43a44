//! Twins of the other losses: each for one sample, from its prediction and its target.
//!
//! A class as the target of `k` outputs is 1 for its own output and 0 for the others.

use ndarray::{Array1, ArrayView1};

/// Computes the loss of [`MeanSquaredError`](crate::loss::MeanSquaredError).
///
/// ```text
/// l = (1/k)·Σⱼ (pⱼ - tⱼ)²
/// ```
///
/// - `p`, `t`: (k)
pub fn mean_squared_error(p: ArrayView1<f32>, t: ArrayView1<f32>) -> f32 {
    let mut l = 0.0;
    for j in 0..p.len() {
        l += (p[j] - t[j]) * (p[j] - t[j]);
    }
    l / p.len() as f32
}

/// Computes the gradient of [`mean_squared_error()`].
///
/// ```text
/// dpⱼ = (2/k)·(pⱼ - tⱼ)
/// ```
///
/// - `p`, `t`: (k)
/// - returns `dp`: (k)
pub fn mean_squared_error_backward(p: ArrayView1<f32>, t: ArrayView1<f32>) -> Array1<f32> {
    let k = p.len();
    Array1::from_shape_fn(k, |j| 2.0 / k as f32 * (p[j] - t[j]))
}

/// Computes the loss of [`MeanAbsoluteError`](crate::loss::MeanAbsoluteError).
///
/// ```text
/// l = (1/k)·Σⱼ |pⱼ - tⱼ|
/// ```
///
/// - `p`, `t`: (k)
pub fn mean_absolute_error(p: ArrayView1<f32>, t: ArrayView1<f32>) -> f32 {
    let mut l = 0.0;
    for j in 0..p.len() {
        l += (p[j] - t[j]).abs();
    }
    l / p.len() as f32
}

/// Computes the gradient of [`mean_absolute_error()`].
///
/// ```text
/// dpⱼ = (1/k)·sign(pⱼ - tⱼ),  with sign(0) = 0
/// ```
///
/// - `p`, `t`: (k)
/// - returns `dp`: (k)
pub fn mean_absolute_error_backward(p: ArrayView1<f32>, t: ArrayView1<f32>) -> Array1<f32> {
    let sign = |d: f32| if d == 0.0 { 0.0 } else { d.signum() };
    Array1::from_shape_fn(p.len(), |j| sign(p[j] - t[j]) / p.len() as f32)
}

/// Computes the loss of [`Huber`](crate::loss::Huber).
///
/// ```text
/// l = (1/k)·Σⱼ h(pⱼ - tⱼ)
///
/// h(d) = ½d²             for |d| ≤ δ
///        δ·(|d| - ½δ)    beyond
/// ```
///
/// - `p`, `t`: (k)
pub fn huber(p: ArrayView1<f32>, t: ArrayView1<f32>, delta: f32) -> f32 {
    let mut l = 0.0;
    for j in 0..p.len() {
        let d = p[j] - t[j];
        l += if d.abs() <= delta { d * d / 2.0 } else { delta * (d.abs() - delta / 2.0) };
    }
    l / p.len() as f32
}

/// Computes the gradient of [`huber()`].
///
/// ```text
/// dpⱼ = (1/k)·clip(pⱼ - tⱼ, -δ, δ)
/// ```
///
/// - `p`, `t`: (k)
/// - returns `dp`: (k)
pub fn huber_backward(p: ArrayView1<f32>, t: ArrayView1<f32>, delta: f32) -> Array1<f32> {
    Array1::from_shape_fn(p.len(), |j| (p[j] - t[j]).clamp(-delta, delta) / p.len() as f32)
}

/// Computes the loss of [`BinaryCrossEntropy`](crate::loss::BinaryCrossEntropy).
///
/// ```text
/// l = (1/k)·Σⱼ [-tⱼ·ln σ(zⱼ) - (1 - tⱼ)·ln(1 - σ(zⱼ))]
///   = (1/k)·Σⱼ [max(zⱼ, 0) - tⱼ·zⱼ + ln(1 + exp(-|zⱼ|))]
/// ```
///
/// The second form does not overflow. The target of a single output is its class, 0 or 1.
///
/// - `z`, `t`: (k)
pub fn binary_cross_entropy(z: ArrayView1<f32>, t: ArrayView1<f32>) -> f32 {
    let mut l = 0.0;
    for j in 0..z.len() {
        l += z[j].max(0.0) - t[j] * z[j] + (-z[j].abs()).exp().ln_1p();
    }
    l / z.len() as f32
}

/// Computes the gradient of [`binary_cross_entropy()`].
///
/// ```text
/// dzⱼ = (1/k)·(σ(zⱼ) - tⱼ)
/// ```
///
/// - `z`, `t`: (k)
/// - returns `dz`: (k)
pub fn binary_cross_entropy_backward(z: ArrayView1<f32>, t: ArrayView1<f32>) -> Array1<f32> {
    Array1::from_shape_fn(z.len(), |j| (super::sigmoid(z[j]) - t[j]) / z.len() as f32)
}

/// Computes the loss of [`Hinge`](crate::loss::Hinge) for `k` scores and the class `c`.
///
/// ```text
/// l = (1/k)·Σ max(0, 1 - z_c + zⱼ) over j ≠ c
/// l = max(0, 1 - s·z)  for one score, with s = 1 for class 1 and s = -1 for class 0
/// ```
///
/// - `z`: (k)
pub fn hinge(z: ArrayView1<f32>, class: usize) -> f32 {
    if z.len() == 1 {
        let s = if class == 1 { 1.0 } else { -1.0 };
        return (1.0 - s * z[0]).max(0.0);
    }
    let mut l = 0.0;
    for j in (0..z.len()).filter(|&j| j != class) {
        l += (1.0 - z[class] + z[j]).max(0.0);
    }
    l / z.len() as f32
}

/// Computes the gradient of [`hinge()`]: that of the line where the margin is missed, and 0 elsewhere.
///
/// ```text
/// dzⱼ = (1/k) where 1 - z_c + zⱼ > 0, else 0        dz_c = -Σ dzⱼ over j ≠ c
/// dz = -s where 1 - s·z > 0, else 0                 for one score
/// ```
///
/// - `z`: (k)
/// - returns `dz`: (k)
pub fn hinge_backward(z: ArrayView1<f32>, class: usize) -> Array1<f32> {
    let mut dz = Array1::zeros(z.len());
    if z.len() == 1 {
        let s = if class == 1 { 1.0 } else { -1.0 };
        dz[0] = if 1.0 - s * z[0] > 0.0 { -s } else { 0.0 };
        return dz;
    }
    for j in (0..z.len()).filter(|&j| j != class) {
        if 1.0 - z[class] + z[j] > 0.0 {
            dz[j] = 1.0 / z.len() as f32;
            dz[class] -= dz[j];
        }
    }
    dz
}

/// Computes the mean loss of a batch whose samples have weights, as
/// [`ClassWeights`](crate::loss::ClassWeights) gives them.
///
/// ```text
/// L = Σᵢ wᵢ·lᵢ / Σᵢ wᵢ
/// ```
///
/// - `l`, the losses of the samples, and `w`: (n)
pub fn weighted_mean(l: ArrayView1<f32>, w: ArrayView1<f32>) -> f32 {
    (&l * &w).sum() / w.sum()
}

/// Computes the gradient of [`weighted_mean()`], by which each sample's own gradient is multiplied.
///
/// ```text
/// dlᵢ = wᵢ / Σ w
/// ```
///
/// - `w`: (n)
/// - returns `dl`: (n)
pub fn weighted_mean_backward(w: ArrayView1<f32>) -> Array1<f32> {
    &w / w.sum()
}
