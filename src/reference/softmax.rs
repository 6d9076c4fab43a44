//! Twin of [`Softmax`](crate::layers::Softmax): numbers become probabilities, row by row.

use ndarray::{Array2, ArrayView2};

/// Computes the probabilities of some logits.
///
/// ```text
/// y[n, i] = exp(x[n, i] - m) / Σⱼ exp(x[n, j] - m)        m = max x[n, ·]
/// ```
///
/// The maximum drops out of the quotient, and keeps `exp` from overflowing.
///
/// - `x`: (n, k)
/// - returns `y`: (n, k)
pub fn softmax(x: ArrayView2<f32>) -> Array2<f32> {
    let mut y = x.to_owned();
    for mut row in y.rows_mut() {
        let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        row.mapv_inplace(|x| (x - max).exp());
        row /= row.sum();
    }
    y
}

/// Computes the gradient of [`softmax()`].
///
/// Each output depends on all inputs of its row, `∂yⱼ/∂xᵢ = yⱼ·([i = j] - yᵢ)`, and the sum of `dyⱼ`
/// times these is
///
/// ```text
/// dx[n, i] = y[n, i]·(dy[n, i] - Σⱼ dy[n, j]·y[n, j])
/// ```
///
/// - `y`, `dy`: (n, k)
/// - returns `dx`: (n, k)
pub fn softmax_backward(y: ArrayView2<f32>, dy: ArrayView2<f32>) -> Array2<f32> {
    let mut dx = Array2::zeros(y.dim());
    for n in 0..y.nrows() {
        let mut mean = 0.0;
        for j in 0..y.ncols() {
            mean += dy[[n, j]] * y[[n, j]];
        }
        for i in 0..y.ncols() {
            dx[[n, i]] = y[[n, i]] * (dy[[n, i]] - mean);
        }
    }
    dx
}
