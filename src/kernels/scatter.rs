//! The input gradient of a convolution over few channels.
//!
//! [`Correlate`](super::Correlate) gathers each input pixel's gradient, and fills its vectors with
//! the channels of that one pixel. Where they are few, most of a vector is idle. But the pixels
//! under one row of taps stand side by side, and their `kw·c` floats together fill vectors well.
//! So each output pixel scatters instead, what it has for a row of taps at a time:
//!
//! ```text
//! dx[h·s + i, w·s + j, c] += Σ_o dy[h, w, o]·W[i, j, c, o]      for all (j, c) at once
//! ```
//!
//! For 6 channels and 5×5 taps a row of taps is 30 floats, two vectors for 5 pixels. From 10×10×16
//! back to 14×14×6 takes 4.3 µs an image, and took 12.1 by gathering (measured as in `correlate.rs`).
//! Ten rows of pixels at a time instead of five were no faster.
//!
//! A float of `dx` adds up its sums over `o` by ascending w and then by ascending h, whatever the
//! width of vectors. The zeros behind the last of the `kw·c` floats are added to what follows.

use pulp::{Simd, WithSimd};

use super::simd::{load, store};
use super::{ALIGN, Axis};

/// The arguments of one input gradient over a batch of images, without padding.
pub(crate) struct Scatter<'a> {
    pub rows: Axis,
    pub cols: Axis,
    /// Channels of `dx`.
    pub channels: usize,
    /// Channels of `dy`.
    pub filters: usize,
    /// Images (n, oh, ow, o).
    pub dy: &'a [f32],
    /// (kh, o) rows of the `kw·c` floats, each row padded to a multiple of [`ALIGN`].
    pub weights: &'a [f32],
    /// Images (n, ih, iw, c), overwritten.
    pub dx: &'a mut [f32],
}

/// Whether to scatter: without padding, and where vectors across taps save half the products.
pub(crate) fn scatters(rows: Axis, cols: Axis, channels: usize) -> bool {
    let across = (cols.kernel * channels).next_multiple_of(ALIGN);
    let inside = [rows, cols]
        .iter()
        .all(|axis| axis.pad == 0 && (axis.output - 1) * axis.stride + axis.kernel <= axis.input);
    inside && 2 * across <= cols.kernel * channels.next_multiple_of(ALIGN)
}

impl WithSimd for Scatter<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        self.dx.fill(0.0);
        let dy_size = self.rows.output * self.cols.output * self.filters;
        for image in 0..self.dy.len() / dy_size {
            for w in 0..self.cols.output {
                let mut h = 0;
                while h < self.rows.output {
                    h += match self.rows.output - h {
                        5.. => self.pixels::<S, 5>(simd, image, h, w),
                        2.. => self.pixels::<S, 2>(simd, image, h, w),
                        _ => self.pixels::<S, 1>(simd, image, h, w),
                    };
                }
            }
        }
    }
}

impl Scatter<'_> {
    /// All that `R` output pixels, one below the other, add to `dx`. The last row of taps comes
    /// first: so a row of `dx` meets the pixels in descending order of taps, ascending of `h`.
    #[inline(always)]
    fn pixels<S: Simd, const R: usize>(
        &mut self,
        simd: S,
        image: usize,
        h: usize,
        w: usize,
    ) -> usize {
        let Axis { output, input, stride, kernel, .. } = self.cols;
        let (dy_row, x_row) = (output * self.filters, input * self.channels);
        let dy_at = (image * self.rows.output + h) * dy_row + w * self.filters;
        let mut dy = [self.dy; R];
        for r in 0..R {
            dy[r] = &self.dy[dy_at + r * dy_row..][..self.filters];
        }
        let across = (kernel * self.channels).next_multiple_of(ALIGN);
        for (i, weights) in self.weights.chunks_exact(self.filters * across).enumerate().rev() {
            let x_row_at = image * self.rows.input + h * self.rows.stride + i;
            let x_at = x_row_at * x_row + w * stride * self.channels;
            let tile = ScatterTile {
                dy,
                filters: self.filters,
                weights,
                across,
                down: self.rows.stride * x_row,
            };
            let mut start = 0;
            while start < across {
                let dx = &mut self.dx[x_at..];
                start += if across - start >= 2 * S::F32_LANES {
                    tile.add::<S, 2>(simd, start, dx)
                } else {
                    tile.add::<S, 1>(simd, start, dx)
                };
            }
        }
        R
    }
}

/// `R` pixels of `dy` and one row of taps.
struct ScatterTile<'a, const R: usize> {
    dy: [&'a [f32]; R],
    filters: usize,
    /// (o) rows of `across` floats.
    weights: &'a [f32],
    across: usize,
    /// From one pixel's place in `dx` to the next one's.
    down: usize,
}

impl<const R: usize> ScatterTile<'_, R> {
    /// Adds `C` vectors, from float `start` of the row of taps on, to `dx`; returns their length.
    #[inline(always)]
    fn add<S: Simd, const C: usize>(&self, simd: S, start: usize, dx: &mut [f32]) -> usize {
        let width = C * S::F32_LANES;
        // One length for all: no bounds checks are left in the loop.
        let mut dy = self.dy;
        for r in 0..R {
            dy[r] = &self.dy[r][..self.filters];
        }
        let mut sums = [[simd.splat_f32s(0.0); C]; R];
        let mut weights = self.weights;
        for o in 0..self.filters {
            let (row, rest) = weights.split_at(self.across);
            weights = rest;
            let w = load::<S, C>(&row[start..]);
            for r in 0..R {
                let dy = simd.splat_f32s(dy[r][o]);
                for c in 0..C {
                    sums[r][c] = simd.mul_add_f32s(dy, w[c], sums[r][c]);
                }
            }
        }
        if (R - 1) * self.down + start + width <= dx.len() {
            for r in 0..R {
                let dx = &mut dx[r * self.down + start..];
                let mut sum = load::<S, C>(dx);
                for c in 0..C {
                    sum[c] = simd.add_f32s(sum[c], sums[r][c]);
                }
                store::<S, C>(dx, sum);
            }
        } else {
            // At the end of the last image there may be no room for the zeros.
            for r in 0..R {
                for c in 0..C {
                    let at = (r * self.down + start + c * S::F32_LANES).min(dx.len());
                    let end = (at + S::F32_LANES).min(dx.len());
                    let dx = &mut dx[at..end];
                    let sum = simd.add_f32s(simd.partial_load_f32s(dx), sums[r][c]);
                    simd.partial_store_f32s(dx, sum);
                }
            }
        }
        width
    }
}
