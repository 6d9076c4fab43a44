//! The product behind every weight gradient.
//!
//! ```text
//! dw[kh, kw, ic, oc] += Σ over the images and their output pixels: x[h', w', ic] · dy[h, w, oc]
//! ```
//!
//! `R` input values × `C` vectors of output channels of `dw` stay in registers while the pixels of
//! an image go by: an outer product a pixel, without a load or store of `dw` in between. It adds
//! to `dw`, pixel by pixel, and so gives the same bits at every SIMD level.

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
    /// (kh, kw, ic) rows of oc floats, added to.
    pub dw: &'a mut [f32],
    pub kernel_width: usize,
    /// The forward spans.
    pub rows: &'a [Span],
    pub cols: &'a [Span],
}

impl WithSimd for Outer<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let lanes = S::F32_LANES;
        let mut oc = 0;
        while oc < self.dy_channels {
            let vectors = (self.dy_channels - oc) / lanes;
            oc += if S::REGISTER_COUNT >= 32 && vectors >= 4 {
                self.panel::<S, 6, 4, false>(simd, oc)
            } else if vectors >= 2 {
                self.panel::<S, 6, 2, false>(simd, oc)
            } else if vectors == 1 {
                self.panel::<S, 8, 1, false>(simd, oc)
            } else {
                self.panel::<S, 8, 1, true>(simd, oc)
            };
        }
    }
}

impl Outer<'_> {
    /// All of `dw` for the output channels from `oc` on; returns how many it did.
    #[inline(always)]
    fn panel<S: Simd, const R: usize, const C: usize, const PARTIAL: bool>(
        &mut self,
        simd: S,
        oc: usize,
    ) -> usize {
        let width = if PARTIAL { self.dy_channels - oc } else { C * S::F32_LANES };
        for image in 0..self.x.len() / self.x_size {
            for rows in self.rows {
                for cols in self.cols {
                    for t in 0..rows.taps {
                        let first = ((rows.tap_start + t) * self.kernel_width + cols.tap_start)
                            * self.x_channels;
                        let len = cols.taps * self.x_channels;
                        let mut k = 0;
                        while k < len {
                            let patch = Patch { image, rows, cols, t, k, oc, width };
                            let at = (first + k) * self.dy_channels + oc;
                            k += if len - k >= R {
                                self.tile::<S, R, C, PARTIAL>(simd, patch, at)
                            } else if len - k >= 3 {
                                self.tile::<S, 3, C, PARTIAL>(simd, patch, at)
                            } else {
                                self.tile::<S, 1, C, PARTIAL>(simd, patch, at)
                            };
                        }
                    }
                }
            }
        }
        width
    }

    /// Adds the outer products of `R` inputs and `C` vectors to `dw[at..]`, over a rectangle.
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const C: usize, const PARTIAL: bool>(
        &mut self,
        simd: S,
        p: Patch,
        at: usize,
    ) -> usize {
        let (rows, cols, oc) = (p.rows, p.cols, self.dy_channels);
        let x = &self.x[p.image * self.x_size..][..self.x_size];
        let dy = &self.dy[p.image * self.dy_size..][..self.dy_size];
        let step = cols.in_step * self.x_channels;

        let mut sums = [[simd.splat_f32s(0.0); C]; R];
        for (r, sum) in sums.iter_mut().enumerate() {
            *sum = load_part::<S, C, PARTIAL>(simd, &self.dw[at + r * oc..][..p.width]);
        }
        for j in 0..rows.len {
            let x_at = (rows.in_start + j * rows.in_step + p.t) * self.x_width * self.x_channels
                + cols.in_start * self.x_channels
                + p.k;
            let x = &x[x_at..];
            let dy = &dy[((rows.out_start + j) * self.dy_width + cols.out_start) * oc + p.oc..];
            for (i, dy) in dy.chunks(oc).take(cols.len).enumerate() {
                let x = &x[i * step..][..R];
                let dy = load_part::<S, C, PARTIAL>(simd, &dy[..p.width]);
                for r in 0..R {
                    let x = simd.splat_f32s(x[r]);
                    for c in 0..C {
                        sums[r][c] = simd.mul_add_f32s(x, dy[c], sums[r][c]);
                    }
                }
            }
        }
        for (r, sum) in sums.into_iter().enumerate() {
            let dw = &mut self.dw[at + r * oc..][..p.width];
            if PARTIAL { simd.partial_store_f32s(dw, sum[0]) } else { store::<S, C>(dw, sum) }
        }
        R
    }
}

/// Which part of which rectangle a tile works on: tap row `t`, inputs from `k` on.
#[derive(Clone, Copy)]
struct Patch<'a> {
    image: usize,
    rows: &'a Span,
    cols: &'a Span,
    t: usize,
    k: usize,
    oc: usize,
    width: usize,
}

#[inline(always)]
fn load_part<S: Simd, const C: usize, const PARTIAL: bool>(simd: S, from: &[f32]) -> [S::f32s; C] {
    if PARTIAL { [simd.partial_load_f32s(from); C] } else { load::<S, C>(from) }
}
