//! Convolution with one filter a channel: every channel is an image of its own.
//!
//! ```text
//! y[h, w, c]   = b[c] + Σ_{i, j} x[h·s + i·d - p, w·s + j·d - p, c]·W[i, j, c]
//! dx           = the same sum over dy, with the kernel flipped and thinned out (`span.rs`)
//! dW[i, j, c] += Σ_{h, w} x[h·s + i·d - p, w·s + j·d - p, c]·dy[h, w, c]
//! ```
//!
//! There is no sum over channels, so that a product of matrices would have nothing to share. But
//! channels are contiguous, and vectors of them go through all three sums without a thought for what
//! a kernel or an image looks like. `R` neighbouring pixels × `C` vectors make a tile: each vector of
//! the kernel is loaded once for `R` pixels, and each number of the image for one product, which
//! takes it from the first-level cache, where its neighbour's tile left it. All channels of a tile
//! come before the next one: memory is read in order.
//!
//! Channels that fill no vector of their own are computed once more with those before them: the last
//! vector ends where the channels end. Every sum runs in the order of its taps, or of its pixels,
//! whatever the tile and the width of vectors.
//!
//! Source: A. Howard et al., "MobileNets: Efficient convolutional neural networks for mobile vision
//! applications", 2017.

mod passes;
mod tiles;

use pulp::Arch;

use super::{ALIGN, Axis, Span, pad_rows};
use crate::kernels::aligned::Aligned;
use passes::{Gather, WeightGradient};
use tiles::{Pass, Walk};

/// A convolution of one filter a channel over images of one size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Depthwise {
    rows: Axis,
    cols: Axis,
    channels: usize,
}

/// Its spans, those of the input gradient, and room for the gradient of the kernel.
#[derive(Debug)]
pub(crate) struct DepthwiseScratch {
    forward: [Vec<Span>; 2],
    gradient: [Vec<Span>; 2],
    /// (kh, kw) rows of channels, padded to [`ALIGN`].
    dw: Aligned,
}

impl Depthwise {
    pub fn new(rows: Axis, cols: Axis, channels: usize) -> Self {
        Depthwise { rows, cols, channels }
    }

    pub fn scratch(&self) -> DepthwiseScratch {
        DepthwiseScratch {
            forward: [self.rows.forward(), self.cols.forward()],
            gradient: [self.rows.input_gradient(), self.cols.input_gradient()],
            dw: Aligned::zeros(self.kernel_len()),
        }
    }

    /// The floats of a kernel whose rows are padded to whole vectors.
    fn kernel_len(&self) -> usize {
        self.rows.kernel * self.cols.kernel * self.channels.next_multiple_of(ALIGN)
    }

    /// How many floats [`Depthwise::pack`] writes: W, and W in the order of the input gradient.
    pub fn packed_len(&self) -> usize {
        2 * self.kernel_len()
    }

    pub fn pack(&self, weight: &[f32], packed: &mut [f32], dx: bool) {
        let (forward, gradient) = packed.split_at_mut(self.kernel_len());
        pad_rows(weight, self.channels, forward);
        if !dx {
            return;
        }
        let width = self.channels.next_multiple_of(ALIGN);
        let mut to = gradient.chunks_exact_mut(width);
        for i in self.rows.gradient_order() {
            for (j, to) in self.cols.gradient_order().zip(&mut to) {
                to.copy_from_slice(&forward[(i * self.cols.kernel + j) * width..][..width]);
            }
        }
    }

    /// `y`, overwritten, from images `x`; where it would be less than `floor`, that.
    #[allow(clippy::too_many_arguments)] // the layer contract's, the level and the floor
    pub fn forward(
        &self,
        arch: Arch,
        x: &[f32],
        bias: &[f32],
        packed: &[f32],
        floor: f32,
        y: &mut [f32],
        scratch: &DepthwiseScratch,
    ) {
        let [rows, cols] = &scratch.forward;
        let weights = &packed[..self.kernel_len()];
        let pass = Gather { x, weights, bias: Some(bias), floor, y };
        arch.dispatch(self.walk(rows, cols, pass));
    }

    /// Overwrites `dx`.
    pub fn input_gradient(
        &self,
        arch: Arch,
        packed: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        scratch: &DepthwiseScratch,
    ) {
        let [rows, cols] = &scratch.gradient;
        let weights = &packed[self.kernel_len()..];
        let pass = Gather { x: dy, weights, bias: None, floor: f32::NEG_INFINITY, y: dx };
        let turned = |axis: Axis| Axis { input: axis.output, output: axis.input, ..axis };
        let turned = Depthwise { rows: turned(self.rows), cols: turned(self.cols), ..*self };
        arch.dispatch(turned.walk(rows, cols, pass));
    }

    /// Adds to `dw`.
    pub fn weight_gradient(
        &self,
        arch: Arch,
        x: &[f32],
        dy: &[f32],
        dw: &mut [f32],
        scratch: &mut DepthwiseScratch,
    ) {
        let [rows, cols] = &scratch.forward;
        scratch.dw.fill(0.0);
        arch.dispatch(self.walk(rows, cols, WeightGradient { x, dy, dw: &mut scratch.dw }));
        let sums = scratch.dw.chunks_exact(self.channels.next_multiple_of(ALIGN));
        for (dw, sums) in dw.chunks_exact_mut(self.channels).zip(sums) {
            for (dw, sum) in dw.iter_mut().zip(sums) {
                *dw += sum;
            }
        }
    }

    fn walk<'a, P: Pass>(&self, rows: &'a [Span], cols: &'a [Span], pass: P) -> Walk<'a, P> {
        let in_order = rows.iter().chain(cols).all(|span| span.out_step == 1);
        Walk { shape: *self, rows, cols, in_order, pass }
    }
}
