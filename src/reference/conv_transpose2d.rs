//! Twin of [`ConvTranspose2d`](crate::layers::ConvTranspose2d): every input pixel paints the kernel on
//! the output.
//!
//! Input and output have changed places with those of [`conv2d()`](super::conv2d()): the forward pass
//! is that convolution's `dx`, and `dx` is that convolution.

use ndarray::{Array1, Array4, ArrayView1, ArrayView4};

use super::Slide;
use super::conv2d::first_channel;

/// Computes the outputs of a transposed convolution.
///
/// ```text
/// y[n, h·s + i·d - p, w·s + j·d - p, o] += x[n, h, w, c]·W[i, j, o, c],  from y = b[o] on
/// ```
///
/// The sum is over the filters `o` of the channel's group.
///
/// - `x`: (n, h, w, c); `weight`, `W`: (kh, kw, o/g, c); `bias`, `b`: (o); `size`: (oh, ow)
/// - returns `y`: (n, oh, ow, o)
pub fn conv_transpose2d(
    x: ArrayView4<f32>,
    weight: ArrayView4<f32>,
    bias: ArrayView1<f32>,
    [down, across]: [Slide; 2],
    (oh, ow): (usize, usize),
) -> Array4<f32> {
    let (kh, kw, depth, channels) = weight.dim();
    let (images, filters) = (x.dim().0, bias.len());
    let mut y = Array4::from_shape_fn((images, oh, ow, filters), |(_, _, _, o)| bias[o]);
    for ((n, h, w, c), &x) in x.indexed_iter() {
        let first = first_channel(c, filters, depth, channels);
        for i in 0..kh {
            let Some(row) = down.under(h, i, oh) else { continue };
            for j in 0..kw {
                let Some(column) = across.under(w, j, ow) else { continue };
                for o in 0..depth {
                    y[[n, row, column, first + o]] += x * weight[[i, j, o, c]];
                }
            }
        }
    }
    y
}

/// Computes the gradients of [`conv_transpose2d()`].
///
/// Each product `y += x·W` of the forward pass sends `dy·W` to its `x` and `dy·x` to its `W`.
///
/// ```text
/// dx[n, h, w, c] += dy[n, h·s + i·d - p, w·s + j·d - p, o]·W[i, j, o, c]
/// dW[i, j, o, c] += dy[n, h·s + i·d - p, w·s + j·d - p, o]·x[n, h, w, c]
/// db[o] += dy[n, h, w, o]
/// ```
///
/// - `x`: (n, h, w, c); `weight`, `W`: (kh, kw, o/g, c); `dy`: (n, oh, ow, o)
/// - returns `dx`: (n, h, w, c); `dw`: (kh, kw, o/g, c); `db`: (o)
pub fn conv_transpose2d_backward(
    x: ArrayView4<f32>,
    weight: ArrayView4<f32>,
    dy: ArrayView4<f32>,
    [down, across]: [Slide; 2],
) -> (Array4<f32>, Array4<f32>, Array1<f32>) {
    let ((kh, kw, depth, channels), (_, oh, ow, filters)) = (weight.dim(), dy.dim());
    let (mut dx, mut dw) = (Array4::zeros(x.dim()), Array4::zeros(weight.dim()));
    for ((n, h, w, c), &x) in x.indexed_iter() {
        let first = first_channel(c, filters, depth, channels);
        for i in 0..kh {
            let Some(row) = down.under(h, i, oh) else { continue };
            for j in 0..kw {
                let Some(column) = across.under(w, j, ow) else { continue };
                for o in 0..depth {
                    dx[[n, h, w, c]] += dy[[n, row, column, first + o]] * weight[[i, j, o, c]];
                    dw[[i, j, o, c]] += dy[[n, row, column, first + o]] * x;
                }
            }
        }
    }
    let mut db = Array1::zeros(filters);
    for ((_, _, _, o), dy) in dy.indexed_iter() {
        db[o] += dy;
    }
    (dx, dw, db)
}
