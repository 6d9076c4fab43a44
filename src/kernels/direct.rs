//! Convolution by its definition: every product once, by whichever loop fills the vectors best.
//!
//! | pass | filters or channels fill vectors | few of them |
//! | --- | --- | --- |
//! | forward | [`Correlate`] | [`Grouped`]: several pixels to a vector |
//! | weight gradient | [`Outer`] | [`Grouped`] |
//! | input gradient | [`Correlate`], of `dy` with the flipped kernel | [`Scatter`]: a row of taps at a time |

use super::convolution::{
    Algorithm, BackwardArgs, ConvPasses, ConvShape, ForwardArgs, KernelGradient,
};
use super::grouped::{Grouped, GroupedScratch};
use super::scatter::{Scatter, scatters};
use super::simd::arch;
use super::{ALIGN, Axis, Correlate, Outer, Span, pad_rows, transpose};

/// A convolution by its definition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Direct {
    rows: Axis,
    cols: Axis,
    channels: usize,
    filters: usize,
    grouped: Option<Grouped>,
}

/// Its passes, their spans, and room to work in.
#[derive(Debug)]
struct DirectPasses {
    direct: Direct,
    rows: Vec<Span>,
    cols: Vec<Span>,
    /// The spans of the input gradient.
    dx_rows: Vec<Span>,
    dx_cols: Vec<Span>,
    grouped: Option<GroupedScratch>,
}

impl Algorithm for Direct {
    fn packed_len(&self) -> usize {
        let row_of_taps = if self.scatters() {
            (self.cols.kernel * self.channels).next_multiple_of(ALIGN)
        } else {
            self.cols.kernel * self.channels.next_multiple_of(ALIGN)
        };
        self.forward_len() + self.rows.kernel * self.filters * row_of_taps
    }

    fn pack(&self, kernel: &[f32], bias: Option<&[f32]>, packed: &mut [f32], dx: bool) {
        let (forward, gradient) = packed.split_at_mut(self.forward_len());
        match self.grouped {
            Some(grouped) => grouped.pack(kernel, bias, forward),
            None => pad_rows(kernel, self.filters, forward),
        }
        if !dx {
            return;
        }
        let tap_len = self.channels * self.filters;
        if self.scatters() {
            let rows = kernel.chunks_exact(self.cols.kernel * tap_len);
            let to = gradient.chunks_exact_mut(gradient.len() / self.rows.kernel);
            for (row, to) in rows.zip(to) {
                transpose(row, self.filters, to);
            }
            return;
        }
        let mut taps =
            gradient.chunks_exact_mut(self.filters * self.channels.next_multiple_of(ALIGN));
        for i in self.rows.gradient_order() {
            for (j, tap) in self.cols.gradient_order().zip(&mut taps) {
                let at = (i * self.cols.kernel + j) * tap_len;
                transpose(&kernel[at..at + tap_len], self.filters, tap);
            }
        }
    }

    fn passes(&self) -> Box<dyn ConvPasses> {
        Box::new(DirectPasses {
            direct: *self,
            rows: self.rows.forward(),
            cols: self.cols.forward(),
            dx_rows: self.rows.input_gradient(),
            dx_cols: self.cols.input_gradient(),
            grouped: self.grouped.map(|grouped| grouped.scratch()),
        })
    }
}

impl Direct {
    pub fn new(shape: ConvShape) -> Self {
        let ConvShape { rows, cols, channels, filters, .. } = shape;
        let grouped = Grouped::new(rows, cols, channels, filters);
        Direct { rows, cols, channels, filters, grouped }
    }

    /// Number of packed floats for the forward pass: W with padded rows, or in the layout of
    /// [`Grouped`]; 0 if the rows of W fill whole vectors already. The rest is for the input gradient.
    fn forward_len(&self) -> usize {
        let rows = self.rows.kernel * self.cols.kernel * self.channels;
        match self.grouped {
            Some(grouped) => grouped.packed_len(),
            None if self.filters.is_multiple_of(ALIGN) => 0,
            None => rows * self.filters.next_multiple_of(ALIGN),
        }
    }

    fn scatters(&self) -> bool {
        scatters(self.rows, self.cols, self.channels)
    }
}

impl ConvPasses for DirectPasses {
    fn forward(&mut self, args: ForwardArgs<'_>) {
        let Direct { rows, cols, channels, filters, .. } = self.direct;
        let packed = &args.weights.packed[..self.direct.forward_len()];
        if let (Some(grouped), Some(scratch)) = (self.direct.grouped, &mut self.grouped) {
            return grouped.forward(args, packed, scratch);
        }
        let ForwardArgs { x, weights, lower_bound, y } = args;
        arch().dispatch(Correlate {
            x,
            x_size: rows.input * cols.input * channels,
            x_width: cols.input,
            x_channels: channels,
            weights: if packed.is_empty() { weights.kernel } else { packed },
            kernel_width: cols.kernel,
            bias: weights.bias,
            lower_bound,
            y,
            y_size: rows.output * cols.output * filters,
            y_width: cols.output,
            y_channels: filters,
            rows: &self.rows,
            cols: &self.cols,
        });
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

impl DirectPasses {
    fn kernel_gradient(&mut self, dy: &[f32], gradient: KernelGradient<'_>) {
        let Direct { rows, cols, channels, filters, .. } = self.direct;
        if let (Some(grouped), Some(scratch)) = (self.direct.grouped, &mut self.grouped) {
            return grouped.kernel_gradient(dy, gradient, scratch);
        }
        arch().dispatch(Outer {
            x: gradient.x,
            x_size: rows.input * cols.input * channels,
            x_width: cols.input,
            x_channels: channels,
            dy,
            dy_size: rows.output * cols.output * filters,
            dy_width: cols.output,
            dy_channels: filters,
            dw: gradient.dw,
            dw_row: filters,
            kernel_width: cols.kernel,
            rows: &self.rows,
            cols: &self.cols,
        });
    }

    fn input_gradient(&self, packed: &[f32], dy: &[f32], dx: &mut [f32]) {
        let Direct { rows, cols, channels, filters, .. } = self.direct;
        let weights = &packed[self.direct.forward_len()..];
        if self.direct.scatters() {
            let scatter = Scatter { rows, cols, channels, filters, dy, weights, dx };
            return arch().dispatch(scatter);
        }
        arch().dispatch(Correlate {
            x: dy,
            x_size: rows.output * cols.output * filters,
            x_width: cols.output,
            x_channels: filters,
            weights,
            kernel_width: cols.kernel,
            bias: None,
            lower_bound: f32::NEG_INFINITY,
            y: dx,
            y_size: rows.input * cols.input * channels,
            y_width: cols.input,
            y_channels: channels,
            rows: &self.dx_rows,
            cols: &self.dx_cols,
        });
    }
}
