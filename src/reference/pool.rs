//! Twins of the pooling layers: the maximum or the mean of each window, channel by channel.

use ndarray::{Array2, Array4, ArrayView2, ArrayView4};

use super::Slide;

/// Pixel (row, column) of the first maximum of the window of output `[n, h, w, c]`. The last NaN comes
/// before any maximum.
fn first_maximum(
    x: ArrayView4<f32>,
    (kh, kw): (usize, usize),
    [down, across]: [Slide; 2],
    (n, h, w, c): (usize, usize, usize, usize),
) -> (usize, usize) {
    let (_, height, width, _) = x.dim();
    let mut best: Option<(usize, usize)> = None;
    for i in 0..kh {
        let Some(row) = down.under(h, i, height) else { continue };
        for j in 0..kw {
            let Some(column) = across.under(w, j, width) else { continue };
            let value = x[[n, row, column, c]];
            if best.is_none_or(|at| value > x[[n, at.0, at.1, c]] || value.is_nan()) {
                best = Some((row, column));
            }
        }
    }
    best.expect("a window covers at least one pixel")
}

/// Computes the outputs of [`MaxPool2d`](crate::layers::MaxPool2d).
///
/// ```text
/// y[n, h, w, c] = max_{i, j} x[n, h·s + i·d - p, w·s + j·d - p, c]
/// ```
///
/// - `x`: (n, h, w, c); `kernel`: (kh, kw); `size`: (oh, ow)
/// - returns `y`: (n, oh, ow, c)
pub fn max_pool2d(
    x: ArrayView4<f32>,
    kernel: (usize, usize),
    slides: [Slide; 2],
    (oh, ow): (usize, usize),
) -> Array4<f32> {
    let (images, _, _, channels) = x.dim();
    Array4::from_shape_fn((images, oh, ow, channels), |(n, h, w, c)| {
        let (row, column) = first_maximum(x, kernel, slides, (n, h, w, c));
        x[[n, row, column, c]]
    })
}

/// Computes the gradient of [`max_pool2d()`].
///
/// A maximum is one of its inputs, with slope 1 in that one and 0 in the others.
///
/// ```text
/// dx[n, row, column, c] += dy[n, h, w, c],  at the first maximum of the window (h, w)
/// ```
///
/// - `x`: (n, h, w, c); `dy`: (n, oh, ow, c)
/// - returns `dx`: (n, h, w, c)
pub fn max_pool2d_backward(
    x: ArrayView4<f32>,
    dy: ArrayView4<f32>,
    kernel: (usize, usize),
    slides: [Slide; 2],
) -> Array4<f32> {
    let mut dx = Array4::zeros(x.dim());
    for ((n, h, w, c), &dy) in dy.indexed_iter() {
        let (row, column) = first_maximum(x, kernel, slides, (n, h, w, c));
        dx[[n, row, column, c]] += dy;
    }
    dx
}

/// Number of taps of a window that lie in 0..len, or in the padded axis where its length is given.
fn taps(kernel: usize, slide: Slide, len: usize, padded: Option<usize>, window: usize) -> usize {
    let counts = |&tap: &usize| match padded {
        Some(padded) => Slide { pad: 0, ..slide }.under(window, tap, padded).is_some(),
        None => slide.under(window, tap, len).is_some(),
    };
    (0..kernel).filter(counts).count()
}

/// Computes the outputs of [`AvgPool2d`](crate::layers::AvgPool2d).
///
/// ```text
/// y[n, h, w, c] = (1/m)·Σ_{i, j} x[n, h·s + i·d - p, w·s + j·d - p, c]
/// ```
///
/// The count `m` is that of the window's taps in the image or, given the size of the image with its
/// padding in `padded`, in that.
///
/// - `x`: (n, h, w, c); `kernel`: (kh, kw); `size`: (oh, ow)
/// - returns `y`: (n, oh, ow, c)
pub fn avg_pool2d(
    x: ArrayView4<f32>,
    (kh, kw): (usize, usize),
    [down, across]: [Slide; 2],
    padded: Option<(usize, usize)>,
    (oh, ow): (usize, usize),
) -> Array4<f32> {
    let (images, height, width, channels) = x.dim();
    Array4::from_shape_fn((images, oh, ow, channels), |(n, h, w, c)| {
        let rows = taps(kh, down, height, padded.map(|size| size.0), h);
        let columns = taps(kw, across, width, padded.map(|size| size.1), w);
        let mut sum = 0.0;
        for i in 0..kh {
            let Some(row) = down.under(h, i, height) else { continue };
            for j in 0..kw {
                let Some(column) = across.under(w, j, width) else { continue };
                sum += x[[n, row, column, c]];
            }
        }
        sum / (rows * columns) as f32
    })
}

