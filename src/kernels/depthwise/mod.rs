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

use super::convolution::{
    Algorithm, BackwardArgs, ConvPasses, ConvShape, ForwardArgs, KernelGradient,
};
use super::simd::arch;
use super::{ALIGN, Axis, Span, pad_rows};
use crate::kernels::aligned::Aligned;
use passes::{Gather, SumKernelGradient};
use tiles::{ImageSizes, TilePass, TileWalk};

/// A convolution of one filter per channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Depthwise {
    rows: Axis,
    cols: Axis,
    channels: usize,
}

/// Its passes, their spans, and room for the gradient of the kernel.
#[derive(Debug)]
struct DepthwisePasses {
    depthwise: Depthwise,
    forward: [Vec<Span>; 2],
    /// The spans of the input gradient.
    gradient: [Vec<Span>; 2],
    /// (kh, kw) rows of channels, padded to [`ALIGN`].
    dw: Aligned,
}

impl Algorithm for Depthwise {
    /// W, and W in the order of the input gradient.
    fn packed_len(&self) -> usize {
        2 * self.kernel_len()
    }

    fn pack(&self, kernel: &[f32], _bias: Option<&[f32]>, packed: &mut [f32], dx: bool) {
        let (forward, gradient) = packed.split_at_mut(self.kernel_len());
        pad_rows(kernel, self.channels, forward);
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

    fn passes(&self) -> Box<dyn ConvPasses> {
        Box::new(DepthwisePasses {
            depthwise: *self,
            forward: [self.rows.forward(), self.cols.forward()],
            gradient: [self.rows.input_gradient(), self.cols.input_gradient()],
            dw: Aligned::zeros(self.kernel_len()),
        })
    }
}

impl Depthwise {
    pub fn new(shape: ConvShape) -> Self {
        Depthwise { rows: shape.rows, cols: shape.cols, channels: shape.channels }
    }

    /// The floats of a kernel whose rows are padded to whole vectors.
    fn kernel_len(&self) -> usize {
        self.rows.kernel * self.cols.kernel * self.channels.next_multiple_of(ALIGN)
    }

    /// The sizes of the images of the forward pass.
    fn sizes(&self) -> ImageSizes {
        ImageSizes {
            input: [self.rows.input, self.cols.input],
            output: [self.rows.output, self.cols.output],
            kernel_width: self.cols.kernel,
            channels: self.channels,
        }
    }
}

fn walk<P: TilePass>(sizes: ImageSizes, [rows, cols]: &[Vec<Span>; 2], pass: P) -> TileWalk<'_, P> {
    let in_order = rows.iter().chain(cols).all(|span| span.out_step == 1);
    TileWalk { sizes, rows, cols, in_order, pass }
}

impl ConvPasses for DepthwisePasses {
    fn forward(&mut self, args: ForwardArgs<'_>) {
        let ForwardArgs { x, weights, lower_bound, y } = args;
        let kernel = &weights.packed[..self.depthwise.kernel_len()];
        let pass = Gather { x, weights: kernel, bias: weights.bias, lower_bound, y };
        arch().dispatch(walk(self.depthwise.sizes(), &self.forward, pass));
    }

    fn backward(&mut self, args: BackwardArgs<'_>) {
        let BackwardArgs { packed, dy, kernel, dx } = args;
        if let Some(gradient) = kernel {
            self.kernel_gradient(dy, gradient);
        }
        if let Some(dx) = dx {
            self.input_gradient(packed, dy, dx);
        }
    }
}

impl DepthwisePasses {
    fn kernel_gradient(&mut self, dy: &[f32], KernelGradient { x, dw }: KernelGradient<'_>) {
        let (sizes, channels) = (self.depthwise.sizes(), self.depthwise.channels);
        self.dw.fill(0.0);
        let pass = SumKernelGradient { x, dy, dw: &mut self.dw };
        arch().dispatch(walk(sizes, &self.forward, pass));
        let sums = self.dw.chunks_exact(channels.next_multiple_of(ALIGN));
        for (dw, sums) in dw.chunks_exact_mut(channels).zip(sums) {
            for (dw, sum) in dw.iter_mut().zip(sums) {
                *dw += sum;
            }
        }
    }

    fn input_gradient(&mut self, packed: &[f32], dy: &[f32], dx: &mut [f32]) {
        let sizes = self.depthwise.sizes();
        let weights = &packed[self.depthwise.kernel_len()..];
        let lower_bound = f32::NEG_INFINITY;
        let pass = Gather { x: dy, weights, bias: None, lower_bound, y: dx };
        let sizes = ImageSizes { input: sizes.output, output: sizes.input, ..sizes };
        arch().dispatch(walk(sizes, &self.gradient, pass));
    }
}
