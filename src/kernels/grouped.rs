//! Convolutions of few filters: several pixels to a vector.
//!
//! Six filters fill six lanes of a vector of sixteen. But `g` neighbouring output pixels are side
//! by side in memory, `g·o` floats; taken as one pixel of `g·o` channels they are again the outputs
//! of a convolution, whose windows are wide enough to serve all `g` and whose kernel has zeros
//! where a window goes beyond a pixel's own:
//!
//! ```text
//! W'[i, j, c, (q, o)] = W[i, j - q·s, c, o]                      kw' = kw + (g - 1)·s,  s' = g·s
//! dW[i, j, c, o]      = Σ_q dW'[i, j + q·s, c, (q, o)]
//! ```
//!
//! With two pixels of 6 filters and 5 taps across there are 6 rows of products for two pixels, for
//! 10. The image is first copied into a border of zeros, rather than cut into [`Span`]s: there is
//! one loop for all pixels then, without short ones along the edges. The first layer of LeNet-5,
//! 28×28×1 to 28×28×6, takes 3.7 µs an image forward and 3.5 backward, after 6.9 and 8.7 pixel by
//! pixel (measured as in `correlate.rs`).
//!
//! Every output sums its own products in the same order as without grouping, with zeros between. An
//! infinity or NaN in the input thus spreads to all pixels of a group.

use super::convolution::{ForwardArgs, KernelGradient};
use super::simd::arch;
use super::{ALIGN, Axis, Correlate, Outer, Span};
use crate::kernels::aligned::Aligned;

/// A convolution with several output pixels to a vector.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grouped {
    rows: Axis,
    cols: Axis,
    channels: usize,
    filters: usize,
    /// Pixels to a group.
    group: usize,
}

/// An image with its border, and the gradient of the wider kernel.
#[derive(Debug)]
pub(crate) struct GroupedScratch {
    x: Aligned,
    dw: Aligned,
}

impl Grouped {
    /// If at least two pixels fit into a vector, and their windows overlap so that this saves
    /// products.
    pub fn new(rows: Axis, cols: Axis, channels: usize, filters: usize) -> Option<Self> {
        let fits = |group: &usize| cols.output.is_multiple_of(*group) && cols.stride < cols.kernel;
        let group = (2..=ALIGN / filters.max(1)).rev().find(fits)?;
        Some(Grouped { rows, cols, channels, filters, group })
    }

    pub fn scratch(&self) -> GroupedScratch {
        GroupedScratch {
            x: Aligned::zeros(if self.padded() { self.x_height() * self.x_row() } else { 0 }),
            dw: Aligned::zeros(self.kernel_len()),
        }
    }

    /// Number of floats that [`Grouped::pack`] writes: W', its rows padded to [`ALIGN`], and the bias
    /// for each pixel of a group.
    pub fn packed_len(&self) -> usize {
        self.kernel_len() + self.group * self.filters
    }

    pub fn pack(&self, kernel: &[f32], bias: Option<&[f32]>, packed: &mut [f32]) {
        let (wide, biases) = packed.split_at_mut(self.kernel_len());
        wide.fill(0.0);
        self.for_each_row(|from, to| {
            wide[to..to + self.filters].copy_from_slice(&kernel[from..from + self.filters]);
        });
        let Some(bias) = bias else { return };
        for copy in biases.chunks_exact_mut(self.filters) {
            copy.copy_from_slice(bias);
        }
    }

    /// The forward pass, with what [`Grouped::pack`] wrote.
    pub fn forward(&self, args: ForwardArgs<'_>, packed: &[f32], scratch: &mut GroupedScratch) {
        let ForwardArgs { x, weights, lower_bound, y } = args;
        let (wide, biases) = packed.split_at(self.kernel_len());
        let bias = weights.bias.map(|_| biases);
        let y_size = self.rows.output * self.cols.output * self.filters;
        let (rows, cols) = self.spans();
        let images = x.chunks_exact(self.rows.input * self.cols.input * self.channels);
        for (x, y) in images.zip(y.chunks_exact_mut(y_size)) {
            let x = self.pad(x, &mut scratch.x);
            arch().dispatch(Correlate {
                x,
                x_size: x.len(),
                x_width: self.x_row() / self.channels,
                x_channels: self.channels,
                weights: wide,
                kernel_width: cols[0].taps,
                bias,
                lower_bound,
                y,
                y_size,
                y_width: self.cols.output / self.group,
                y_channels: self.group * self.filters,
                rows: &rows,
                cols: &cols,
            });
        }
    }