/// Computes the gradient of [`avg_pool2d()`].
///
/// ```text
/// dx[n, h·s + i·d - p, w·s + j·d - p, c] += dy[n, h, w, c]/m
/// ```
///
/// - `shape`: (n, h, w, c); `dy`: (n, oh, ow, c)
/// - returns `dx`: (n, h, w, c)
pub fn avg_pool2d_backward(
    shape: (usize, usize, usize, usize),
    dy: ArrayView4<f32>,
    (kh, kw): (usize, usize),
    [down, across]: [Slide; 2],
    padded: Option<(usize, usize)>,
) -> Array4<f32> {
    let (_, height, width, _) = shape;
    let mut dx = Array4::zeros(shape);
    for ((n, h, w, c), &dy) in dy.indexed_iter() {
        let rows = taps(kh, down, height, padded.map(|size| size.0), h);
        let columns = taps(kw, across, width, padded.map(|size| size.1), w);
        for i in 0..kh {
            let Some(row) = down.under(h, i, height) else { continue };
            for j in 0..kw {
                let Some(column) = across.under(w, j, width) else { continue };
                dx[[n, row, column, c]] += dy / (rows * columns) as f32;
            }
        }
    }
    dx
}

/// Computes the outputs of [`GlobalMaxPool2d`](crate::layers::GlobalMaxPool2d): [`max_pool2d()`] of one
/// window, the whole image.
///
/// ```text
/// y[n, c] = max_{h, w} x[n, h, w, c]
/// ```
///
/// - `x`: (n, h, w, c)
/// - returns `y`: (n, c)
pub fn global_max_pool2d(x: ArrayView4<f32>) -> Array2<f32> {
    let (images, height, width, channels) = x.dim();
    Array2::from_shape_fn((images, channels), |(n, c)| {
        let (row, column) = first_maximum(x, (height, width), WHOLE, (n, 0, 0, c));
        x[[n, row, column, c]]
    })
}

/// Computes the gradient of [`global_max_pool2d()`].
///
/// ```text
/// dx[n, row, column, c] = dy[n, c] at the first maximum, else 0
/// ```
///
/// - `x`: (n, h, w, c); `dy`: (n, c)
/// - returns `dx`: (n, h, w, c)
pub fn global_max_pool2d_backward(x: ArrayView4<f32>, dy: ArrayView2<f32>) -> Array4<f32> {
    let (_, height, width, _) = x.dim();
    let mut dx = Array4::zeros(x.dim());
    for ((n, c), &dy) in dy.indexed_iter() {
        let (row, column) = first_maximum(x, (height, width), WHOLE, (n, 0, 0, c));
        dx[[n, row, column, c]] = dy;
    }
    dx
}

/// Way of a window that covers the whole image.
const WHOLE: [Slide; 2] = [Slide { stride: 1, dilation: 1, pad: 0 }; 2];

/// Computes the outputs of [`GlobalAvgPool2d`](crate::layers::GlobalAvgPool2d).
///
/// ```text
/// y[n, c] = (1/m)·Σ_{h, w} x[n, h, w, c]        m = h·w
/// ```
///
/// - `x`: (n, h, w, c)
/// - returns `y`: (n, c)
pub fn global_avg_pool2d(x: ArrayView4<f32>) -> Array2<f32> {
    let (images, height, width, channels) = x.dim();
    let mut y = Array2::zeros((images, channels));
    for ((n, _, _, c), &x) in x.indexed_iter() {
        y[[n, c]] += x / (height * width) as f32;
    }
    y
}

/// Computes the gradient of [`global_avg_pool2d()`].
///
/// ```text
/// dx[n, h, w, c] = dy[n, c]/m        m = h·w
/// ```
///
/// - `shape`: (n, h, w, c); `dy`: (n, c)
/// - returns `dx`: (n, h, w, c)
pub fn global_avg_pool2d_backward(
    shape: (usize, usize, usize, usize),
    dy: ArrayView2<f32>,
) -> Array4<f32> {
    let (_, height, width, _) = shape;
    Array4::from_shape_fn(shape, |(n, _, _, c)| dy[[n, c]] / (height * width) as f32)
}
