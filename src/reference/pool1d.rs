//! Twins of the pooling layers over signals. Of a padded signal the steps from its length on are no input.

use ndarray::{Array2, Array3, ArrayView2, ArrayView3};

use super::Slide;

/// Step of the first maximum of the window of output `[n, t, c]`. The last NaN comes before any maximum.
fn first_maximum(
    x: ArrayView3<f32>,
    kernel: usize,
    slide: Slide,
    (n, t, c): (usize, usize, usize),
    length: usize,
) -> usize {
    let mut best: Option<usize> = None;
    for i in 0..kernel {
        let Some(step) = slide.under(t, i, length) else { continue };
        let value = x[[n, step, c]];
        if best.is_none_or(|at| value > x[[n, at, c]] || value.is_nan()) {
            best = Some(step);
        }
    }
    best.expect("a window covers at least one step")
}

/// Computes the outputs of [`MaxPool1d`](crate::layers::MaxPool1d).
///
/// ```text
/// y[n, t, c] = max_i x[n, t·s + i·d - p, c]
/// ```
///
/// - `x`: (n, length, c); `len`: ol
/// - returns `y`: (n, ol, c)
pub fn max_pool1d(x: ArrayView3<f32>, kernel: usize, slide: Slide, len: usize) -> Array3<f32> {
    let (signals, length, channels) = x.dim();
    Array3::from_shape_fn((signals, len, channels), |(n, t, c)| {
        x[[n, first_maximum(x, kernel, slide, (n, t, c), length), c]]
    })
}

/// Computes the gradient of [`max_pool1d()`].
///
/// ```text
/// dx[n, step, c] += dy[n, t, c],  at the first maximum of window t
/// ```
///
/// - `x`: (n, length, c); `dy`: (n, ol, c)
/// - returns `dx`: (n, length, c)
pub fn max_pool1d_backward(
    x: ArrayView3<f32>,
    dy: ArrayView3<f32>,
    kernel: usize,
    slide: Slide,
) -> Array3<f32> {
    let (_, length, _) = x.dim();
    let mut dx = Array3::zeros(x.dim());
    for ((n, t, c), &dy) in dy.indexed_iter() {
        dx[[n, first_maximum(x, kernel, slide, (n, t, c), length), c]] += dy;
    }
    dx
}

/// Number of taps of a window that lie in 0..length, or in the padded axis where its length is given.
fn taps(kernel: usize, slide: Slide, length: usize, padded: Option<usize>, t: usize) -> usize {
    let counts = |&tap: &usize| match padded {
        Some(padded) => Slide { pad: 0, ..slide }.under(t, tap, padded).is_some(),
        None => slide.under(t, tap, length).is_some(),
    };
    (0..kernel).filter(counts).count()
}

/// Computes the outputs of [`AvgPool1d`](crate::layers::AvgPool1d).
///
/// ```text
/// y[n, t, c] = (1/m)·Σᵢ x[n, t·s + i·d - p, c]
/// ```
///
/// The count `m` is that of the window's taps in the signal or, given the length of the signal with its
/// padding in `padded`, in that.
///
/// - `x`: (n, length, c); `len`: ol
/// - returns `y`: (n, ol, c)
pub fn avg_pool1d(
    x: ArrayView3<f32>,
    kernel: usize,
    slide: Slide,
    padded: Option<usize>,
    len: usize,
) -> Array3<f32> {
    let (signals, length, channels) = x.dim();
    Array3::from_shape_fn((signals, len, channels), |(n, t, c)| {
        let steps = (0..kernel).filter_map(|i| slide.under(t, i, length));
        let sum: f32 = steps.map(|step| x[[n, step, c]]).sum();
        sum / taps(kernel, slide, length, padded, t) as f32
    })
}

/// Computes the gradient of [`avg_pool1d()`].
///
/// ```text
/// dx[n, t·s + i·d - p, c] += dy[n, t, c]/m
/// ```
///
/// - `shape`: (n, length, c); `dy`: (n, ol, c)
/// - returns `dx`: (n, length, c)
pub fn avg_pool1d_backward(
    shape: (usize, usize, usize),
    dy: ArrayView3<f32>,
    kernel: usize,
    slide: Slide,
    padded: Option<usize>,
) -> Array3<f32> {
    let (_, length, _) = shape;
    let mut dx = Array3::zeros(shape);
    for ((n, t, c), &dy) in dy.indexed_iter() {
        for step in (0..kernel).filter_map(|i| slide.under(t, i, length)) {
            dx[[n, step, c]] += dy / taps(kernel, slide, length, padded, t) as f32;
        }
    }
    dx
}

/// Way of a window that covers the whole signal.
const WHOLE: Slide = Slide { stride: 1, dilation: 1, pad: 0 };

/// Computes the outputs of [`GlobalMaxPool1d`](crate::layers::GlobalMaxPool1d).
///
/// ```text
/// y[n, c] = max_t x[n, t, c]        t < length of signal n
/// ```
///
/// - `x`: (n, steps, c); `lengths`: (n)
/// - returns `y`: (n, c)
pub fn global_max_pool1d(x: ArrayView3<f32>, lengths: &[usize]) -> Array2<f32> {
    let (signals, _, channels) = x.dim();
    Array2::from_shape_fn((signals, channels), |(n, c)| {
        x[[n, first_maximum(x, lengths[n], WHOLE, (n, 0, c), lengths[n]), c]]
    })
}

/// Computes the gradient of [`global_max_pool1d()`].
///
/// ```text
/// dx[n, t, c] = dy[n, c] at the first maximum, else 0
/// ```
///
/// - `x`: (n, steps, c); `dy`: (n, c); `lengths`: (n)
/// - returns `dx`: (n, steps, c)
pub fn global_max_pool1d_backward(
    x: ArrayView3<f32>,
    dy: ArrayView2<f32>,
    lengths: &[usize],
) -> Array3<f32> {
    let mut dx = Array3::zeros(x.dim());
    for ((n, c), &dy) in dy.indexed_iter() {
        dx[[n, first_maximum(x, lengths[n], WHOLE, (n, 0, c), lengths[n]), c]] = dy;
    }
    dx
}

/// Computes the outputs of [`GlobalAvgPool1d`](crate::layers::GlobalAvgPool1d).
///
/// ```text
/// y[n, c] = (1/m)·Σ_t x[n, t, c]        t < m, the length of signal n
/// ```
///
/// - `x`: (n, steps, c); `lengths`: (n)
/// - returns `y`: (n, c)
pub fn global_avg_pool1d(x: ArrayView3<f32>, lengths: &[usize]) -> Array2<f32> {
    let (signals, _, channels) = x.dim();
    let mut y = Array2::zeros((signals, channels));
    for n in 0..signals {
        for t in 0..lengths[n] {
            for c in 0..channels {
                y[[n, c]] += x[[n, t, c]] / lengths[n] as f32;
            }
        }
    }
    y
}

/// Computes the gradient of [`global_avg_pool1d()`].
///
/// ```text
/// dx[n, t, c] = dy[n, c]/m        t < m, the length of signal n, else 0
/// ```
///
/// - `shape`: (n, steps, c); `dy`: (n, c); `lengths`: (n)
/// - returns `dx`: (n, steps, c)
pub fn global_avg_pool1d_backward(
    shape: (usize, usize, usize),
    dy: ArrayView2<f32>,
    lengths: &[usize],
) -> Array3<f32> {
    Array3::from_shape_fn(
        shape,
        |(n, t, c)| {
            if t < lengths[n] { dy[[n, c]] / lengths[n] as f32 } else { 0.0 }
        },
    )
}
