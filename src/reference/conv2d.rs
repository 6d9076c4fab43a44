//! Twin of [`Conv2d`](crate::layers::Conv2d): plain loops over windows, their taps and channels.
//!
//! Kernels are (kh, kw, c/g, o): with `g` groups, each filter sees the channels of its own group. A
//! window that hangs over the border of the image skips what is not there, which is the same as zeros
//! around it.

use ndarray::{Array1, Array4, ArrayView1, ArrayView4};

use super::Slide;

/// Index of the first of the `depth` channels that filter `o` sees.
pub(super) fn first_channel(o: usize, channels: usize, depth: usize, filters: usize) -> usize {
    let groups = channels / depth;
    o / (filters / groups) * depth
}

/// Computes the outputs of a convolution.
///
/// ```text
/// y[n, h, w, o] = b[o] + Σ_{i, j, c} x[n, h·s + i·d - p, w·s + j·d - p, c]·W[i, j, c, o]
/// ```
///
/// The sum is over the channels `c` of the filter's group. Each product is added with one rounding.
///
/// - `x`: (n, h, w, c); `weight`, `W`: (kh, kw, c/g, o); `bias`, `b`: (o); `size`: (oh, ow)
/// - returns `y`: (n, oh, ow, o)
pub fn conv2d(
    x: ArrayView4<f32>,
    weight: ArrayView4<f32>,
    bias: ArrayView1<f32>,
    [down, across]: [Slide; 2],
    (oh, ow): (usize, usize),
) -> Array4<f32> {
    let (images, height, width, channels) = x.dim();
    let (kh, kw, depth, filters) = weight.dim();
    Array4::from_shape_fn((images, oh, ow, filters), |(n, h, w, o)| {
        let first = first_channel(o, channels, depth, filters);
        let mut y = bias[o];
        for i in 0..kh {
            let Some(row) = down.under(h, i, height) else { continue };
            for j in 0..kw {
                let Some(column) = across.under(w, j, width) else { continue };
                for c in 0..depth {
                    y = x[[n, row, column, first + c]].mul_add(weight[[i, j, c, o]], y);
                }
            }
        }
        y
    })
}

/// Computes the gradients of [`conv2d()`].
///
/// Each product `y += x·W` of the forward pass sends `dy·W` to its `x` and `dy·x` to its `W`.
///
/// ```text
/// dx[n, h·s + i·d - p, w·s + j·d - p, c] += dy[n, h, w, o]·W[i, j, c, o]
/// dW[i, j, c, o] += dy[n, h, w, o]·x[n, h·s + i·d - p, w·s + j·d - p, c]
/// db[o] += dy[n, h, w, o]
/// ```
///
/// - `x`: (n, h, w, c); `weight`, `W`: (kh, kw, c/g, o); `dy`: (n, oh, ow, o)
/// - returns `dx`: (n, h, w, c); `dw`: (kh, kw, c/g, o); `db`: (o)
pub fn conv2d_backward(
    x: ArrayView4<f32>,
    weight: ArrayView4<f32>,
    dy: ArrayView4<f32>,
    [down, across]: [Slide; 2],
) -> (Array4<f32>, Array4<f32>, Array1<f32>) {
    let (_, height, width, channels) = x.dim();
    let (kh, kw, depth, filters) = weight.dim();
    let (mut dx, mut dw) = (Array4::zeros(x.dim()), Array4::zeros(weight.dim()));
    let mut db = Array1::zeros(filters);
    for ((n, h, w, o), &dy) in dy.indexed_iter() {
        db[o] += dy;
        let first = first_channel(o, channels, depth, filters);
        for i in 0..kh {
            let Some(row) = down.under(h, i, height) else { continue };
            for j in 0..kw {
                let Some(column) = across.under(w, j, width) else { continue };
                for c in 0..depth {
                    dx[[n, row, column, first + c]] += dy * weight[[i, j, c, o]];
                    dw[[i, j, c, o]] += dy * x[[n, row, column, first + c]];
                }
            }
        }
    }
    (dx, dw, db)
}
