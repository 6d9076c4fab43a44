//! Twins of [`Dropout`](crate::layers::Dropout) and [`Dropout2d`](crate::layers::Dropout2d): a mask of
//! zeros at random, and a product with it.
//!
//! Prediction is the identity. The scale `1/(1 - rate)` keeps the expectation of `y` at `x`.

use ndarray::{Array2, Array4, ArrayView2, ArrayView4};

/// Computes a mask from random numbers, uniform in 0..1.
///
/// ```text
/// m = 0 where u < rate, else 1/(1 - rate)
/// ```
///
/// - `u`: (n, m), or a number for each channel, (n, c)
/// - returns `m`: as `u`
pub fn dropout_mask(u: ArrayView2<f64>, rate: f32) -> Array2<f32> {
    u.mapv(|u| if u < f64::from(rate) { 0.0 } else { 1.0 / (1.0 - rate) })
}

/// Computes the outputs of a dropout in training.
///
/// ```text
/// y[n, i] = x[n, i]·m[n, i]
/// ```
///
/// - `x`, `m`: (n, in), all axes of a sample in one
/// - returns `y`: (n, in)
pub fn dropout(x: ArrayView2<f32>, m: ArrayView2<f32>) -> Array2<f32> {
    &x * &m
}

/// Computes the gradient of [`dropout()`].
///
/// ```text
/// dx[n, i] = dy[n, i]·m[n, i]
/// ```
///
/// - `dy`, `m`: (n, in)
/// - returns `dx`: (n, in)
pub fn dropout_backward(dy: ArrayView2<f32>, m: ArrayView2<f32>) -> Array2<f32> {
    &dy * &m
}

/// Computes the outputs of a spatial dropout in training: a channel goes as a whole.
///
/// ```text
/// y[n, h, w, c] = x[n, h, w, c]·m[n, c]
/// ```
///
/// - `x`: (n, h, w, c); `m`: (n, c)
/// - returns `y`: (n, h, w, c)
pub fn dropout2d(x: ArrayView4<f32>, m: ArrayView2<f32>) -> Array4<f32> {
    Array4::from_shape_fn(x.dim(), |(n, h, w, c)| x[[n, h, w, c]] * m[[n, c]])
}

/// Computes the gradient of [`dropout2d()`].
///
/// ```text
/// dx[n, h, w, c] = dy[n, h, w, c]·m[n, c]
/// ```
///
/// - `dy`: (n, h, w, c); `m`: (n, c)
/// - returns `dx`: (n, h, w, c)
pub fn dropout2d_backward(dy: ArrayView4<f32>, m: ArrayView2<f32>) -> Array4<f32> {
    Array4::from_shape_fn(dy.dim(), |(n, h, w, c)| dy[[n, h, w, c]] * m[[n, c]])
}
