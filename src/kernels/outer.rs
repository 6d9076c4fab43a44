//! The product behind every weight gradient.
//!
//! ```text
//! dw[kh, kw, ic, oc] += Σ over the images and their output pixels: x[h', w', ic] · dy[h, w, oc]
//! ```
//!
//! `T`·`R` rows of `dw`, for `R` inputs side by side under each of `T` rows of taps, × `C` vectors of
//! output channels stay in registers while the pixels of an image go by: an outer product a pixel,
//! without a load or store of `dw` in between. It adds to `dw`, pixel by pixel, and so gives the
//! same bits at every SIMD level. One image at a time, because its `dy` then stays in the
//! first-level cache for all rows of `dw`.
//!
//! Inputs side by side are `R` constants away from one address. With an address for each row of
//! `dw`, and those of a pixel's row to be set up nine at a time, 14×14×6 to 10×10×16 took 5.4 µs an
//! image, and now takes 4.0; with 5×6 rows of one vector, which need 31 registers, it took 12.9.
//!
//! Measured as in `correlate.rs`, at a peak of 220 GFLOP/s, before the rows were put side by side:
//! for 13×13×32 to 11×11×64 it came to 162, for 28×28×1 to 26×26×32 to 80 with the sum for the bias.

use pulp::{Simd, WithSimd};

use super::Span;
use super::simd::{load, store};

/// The arguments of one weight gradient over a batch of images.
pub(crate) struct Outer<'a> {
    /// Images (n, ih, iw, ic).
    pub x: &'a [f32],
    /// ih·iw·ic
    pub x_size: usize,
    pub x_width: usize,
    pub x_channels: usize,
    /// Images (n, oh, ow, oc).
    pub dy: &'a [f32],
    pub dy_size: usize,
    pub dy_width: usize,
    pub dy_channels: usize,
    /// (kh, kw, ic) rows of oc floats, `dw_row` from one to the next, added to. Where rows have room
    /// for whole vectors, what is behind their oc floats is lost.
    pub dw: &'a mut [f32],
    pub dw_row: usize,
    pub kernel_width: usize,
    /// The forward spans.
    pub rows: &'a [Span],
    pub cols: &'a [Span],
}

impl WithSimd for Outer<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let mut oc = 0;
        while oc < self.dy_channels {
            let vectors = (self.dy_channels - oc) / S::F32_LANES;
            // T·R·C sums and C gradients must fit the registers, of which there are 32 or 16.
            oc += match (S::REGISTER_COUNT >= 32, vectors) {
                (true, 4..) => self.panel::<S, 1, 6, 4, false>(simd, oc),
                (true, 2..) => self.panel::<S, 3, 3, 2, false>(simd, oc),
                (true, 1) => self.panel::<S, 5, 3, 1, false>(simd, oc),
                (true, _) => self.panel::<S, 5, 3, 1, true>(simd, oc),
                (false, 2..) => self.panel::<S, 1, 6, 2, false>(simd, oc),
                (false, 1) => self.panel::<S, 3, 3, 1, false>(simd, oc),
                (false, _) => self.panel::<S, 3, 3, 1, true>(simd, oc),
            };
        }
    }
}

