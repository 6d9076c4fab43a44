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
//! each loaded weight vector feeds `R`. A dense layer is the same product: its samples are the
//! pixels of an image one row high, seen by a 1×1 kernel.
//!
//! The sum runs over (kh, kw, ic) in this order for every output, whatever `R`, `C` and the vector
//! width are, so all SIMD levels agree to the last bit.

use pulp::{Simd, WithSimd};

use super::Span;
use super::simd::{load, store};

/// Rows of packed weights are this wide or a multiple of it: the widest vector, in floats.
pub(crate) const ALIGN: usize = 16;

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
        let lanes = S::F32_LANES;
        let mut oc = 0;
        while oc < self.y_channels {
            let vectors = (self.y_channels - oc) / lanes;
            // Accumulators, weights and a splat must fit the registers: 32 or 16 of them.
            oc += if S::REGISTER_COUNT >= 32 && vectors >= 4 {
                self.panel::<S, 6, 4>(simd, oc)
            } else if vectors >= 2 {
                self.panel::<S, 6, 2>(simd, oc)
            } else {
                self.panel::<S, 8, 1>(simd, oc)
            };
        }
    }
}

impl Correlate<'_> {
    /// All pixels of all images for the output channels from `oc` on; returns how many it did.
    #[inline(always)]
    fn panel<S: Simd, const R: usize, const C: usize>(&mut self, simd: S, oc: usize) -> usize {
        let width = (C * S::F32_LANES).min(self.y_channels - oc);
        let init = match self.bias {
            Some(bias) if width == C * S::F32_LANES => load::<S, C>(&bias[oc..]),
            Some(bias) => [simd.partial_load_f32s(&bias[oc..]); C],
            None => [simd.splat_f32s(0.0); C],
        };
        for image in 0..self.x.len() / self.x_size {
            for rows in self.rows {
                for cols in self.cols {
                    self.rectangle::<S, R, C>(simd, image, rows, cols, oc, width, init);
                }
            }
        }
        width
    }

    /// The pixels of one rectangle, `R` at a time. The last tile repeats the last pixel where
    /// fewer are left: the same bits are then written twice.
    #[inline(always)]
    #[allow(clippy::too_many_arguments)]
    fn rectangle<S: Simd, const R: usize, const C: usize>(
        &mut self,
        simd: S,
        image: usize,
        rows: &Span,
        cols: &Span,
        oc: usize,
        width: usize,
        init: [S::f32s; C],
    ) {
        let ldw = self.y_channels.next_multiple_of(ALIGN);
        let x_row = self.x_width * self.x_channels;
        let first_weight = (rows.tap_start * self.kernel_width + cols.tap_start) * self.x_channels;
        let window = Window {
            rows: if cols.taps == 0 { 0 } else { rows.taps },
            len: cols.taps * self.x_channels,
            x_row,
            w_row: self.kernel_width * self.x_channels * ldw,
            ldw,
        };
        let weights = &self.weights[(first_weight * ldw + oc).min(self.weights.len())..];
        let x = &self.x[image * self.x_size..][..self.x_size];
        let y = &mut self.y[image * self.y_size..][..self.y_size];

        // Where pixel (j, i) of the rectangle starts in x and in y.
        let start = |j: usize, i: usize| {
            let x_at = (rows.in_start + j * rows.in_step) * x_row
                + (cols.in_start + i * cols.in_step) * self.x_channels;
            let y_at = ((rows.out_start + j * rows.out_step) * self.y_width
                + cols.out_start
                + i * cols.out_step)
                * self.y_channels
                + oc;
            (x_at, y_at)
        };
        let (mut j, mut i, mut left) = (0, 0, rows.len * cols.len);
        while left > 0 {
            let mut at = [(0, 0); R];
            for (r, at) in at.iter_mut().enumerate() {
                *at = start(j, i);
                if r + 1 < left {
                    i += 1;
                    if i == cols.len {
                        (j, i) = (j + 1, 0);
                    }
                }
            }
            let sums = window.tile::<S, R, C>(simd, x, at.map(|(x, _)| x), weights, init);
            for (sum, (_, y_at)) in sums.into_iter().zip(at) {
                if width == C * S::F32_LANES {
                    store::<S, C>(&mut y[y_at..], sum);
                } else {
                    simd.partial_store_f32s(&mut y[y_at..y_at + width], sum[0]);
                }
            }
            left = left.saturating_sub(R);
        }
    }
}

/// What a tile walks for each of its pixels: `rows` runs of `len` contiguous inputs.
#[derive(Clone, Copy)]
struct Window {
    rows: usize,
    len: usize,
    /// From one run to the next, in the input and in the weights.
    x_row: usize,
    w_row: usize,
    /// From one weight row to the next.
    ldw: usize,
}

impl Window {
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const C: usize>(
        self,
        simd: S,
        x: &[f32],
        starts: [usize; R],
        weights: &[f32],
        init: [S::f32s; C],
    ) -> [[S::f32s; C]; R] {
        let mut sums = [init; R];
        for t in 0..self.rows {
            let x: [&[f32]; R] = starts.map(|start| &x[start + t * self.x_row..][..self.len]);
            let weights = &weights[t * self.w_row..];
            for (k, w) in weights.chunks(self.ldw).take(self.len).enumerate() {
                let w = load::<S, C>(w);
                for r in 0..R {
                    let x = simd.splat_f32s(x[r][k]);
                    for c in 0..C {
                        sums[r][c] = simd.mul_add_f32s(x, w[c], sums[r][c]);
                    }
                }
            }
        }
        sums
    }
}
