//! The product behind every forward pass and every input gradient.
//!
//! Over channels-last images, with weights in (kh, kw, ic, oc) order:
//!
//! ```text
//! y[h, w, oc] = bias[oc] + Σ over the taps (kh, kw) inside the image, over ic:
//!                          x[h', w', ic] · weights[kh, kw, ic, oc]
//! ```
//!
//! `R` pixels × `C` vectors of output channels are held in registers. For each input value of a
//! pixel (contiguous along a tap row: `kw·ic` floats) one splat feeds `C` fused multiply-adds, and
//! each loaded weight vector feeds `R`. (`dense.rs` has the same tile without pixels around it.)
//!
//! The sum runs over (kh, kw, ic) in this order for every output, whatever `R`, `C` and the vector
//! width are, so all SIMD levels agree to the last bit.
//!
//! Measured by `benches/kernels.rs` on one core of an Intel Xeon with AVX-512, whose peak was 220
//! GFLOP/s in the same run: 13×13×32 to 11×11×64 forward 172. The first layer, 28×28×1 to 26×26×32,
//! has nine products to an output and is bound by the work around them: 97, after 79 with each
//! pixel's place multiplied out where it now steps.
//!
//! A tile one vector wide spends as many instructions on its loop as on products: 14×14×6 to
//! 10×10×16 went from 4.5 µs an image to 3.7 with no bounds checks left in that loop, and with tiles
//! of 10 pixels, whose addresses fit the integer registers, where 12 do not.

use pulp::{Simd, WithSimd};

use super::Span;
use super::pixels::{PixelWalk, jumps};
use super::simd::{at_least, load, store};

/// Length of the widest vector, in floats: rows of packed weights are a multiple of it long.
pub const ALIGN: usize = 16;

/// The arguments of one correlation over a batch of images.
pub(crate) struct Correlate<'a> {
    /// Images (n, ih, iw, ic).
    pub x: &'a [f32],
    /// ih·iw·ic
    pub x_size: usize,
    /// iw and ic.
    pub x_width: usize,
    pub x_channels: usize,
    /// (kh, kw, ic) rows of `oc` floats, each row padded to a multiple of [`ALIGN`].
    pub weights: &'a [f32],
    pub kernel_width: usize,
    /// (oc), or `None` for zeros.
    pub bias: Option<&'a [f32]>,
    /// Smaller outputs are replaced by it: 0 for a ReLU, -∞ for none.
    pub lower_bound: f32,
    /// Images (n, oh, ow, oc), overwritten.
    pub y: &'a mut [f32],
    /// oh·ow·oc
    pub y_size: usize,
    pub y_width: usize,
    pub y_channels: usize,
    pub rows: &'a [Span],
    pub cols: &'a [Span],
}

impl WithSimd for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        // The channels that do not fill a vector come first: see `Taps::tile`.
        let whole = self.y_channels / S::F32_LANES * S::F32_LANES;
        if whole < self.y_channels {
            match S::REGISTER_COUNT >= 32 {
                true => self.panel::<S, 10, 4, 1>(simd, whole),
                false => self.panel::<S, 8, 2, 1>(simd, whole),
            };
        }
        let mut oc = 0;
        while oc < whole {
            let vectors = (whole - oc) / S::F32_LANES;
            // R·C sums, C weights and a splat must fit the registers, of which there are 32 or 16.
            oc += match (S::REGISTER_COUNT >= 32, vectors) {
                (true, 4..) => self.panel::<S, 6, 2, 4>(simd, oc),
                (true, 2..) => self.panel::<S, 12, 4, 2>(simd, oc),
                (true, _) => self.panel::<S, 10, 4, 1>(simd, oc),
                (false, 2..) => self.panel::<S, 6, 2, 2>(simd, oc),
                (false, _) => self.panel::<S, 8, 2, 1>(simd, oc),
            };
        }
    }
}

