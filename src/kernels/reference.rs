//! What the fast kernels compute, in plain loops: the one to read first, and the one that the
//! tests compare with.
//!
//! Images are (h, w, c), kernels (kh, kw, c, o). A window that hangs over the border of the image
//! skips what is not there, which is the same as zeros around it.

use ndarray::{Array1, Array3, Array4, ArrayView1, ArrayView3, ArrayView4};

/// How a window slides: by `stride` (down, across), from `pad` (above, left) outside the image on.
#[derive(Debug, Clone, Copy)]
pub struct Slide {
    /// Pixels from one window to the next, down and across.
    pub stride: (usize, usize),
    /// Rows above and columns left of the image where the first window starts.
    pub pad: (usize, usize),
}

impl Slide {
    /// The input pixel under tap (i, j) of the window of output pixel (h, w), if it is in an image
    /// of this size.
    fn under(
        &self,
        (h, w): (usize, usize),
        (i, j): (usize, usize),
        (height, width): (usize, usize),
    ) -> Option<(usize, usize)> {
        let row = (h * self.stride.0 + i).checked_sub(self.pad.0)?;
        let col = (w * self.stride.1 + j).checked_sub(self.pad.1)?;
        (row < height && col < width).then_some((row, col))
    }
}

/// `y[h, w, o] = b[o] + Σ_{i, j, c} x[h·s + i - p, w·s + j - p, c]·w[i, j, c, o]`, each product
/// added with one rounding.
pub fn conv2d(
    x: ArrayView3<f32>,
    weight: ArrayView4<f32>,
    bias: ArrayView1<f32>,
    slide: Slide,
    (oh, ow): (usize, usize),
) -> Array3<f32> {
    let (height, width, channels) = x.dim();
    let (kh, kw, _, filters) = weight.dim();
    Array3::from_shape_fn((oh, ow, filters), |(h, w, o)| {
        let mut sum = bias[o];
        for i in 0..kh {
            for j in 0..kw {
                let Some((row, col)) = slide.under((h, w), (i, j), (height, width)) else {
                    continue;
                };
                for c in 0..channels {
                    sum = x[[row, col, c]].mul_add(weight[[i, j, c, o]], sum);
                }
            }
        }
        sum
    })
}

/// The gradients (dx, dw, db) of [`conv2d`]: each product of the forward pass,
/// `y += x·w`, sends `dy·w` to its `x` and `dy·x` to its `w`.
pub fn conv2d_backward(
    x: ArrayView3<f32>,
    weight: ArrayView4<f32>,
    dy: ArrayView3<f32>,
    slide: Slide,
) -> (Array3<f32>, Array4<f32>, Array1<f32>) {
    let (height, width, channels) = x.dim();
    let (kh, kw, _, filters) = weight.dim();
    let (oh, ow, _) = dy.dim();
    let mut dx = Array3::zeros(x.dim());
    let mut dw = Array4::zeros(weight.dim());
    let mut db = Array1::zeros(filters);
    for h in 0..oh {
        for w in 0..ow {
            for o in 0..filters {
                db[o] += dy[[h, w, o]];
            }
            for i in 0..kh {
                for j in 0..kw {
                    let Some((row, col)) = slide.under((h, w), (i, j), (height, width)) else {
                        continue;
                    };
                    for c in 0..channels {
                        for o in 0..filters {
                            dx[[row, col, c]] += dy[[h, w, o]] * weight[[i, j, c, o]];
                            dw[[i, j, c, o]] += dy[[h, w, o]] * x[[row, col, c]];
                        }
                    }
                }
            }
        }
    }
    (dx, dw, db)
}

/// Where the first maximum of each window lies: (row, column) for each output pixel and channel.
/// The last NaN comes before any maximum.
pub fn max_pool2d(
    x: ArrayView3<f32>,
    kernel: (usize, usize),
    slide: Slide,
    (oh, ow): (usize, usize),
) -> Array3<(usize, usize)> {
    let (height, width, channels) = x.dim();
    Array3::from_shape_fn((oh, ow, channels), |(h, w, c)| {
        let taps = (0..kernel.0).flat_map(|i| (0..kernel.1).map(move |j| (i, j)));
        let pixels = taps.filter_map(|tap| slide.under((h, w), tap, (height, width)));
        pixels
            .reduce(|best, next| {
                let (most, value) = (x[[best.0, best.1, c]], x[[next.0, next.1, c]]);
                if value > most || value.is_nan() { next } else { best }
            })
            .expect("a window covers at least one pixel")
    })
}

/// The mean of each window over the pixels that are in the image.
pub fn avg_pool2d(
    x: ArrayView3<f32>,
    kernel: (usize, usize),
    slide: Slide,
    (oh, ow): (usize, usize),
) -> Array3<f32> {
    let (height, width, channels) = x.dim();
    Array3::from_shape_fn((oh, ow, channels), |(h, w, c)| {
        let (mut sum, mut count) = (0.0, 0);
        for i in 0..kernel.0 {
            for j in 0..kernel.1 {
                if let Some((row, col)) = slide.under((h, w), (i, j), (height, width)) {
                    sum += x[[row, col, c]];
                    count += 1;
                }
            }
        }
        sum / count as f32
    })
}