    pub fn kernel_gradient(
        &self,
        dy: &[f32],
        KernelGradient { x, dw }: KernelGradient<'_>,
        scratch: &mut GroupedScratch,
    ) {
        scratch.dw.fill(0.0);
        let dy_size = self.rows.output * self.cols.output * self.filters;
        let (rows, cols) = self.spans();
        let images = x.chunks_exact(self.rows.input * self.cols.input * self.channels);
        for (image, x) in images.enumerate() {
            let x = self.pad(x, &mut scratch.x);
            arch().dispatch(Outer {
                x,
                x_size: x.len(),
                x_width: self.x_row() / self.channels,
                x_channels: self.channels,
                dy: &dy[image * dy_size..],
                dy_size,
                dy_width: self.cols.output / self.group,
                dy_channels: self.group * self.filters,
                dw: &mut scratch.dw,
                dw_row: ALIGN,
                kernel_width: cols[0].taps,
                rows: &rows,
                cols: &cols,
            });
        }
        self.for_each_row(|to, from| {
            let from = &scratch.dw[from..from + self.filters];
            for (dw, sum) in dw[to..to + self.filters].iter_mut().zip(from) {
                *dw += sum;
            }
        });
    }

    /// Where each row of `o` floats stands in W, and in W' for each pixel of a group.
    #[inline(always)]
    fn for_each_row(&self, mut visit: impl FnMut(usize, usize)) {
        let (kw, wide) = (self.cols.kernel, self.kernel_width());
        for q in 0..self.group {
            for i in 0..self.rows.kernel {
                for at in 0..kw * self.channels {
                    let to = (i * wide + q * self.cols.stride) * self.channels + at;
                    let from = i * kw * self.channels + at;
                    visit(from * self.filters, to * ALIGN + q * self.filters);
                }
            }
        }
    }

    /// All groups share all taps.
    fn spans(&self) -> ([Span; 1], [Span; 1]) {
        let (out_start, in_start, tap_start) = (0, 0, 0);
        let (out_step, tap_step) = (1, 1);
        let span = |len, in_step, taps| {
            [Span { len, out_start, out_step, in_start, in_step, tap_start, tap_step, taps }]
        };
        (
            span(self.rows.output, self.rows.stride, self.rows.kernel),
            span(self.cols.output / self.group, self.group * self.cols.stride, self.kernel_width()),
        )
    }

    fn kernel_width(&self) -> usize {
        self.cols.kernel + (self.group - 1) * self.cols.stride
    }

    fn kernel_len(&self) -> usize {
        self.rows.kernel * self.kernel_width() * self.channels * ALIGN
    }

    /// Whether any window hangs over the border.
    fn padded(&self) -> bool {
        [self.rows, self.cols].iter().any(|axis| axis.pad > 0 || reach(axis) > axis.input)
    }

    /// The height of an image as the kernel sees it.
    fn x_height(&self) -> usize {
        if self.padded() { reach(&self.rows) } else { self.rows.input }
    }

    /// The floats of a row of it.
    fn x_row(&self) -> usize {
        self.channels * if self.padded() { reach(&self.cols) } else { self.cols.input }
    }

    /// The image with its border, whose zeros are there from the beginning.
    fn pad<'a>(&self, x: &'a [f32], scratch: &'a mut [f32]) -> &'a [f32] {
        if !self.padded() {
            return x;
        }
        let (row, left) = (self.x_row(), self.cols.pad * self.channels);
        let width = self.cols.input * self.channels;
        let rows = scratch.chunks_exact_mut(row).skip(self.rows.pad);
        for (to, from) in rows.zip(x.chunks_exact(width)) {
            // The windows may end before the image begins.
            let seen = width.min(row.saturating_sub(left));
            if seen > 0 {
                to[left..left + seen].copy_from_slice(&from[..seen]);
            }
        }
        scratch
    }
}

/// How far the windows along an axis reach, from the first float of padding on.
fn reach(axis: &Axis) -> usize {
    (axis.output - 1) * axis.stride + axis.kernel
}