impl Correlate<'_> {
    /// All pixels of all images for the output channels from `oc` on; returns how many it did.
    #[inline(always)]
    fn panel<S: Simd, const R: usize, const FEW: usize, const C: usize>(
        &mut self,
        simd: S,
        oc: usize,
    ) -> usize {
        let width = (C * S::F32_LANES).min(self.y_channels - oc);
        let init = match self.bias {
            Some(bias) if width == C * S::F32_LANES => load::<S, C>(&bias[oc..]),
            Some(bias) => [simd.partial_load_f32s(&bias[oc..]); C],
            None => [simd.splat_f32s(0.0); C],
        };
        for rows in self.rows {
            for cols in self.cols {
                self.rectangle::<S, R, FEW, C>(simd, rows, cols, oc, init);
            }
        }
        width
    }

    /// The pixels of one rectangle of all images, `R` at a time, and `FEW` where no more are left.
    /// A tile with fewer left than it has room for repeats the last, and writes the same bits
    /// again.
    #[inline(always)]
    fn rectangle<S: Simd, const R: usize, const FEW: usize, const C: usize>(
        &mut self,
        simd: S,
        rows: &Span,
        cols: &Span,
        oc: usize,
        init: [S::f32s; C],
    ) {
        let x_row = self.x_width * self.x_channels;
        let y_row = self.y_width * self.y_channels;
        let ldw = self.y_channels.next_multiple_of(ALIGN);
        let first = (rows.tap_start * self.kernel_width + cols.tap_start) * self.x_channels * ldw;
        let taps = Taps {
            rows: if cols.taps == 0 { 0 } else { rows.taps },
            len: cols.taps * self.x_channels,
            x_row,
            w_row: self.kernel_width * self.x_channels * ldw,
            ldw,
            oc,
            weights: &self.weights[first.min(self.weights.len())..],
            lower_bound: self.lower_bound,
        };
        let (x_steps, y_steps) = (
            [self.x_size, rows.in_step * x_row, cols.in_step * self.x_channels],
            [self.y_size, rows.out_step * y_row, cols.out_step * self.y_channels],
        );
        let mut pixels = PixelWalk {
            x: rows.in_start * x_row + cols.in_start * self.x_channels,
            y: rows.out_start * y_row + cols.out_start * self.y_channels + oc,
            sizes: [rows.len, cols.len],
            at: [0; 2],
            x_jumps: jumps(x_steps, rows.len, cols.len),
            y_jumps: jumps(y_steps, rows.len, cols.len),
        };
        // A single rectangle is written in ascending order.
        let spills = self.rows.len() == 1 && self.cols.len() == 1;
        let end = End { channels: self.y_channels - oc, spills };
        let (x, y) = (self.x, &mut *self.y);
        let mut left = self.x.len() / self.x_size * rows.len * cols.len;
        while left > 0 {
            if left <= FEW {
                taps.tile::<S, FEW, C>(simd, x, pixels.next(left), init, y, end);
                left = 0;
            } else {
                taps.tile::<S, R, C>(simd, x, pixels.next(left.min(R)), init, y, end);
                left = left.saturating_sub(R);
            }
        }
    }
}

/// What every pixel of a rectangle is summed over: `rows` runs of `len` contiguous inputs.
#[derive(Clone, Copy)]
struct Taps<'a> {
    rows: usize,
    len: usize,
    /// From one run to the next, in the input and in the weights.
    x_row: usize,
    w_row: usize,
    /// From one row of weights to the next.
    ldw: usize,
    /// The first channel.
    oc: usize,
    /// From the first tap's on.
    weights: &'a [f32],
    lower_bound: f32,
}

impl Taps<'_> {
    /// `R` pixels × `C` vectors of channels. Where there are fewer channels, whole vectors may still
    /// be stored, in ascending order: the rest of each is written over by the next pixels. That
    /// saves masked stores, which are calls.
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const C: usize>(
        &self,
        simd: S,
        x: &[f32],
        places: [(usize, usize); R],
        init: [S::f32s; C],
        y: &mut [f32],
        end: End,
    ) {
        // One length for all windows: a single bounds check then serves all R.
        let span = if self.rows == 0 { 0 } else { (self.rows - 1) * self.x_row + self.len };
        let mut windows = [x; R];
        for r in 0..R {
            windows[r] = &x[places[r].0..][..span];
        }
        let mut sums = [init; R];
        for t in 0..self.rows {
            // All of one length, known to the loop: no bounds checks are left in it.
            let mut inputs = windows;
            for r in 0..R {
                inputs[r] = &windows[r][t * self.x_row..][..self.len];
            }
            let mut weights = &self.weights[t * self.w_row..];
            for k in 0..self.len {
                let (row, rest) = weights.split_at(self.ldw);
                weights = rest;
                let w = load::<S, C>(&row[self.oc..]);
                for r in 0..R {
                    let x = simd.splat_f32s(inputs[r][k]);
                    for c in 0..C {
                        sums[r][c] = simd.mul_add_f32s(x, w[c], sums[r][c]);
                    }
                }
            }
        }
        let lower_bound = simd.splat_f32s(self.lower_bound);
        for r in 0..R {
            for c in 0..C {
                sums[r][c] = at_least(simd, sums[r][c], lower_bound);
            }
        }
        let whole = C * S::F32_LANES;
        if end.channels >= whole || (end.spills && places[R - 1].1 + whole <= y.len()) {
            for r in 0..R {
                store::<S, C>(&mut y[places[r].1..], sums[r]);
            }
        } else {
            for r in 0..R {
                simd.partial_store_f32s(&mut y[places[r].1..][..end.channels], sums[r][0]);
            }
        }
    }
}

/// What follows a pixel's first vector in the output.
#[derive(Clone, Copy)]
struct End {
    /// Channels of this pixel, from the vector's first on.
    channels: usize,
    /// Whether what lies behind them is still to be written.
    spills: bool,
}