impl Outer<'_> {
    /// All of `dw` for the output channels from `oc` on; returns how many it did.
    #[inline(always)]
    fn panel<S: Simd, const T: usize, const R: usize, const C: usize, const PARTIAL: bool>(
        &mut self,
        simd: S,
        oc: usize,
    ) -> usize {
        for (image, x) in self.x.chunks_exact(self.x_size).enumerate() {
            let dy = &self.dy[image * self.dy_size..];
            for rows in self.rows {
                for cols in self.cols {
                    let part = PixelRect { x, dy, rows, cols, oc };
                    let mut tap = 0;
                    while tap < rows.taps {
                        tap += match rows.taps - tap {
                            left if left >= T => {
                                self.tap_rows::<S, T, R, C, PARTIAL>(simd, part, tap)
                            }
                            left if left >= 3 && T > 3 => {
                                self.tap_rows::<S, 3, R, C, PARTIAL>(simd, part, tap)
                            }
                            _ => self.tap_rows::<S, 1, R, C, PARTIAL>(simd, part, tap),
                        };
                    }
                }
            }
        }
        if PARTIAL { self.dy_channels - oc } else { C * S::F32_LANES }
    }

    /// The inputs under `T` rows of taps, `R` at a time.
    #[inline(always)]
    fn tap_rows<S: Simd, const T: usize, const R: usize, const C: usize, const PARTIAL: bool>(
        &mut self,
        simd: S,
        part: PixelRect<'_>,
        tap: usize,
    ) -> usize {
        let run = part.cols.taps * self.x_channels;
        let mut k = 0;
        while k < run {
            k += match run - k {
                left if left >= R => self.tile::<S, T, R, C, PARTIAL>(simd, part, tap, k),
                left if left >= 3 && R > 3 => self.tile::<S, T, 3, C, PARTIAL>(simd, part, tap, k),
                _ => self.tile::<S, T, 1, C, PARTIAL>(simd, part, tap, k),
            };
        }
        T
    }

    /// Adds the outer products of `T` rows of `R` inputs, the first at row `tap` and input `k` of
    /// the window, and `C` vectors, over the pixels of a rectangle.
    #[inline(always)]
    fn tile<S: Simd, const T: usize, const R: usize, const C: usize, const PARTIAL: bool>(
        &mut self,
        simd: S,
        PixelRect { x, dy, rows, cols, oc }: PixelRect<'_>,
        tap: usize,
        k: usize,
    ) -> usize {
        let channels = self.dy_channels;
        let width = if PARTIAL { channels - oc } else { C * S::F32_LANES };
        let (x_row, dy_row) = (self.x_width * self.x_channels, self.dy_width * channels);
        let x_across = cols.in_step * self.x_channels;
        let x_start = (rows.in_start + tap) * x_row + cols.in_start * self.x_channels + k;
        let dy_start = rows.out_start * dy_row + cols.out_start * channels + oc;
        let first_tap = (rows.tap_start + tap) * self.kernel_width + cols.tap_start;
        let dw_start = (first_tap * self.x_channels + k) * self.dw_row + oc;
        let dw_down = self.kernel_width * self.x_channels * self.dw_row;

        let room = self.dw_row - oc >= C * S::F32_LANES;
        let mut sums = [[[simd.splat_f32s(0.0); C]; R]; T];
        for t in 0..T {
            for r in 0..R {
                let dw = &self.dw[dw_start + t * dw_down + r * self.dw_row..];
                sums[t][r] =
                    if room { load::<S, C>(dw) } else { [simd.partial_load_f32s(&dw[..width]); C] };
            }
        }
        for j in 0..rows.len {
            let x = &x[x_start + j * rows.in_step * x_row..];
            let dy = &dy[dy_start + j * dy_row..];
            let pixels = PixelRow { len: cols.len, x_row, x_across, channels, width };
            if !PARTIAL || dy.len() >= (cols.len - 1) * channels + C * S::F32_LANES {
                pixels.add::<S, T, R, C, false>(simd, x, dy, &mut sums);
            } else {
                pixels.add::<S, T, R, C, true>(simd, x, dy, &mut sums);
            }
        }
        for t in 0..T {
            for r in 0..R {
                let dw = &mut self.dw[dw_start + t * dw_down + r * self.dw_row..];
                if room {
                    store::<S, C>(dw, sums[t][r]);
                } else {
                    simd.partial_store_f32s(&mut dw[..width], sums[t][r][0]);
                }
            }
        }
        R
    }
}

/// A rectangle of one image's output pixels, and the output channels from `oc` on.
#[derive(Clone, Copy)]
struct PixelRect<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    rows: &'a Span,
    cols: &'a Span,
    oc: usize,
}

/// A row of output pixels.
struct PixelRow {
    len: usize,
    /// From one row of taps to the next.
    x_row: usize,
    /// From one pixel to the next in the input, and in the output.
    x_across: usize,
    channels: usize,
    /// Floats to load, where `MASKED`; whole vectors otherwise, even if their last lanes belong to
    /// the next pixels: what comes of those is lost.
    width: usize,
}

impl PixelRow {
    /// Adds the outer products to the sums.
    #[inline(always)]
    fn add<S: Simd, const T: usize, const R: usize, const C: usize, const MASKED: bool>(
        &self,
        simd: S,
        x: &[f32],
        dy: &[f32],
        sums: &mut [[[S::f32s; C]; R]; T],
    ) {
        // One length for all T: a single bounds check then serves them all.
        let span = (self.len - 1) * self.x_across + R;
        let mut inputs = [x; T];
        for t in 0..T {
            inputs[t] = &x[t * self.x_row..][..span];
        }
        let mut at = 0;
        for i in 0..self.len {
            let dy = &dy[i * self.channels..];
            let dy = if MASKED {
                [simd.partial_load_f32s(&dy[..self.width]); C]
            } else {
                load::<S, C>(dy)
            };
            for t in 0..T {
                let inputs = &inputs[t][at..at + R];
                for r in 0..R {
                    let x = simd.splat_f32s(inputs[r]);
                    for c in 0..C {
                        sums[t][r][c] = simd.mul_add_f32s(x, dy[c], sums[t][r][c]);
                    }
                }
            }
            at += self.x_across;
        }
    }
}
