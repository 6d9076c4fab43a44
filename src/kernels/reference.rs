//! What the fast kernels compute, in plain loops: the one to read first, and the one that the
//! tests compare with.
//!
//! Images are (h, w, c), kernels (kh, kw, c/g, o): with `g` groups, of which each takes its share of
//! the channels to its share of the filters. A window that hangs over the border of the image skips
//! what is not there, which is the same as zeros around it.

use ndarray::{Array1, Array3, Array4, ArrayView1, ArrayView3, ArrayView4};

/// How a window slides: by `stride` (down, across), from `pad` (above, left) outside the image on.
#[derive(Debug, Clone, Copy)]
pub struct Slide {
    /// Pixels from one window to the next, down and across.
    pub stride: (usize, usize),
    /// Pixels from one tap of a window to the next.
    pub dilation: (usize, usize),
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
        let row = (h * self.stride.0 + i * self.dilation.0).checked_sub(self.pad.0)?;
        let col = (w * self.stride.1 + j * self.dilation.1).checked_sub(self.pad.1)?;
        (row < height && col < width).then_some((row, col))
    }
}

/// `y[h, w, o] = b[o] + Σ_{i, j, c} x[h·s + i·d - p, w·s + j·d - p, c]·w[i, j, c, o]` over the channels
/// `c` of the filter's group, each product added with one rounding.
pub fn conv2d(
    x: ArrayView3<f32>,
    weight: ArrayView4<f32>,
    bias: ArrayView1<f32>,
    slide: Slide,
    (oh, ow): (usize, usize),
) -> Array3<f32> {
    let (height, width, channels) = x.dim();
    let (kh, kw, depth, filters) = weight.dim();
    Array3::from_shape_fn((oh, ow, filters), |(h, w, o)| {
        let first = first_channel(o, channels, depth, filters);
        let mut sum = bias[o];
        for i in 0..kh {
            for j in 0..kw {
                let Some((row, col)) = slide.under((h, w), (i, j), (height, width)) else {
                    continue;
                };
                for c in 0..depth {
                    sum = x[[row, col, first + c]].mul_add(weight[[i, j, c, o]], sum);
                }
            }
        }
        sum
    })
}

/// The first of the `depth` channels that filter `o` sees.
fn first_channel(o: usize, channels: usize, depth: usize, filters: usize) -> usize {
    let groups = channels / depth;
    o / (filters / groups) * depth
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
    let (kh, kw, depth, filters) = weight.dim();
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
                    for o in 0..filters {
                        let first = first_channel(o, channels, depth, filters);
                        for c in 0..depth {
                            dx[[row, col, first + c]] += dy[[h, w, o]] * weight[[i, j, c, o]];
                            dw[[i, j, c, o]] += dy[[h, w, o]] * x[[row, col, first + c]];
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

/// The mean of each window over the pixels that are in the image or, given the size of the image
/// with its padding, in that.
pub fn avg_pool2d(
    x: ArrayView3<f32>,
    kernel: (usize, usize),
    slide: Slide,
    padded: Option<(usize, usize)>,
    (oh, ow): (usize, usize),
) -> Array3<f32> {
    let (height, width, channels) = x.dim();
    Array3::from_shape_fn((oh, ow, channels), |(h, w, c)| {
        let (mut sum, mut count) = (0.0, 0);
        for i in 0..kernel.0 {
            for j in 0..kernel.1 {
                let pixel = slide.under((h, w), (i, j), (height, width));
                sum += pixel.map_or(0.0, |(row, col)| x[[row, col, c]]);
                count += usize::from(match padded {
                    Some(size) => {
                        Slide { pad: (0, 0), ..slide }.under((h, w), (i, j), size).is_some()
                    }
                    None => pixel.is_some(),
                });
            }
        }
        sum / count as f32
    })
}
