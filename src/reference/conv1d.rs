//! Twin of [`Conv1d`](crate::layers::Conv1d): the simplest convolution, along one axis.

use ndarray::{Array1, Array3, ArrayView1, ArrayView3};

use super::Slide;
use super::conv2d::first_channel;

/// Computes the outputs of a convolution over signals.
///
/// ```text
/// y[n, t, o] = b[o] + Σ_{i, c} x[n, t·s + i·d - p, c]·W[i, c, o]
/// ```
///
/// The sum is over the channels `c` of the filter's group.
///
/// - `x`: (n, length, c); `weight`, `W`: (k, c/g, o); `bias`, `b`: (o); `len`: ol
/// - returns `y`: (n, ol, o)
pub fn conv1d(
    x: ArrayView3<f32>,
    weight: ArrayView3<f32>,
    bias: ArrayView1<f32>,
    slide: Slide,
    len: usize,
) -> Array3<f32> {
    let (signals, length, channels) = x.dim();
    let (kernel, depth, filters) = weight.dim();
    Array3::from_shape_fn((signals, len, filters), |(n, t, o)| {
        let first = first_channel(o, channels, depth, filters);
        let mut y = bias[o];
        for i in 0..kernel {
            let Some(at) = slide.under(t, i, length) else { continue };
            for c in 0..depth {
                y += x[[n, at, first + c]] * weight[[i, c, o]];
            }
        }
        y
    })
}

/// Computes the gradients of [`conv1d()`].
///
/// Each product `y += x·W` of the forward pass sends `dy·W` to its `x` and `dy·x` to its `W`.
///
/// ```text
/// dx[n, t·s + i·d - p, c] += dy[n, t, o]·W[i, c, o]
/// dW[i, c, o] += dy[n, t, o]·x[n, t·s + i·d - p, c]
/// db[o] += dy[n, t, o]
/// ```
///
/// - `x`: (n, length, c); `weight`, `W`: (k, c/g, o); `dy`: (n, ol, o)
/// - returns `dx`: (n, length, c); `dw`: (k, c/g, o); `db`: (o)
pub fn conv1d_backward(
    x: ArrayView3<f32>,
    weight: ArrayView3<f32>,
    dy: ArrayView3<f32>,
    slide: Slide,
) -> (Array3<f32>, Array3<f32>, Array1<f32>) {
    let (_, length, channels) = x.dim();
    let (kernel, depth, filters) = weight.dim();
    let (mut dx, mut dw) = (Array3::zeros(x.dim()), Array3::zeros(weight.dim()));
    let mut db = Array1::zeros(filters);
    for ((n, t, o), &dy) in dy.indexed_iter() {
        db[o] += dy;
        let first = first_channel(o, channels, depth, filters);
        for i in 0..kernel {
            let Some(at) = slide.under(t, i, length) else { continue };
            for c in 0..depth {
                dx[[n, at, first + c]] += dy * weight[[i, c, o]];
                dw[[i, c, o]] += dy * x[[n, at, first + c]];
            }
        }
    }
    (dx, dw, db)
}
