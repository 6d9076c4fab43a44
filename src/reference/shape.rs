//! Twins of [`Flatten`](crate::layers::Flatten), [`Reshape`](crate::layers::Reshape),
//! [`ZeroPad1d`](crate::layers::ZeroPad1d) and [`ZeroPad2d`](crate::layers::ZeroPad2d): numbers change
//! their places, and gradients change them back.

use ndarray::{Array2, Array3, Array4, ArrayD, ArrayView2, ArrayView3, ArrayView4, ArrayViewD};

/// Lays the pixels of images out in one axis, in row-major order.
///
/// ```text
/// y[n, (i·w + j)·c + k] = x[n, i, j, k]
/// ```
///
/// - `x`: (n, h, w, c)
/// - returns `y`: (n, h·w·c)
pub fn flatten(x: ArrayView4<f32>) -> Array2<f32> {
    let (images, height, width, channels) = x.dim();
    let mut y = Array2::zeros((images, height * width * channels));
    for ((n, i, j, k), &x) in x.indexed_iter() {
        y[[n, (i * width + j) * channels + k]] = x;
    }
    y
}

/// Computes the gradient of [`flatten()`].
///
/// ```text
/// dx[n, i, j, k] = dy[n, (i·w + j)·c + k]
/// ```
///
/// - `dy`: (n, h·w·c); `shape`: (n, h, w, c)
/// - returns `dx`: (n, h, w, c)
pub fn flatten_backward(dy: ArrayView2<f32>, shape: (usize, usize, usize, usize)) -> Array4<f32> {
    let (_, _, width, channels) = shape;
    Array4::from_shape_fn(shape, |(n, i, j, k)| dy[[n, (i * width + j) * channels + k]])
}

/// Gives numbers another shape: value number `i` in row-major order stays number `i`.
///
/// ```text
/// y = x in the new shape
/// ```
///
/// - `x`: (n, ...); `shape`: that of `y`, with `n` in front
/// - returns `y`: (n, ...)
pub fn reshape(x: ArrayViewD<f32>, shape: &[usize]) -> ArrayD<f32> {
    let mut y = ArrayD::zeros(shape);
    assert_eq!(x.len(), y.len(), "a shape of as many numbers");
    for (y, x) in y.iter_mut().zip(&x) {
        *y = *x;
    }
    y
}

/// Computes the gradient of [`reshape()`].
///
/// ```text
/// dx = dy in the shape of x
/// ```
///
/// - `dy`: (n, ...); `shape`: that of `x`, with `n` in front
/// - returns `dx`: (n, ...)
pub fn reshape_backward(dy: ArrayViewD<f32>, shape: &[usize]) -> ArrayD<f32> {
    reshape(dy, shape)
}

/// Keeps `len` positions of one axis, from `start` on.
///
/// ```text
/// y[.., i, ..] = x[.., start + i, ..]
/// ```
///
/// - `x`: (outer, length, inner), with the axes before and after the sliced one each in one
/// - returns `y`: (outer, len, inner)
pub fn slice(x: ArrayView3<f32>, start: usize, len: usize) -> Array3<f32> {
    let (outer, _, inner) = x.dim();
    Array3::from_shape_fn((outer, len, inner), |(o, i, j)| x[[o, start + i, j]])
}

/// Computes the gradient of [`slice()`]. The dropped positions have the gradient 0.
///
/// ```text
/// dx[.., start + i, ..] = dy[.., i, ..],  else 0
/// ```
///
/// - `dy`: (outer, len, inner); `length`: that of the axis of `x`
/// - returns `dx`: (outer, length, inner)
pub fn slice_backward(dy: ArrayView3<f32>, start: usize, length: usize) -> Array3<f32> {
    let (outer, _, inner) = dy.dim();
    let mut dx = Array3::zeros((outer, length, inner));
    for ((o, i, j), &dy) in dy.indexed_iter() {
        dx[[o, start + i, j]] = dy;
    }
    dx
}

/// Surrounds images with zeros.
///
/// ```text
/// y[n, i, j, k] = x[n, i - top, j - left, k]   inside the image, else 0
/// ```
///
/// - `x`: (n, h, w, c)
/// - returns `y`: (n, top + h + bottom, left + w + right, c)
pub fn zero_pad2d(
    x: ArrayView4<f32>,
    (top, bottom): (usize, usize),
    (left, right): (usize, usize),
) -> Array4<f32> {
    let (n, h, w, c) = x.dim();
    let mut y = Array4::zeros((n, top + h + bottom, left + w + right, c));
    for ((n, i, j, k), &x) in x.indexed_iter() {
        y[[n, top + i, left + j, k]] = x;
    }
    y
}

/// Computes the gradient of [`zero_pad2d()`]. The frame is constant, and its gradient is dropped.
///
/// ```text
/// dx[n, i, j, k] = dy[n, i + top, j + left, k]
/// ```
///
/// - `dy`: (n, top + h + bottom, left + w + right, c); `shape`: (n, h, w, c)
/// - returns `dx`: (n, h, w, c)
pub fn zero_pad2d_backward(
    dy: ArrayView4<f32>,
    shape: (usize, usize, usize, usize),
    (top, left): (usize, usize),
) -> Array4<f32> {
    Array4::from_shape_fn(shape, |(n, i, j, k)| dy[[n, top + i, left + j, k]])
}

/// Puts zeros in front of signals and behind them.
///
/// ```text
/// y[n, t, c] = x[n, t - front, c]   inside the signal, else 0
/// ```
///
/// - `x`: (n, length, c)
/// - returns `y`: (n, front + length + behind, c)
pub fn zero_pad1d(x: ArrayView3<f32>, front: usize, behind: usize) -> Array3<f32> {
    let (signals, length, channels) = x.dim();
    let mut y = Array3::zeros((signals, front + length + behind, channels));
    for ((n, t, c), &x) in x.indexed_iter() {
        y[[n, front + t, c]] = x;
    }
    y
}

/// Computes the gradient of [`zero_pad1d()`]. The zeros are constant, and their gradient is dropped.
///
/// ```text
/// dx[n, t, c] = dy[n, front + t, c]
/// ```
///
/// - `dy`: (n, front + length + behind, c); `shape`: (n, length, c)
/// - returns `dx`: (n, length, c)
pub fn zero_pad1d_backward(
    dy: ArrayView3<f32>,
    shape: (usize, usize, usize),
    front: usize,
) -> Array3<f32> {
    Array3::from_shape_fn(shape, |(n, t, c)| dy[[n, front + t, c]])
}
