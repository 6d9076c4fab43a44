//! Convolution by its definition: every product once, by whichever loop fills the vectors best.
//!
//! | pass | filters or channels fill vectors | few of them |
//! | --- | --- | --- |
//! | forward | [`Correlate`] | [`Grouped`]: several pixels to a vector |
//! | weight gradient | [`Outer`] | [`Grouped`] |
//! | input gradient | [`Correlate`], of `dy` with the flipped kernel | [`Scatter`]: a row of taps at a time |

use pulp::Arch;

use super::grouped::{Grouped, GroupedScratch};
use super::scatter::{Scatter, scatters};
use super::{ALIGN, Axis, Correlate, Outer, Span, pad_rows, transpose};

/// A convolution over images of one size.
#[derive(Debug)]
pub(crate) struct Direct {
    rows: Axis,
    cols: Axis,
    channels: usize,
    filters: usize,
    grouped: Option<Grouped>,
}

/// Its spans, and room to work in.
#[derive(Debug)]
pub(crate) struct DirectScratch {
    rows: Vec<Span>,
    cols: Vec<Span>,
    /// The spans of the input gradient.
    dx_rows: Vec<Span>,
    dx_cols: Vec<Span>,
    grouped: Option<GroupedScratch>,
}

impl Direct {
    pub fn new(rows: Axis, cols: Axis, channels: usize, filters: usize) -> Self {
        let grouped = Grouped::new(rows, cols, channels, filters);
        Direct { rows, cols, channels, filters, grouped }
    }

    pub fn scratch(&self) -> DirectScratch {
        DirectScratch {
            rows: self.rows.forward(),
            cols: self.cols.forward(),
            dx_rows: self.rows.input_gradient(),
            dx_cols: self.cols.input_gradient(),
            grouped: self.grouped.map(|grouped| grouped.scratch()),
        }
    }

    /// How many floats of the packed parameters are for the forward pass: W with padded rows, or as
    /// [`Grouped`] wants it; none where W as it stands fills whole vectors. The rest is for the
    /// input gradient.
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

    pub fn packed_len(&self) -> usize {
        let row_of_taps = if self.scatters() {
            (self.cols.kernel * self.channels).next_multiple_of(ALIGN)
        } else {
            self.cols.kernel * self.channels.next_multiple_of(ALIGN)
        };
        self.forward_len() + self.rows.kernel * self.filters * row_of_taps
    }

    pub fn pack(&self, weight: &[f32], bias: &[f32], packed: &mut [f32], dx: bool) {
        let (forward, gradient) = packed.split_at_mut(self.forward_len());
        match self.grouped {
            Some(grouped) => grouped.pack(weight, bias, forward),
            None => pad_rows(weight, self.filters, forward),
        }
        if !dx {
            return;
        }
        let tap_len = self.channels * self.filters;
        if self.scatters() {
            let rows = weight.chunks_exact(self.cols.kernel * tap_len);
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
                transpose(&weight[at..at + tap_len], self.filters, tap);
            }
        }
    }

    /// `y`, overwritten, from images `x`; where it would be less than `floor`, that.
    #[allow(clippy::too_many_arguments)] // the layer contract's, the level and the floor
    pub fn forward(
        &self,
        arch: Arch,
        x: &[f32],
        weight: &[f32],
        bias: &[f32],
        packed: &[f32],
        floor: f32,
        y: &mut [f32],
        scratch: &mut DirectScratch,
    ) {
        let packed = &packed[..self.forward_len()];
        if let (Some(grouped), Some(scratch)) = (self.grouped, &mut scratch.grouped) {
            return grouped.forward(arch, x, packed, floor, y, scratch);
        }
        arch.dispatch(Correlate {
            x,
            x_size: self.rows.input * self.cols.input * self.channels,
            x_width: self.cols.input,
            x_channels: self.channels,
            weights: if packed.is_empty() { weight } else { packed },
            kernel_width: self.cols.kernel,
            bias: Some(bias),
            floor,
            y,
            y_size: self.rows.output * self.cols.output * self.filters,
            y_width: self.cols.output,
            y_channels: self.filters,
            rows: &scratch.rows,
            cols: &scratch.cols,
        });
    }

    /// Adds to `dw`.
    pub fn weight_gradient(
        &self,
        arch: Arch,
        x: &[f32],
        dy: &[f32],
        dw: &mut [f32],
        scratch: &mut DirectScratch,
    ) {
        let Direct { rows, cols, channels, filters, .. } = *self;
        if let (Some(grouped), Some(scratch)) = (self.grouped, &mut scratch.grouped) {
            return grouped.weight_gradient(arch, x, dy, dw, scratch);
        }
        arch.dispatch(Outer {
            x,
            x_size: rows.input * cols.input * channels,
            x_width: cols.input,
            x_channels: channels,
            dy,
            dy_size: rows.output * cols.output * filters,
            dy_width: cols.output,
            dy_channels: filters,
            dw,
            dw_row: filters,
            kernel_width: cols.kernel,
            rows: &scratch.rows,
            cols: &scratch.cols,
        });
    }

    /// Overwrites `dx`.
    pub fn input_gradient(
        &self,
        arch: Arch,
        packed: &[f32],
        dy: &[f32],
        dx: &mut [f32],
        scratch: &DirectScratch,
    ) {
        let Direct { rows, cols, channels, filters, .. } = *self;
        let weights = &packed[self.forward_len()..];
        if self.scatters() {
            return arch.dispatch(Scatter { rows, cols, channels, filters, dy, weights, dx });
        }
        arch.dispatch(Correlate {
            x: dy,
            x_size: rows.output * cols.output * filters,
            x_width: cols.output,
            x_channels: filters,
            weights,
            kernel_width: cols.kernel,
            bias: None,
            floor: f32::NEG_INFINITY,
            y: dx,
            y_size: rows.input * cols.input * channels,
            y_width: cols.input,
            y_channels: channels,
            rows: &scratch.dx_rows,
            cols: &scratch.dx_cols,
        });
    }
}
