//! Convolution over images: one small dense layer, slid over every window.
//!
//! With stride `s` and `p` pixels of zeros around the image (as is the custom, this is a
//! correlation: the kernel is not flipped):
//!
//! ```text
//! y[h, w, o]       = b[o] + Σ_{i, j, c} x[h·s + i - p, w·s + j - p, c]·W[i, j, c, o]
//! dx[h, w, c]      = Σ_{i, j, o} dy[(h + p - i)/s, (w + p - j)/s, o]·W[i, j, c, o]   where s divides
//! dW[i, j, c, o]   = Σ_{h, w} x[h·s + i - p, w·s + j - p, c]·dy[h, w, o]
//! db[o]            = Σ_{h, w} dy[h, w, o]
//! ```
//!
//! The input gradient is again a correlation, of `dy` with the flipped kernel whose `c` and `o`
//! have changed places, which [`Layer::pack`] lays out once a step. Plain loops that compute these
//! four lines stand in [`crate::kernels::reference`]; the fast ones in `kernels/correlate.rs` and
//! `kernels/outer.rs`, and for few channels or filters `kernels/scatter.rs` and
//! `kernels/grouped.rs`.

use ndarray::{ArrayViewD, ArrayViewMutD};

use super::window::{Geometry, Padding, Window, WindowCache};
use super::{flat, flat_mut};
use crate::init::Init;
use crate::kernels::{
    ALIGN, Correlate, Grouped, GroupedScratch, Outer, Scatter, Scratch, Winograd, add_rows,
    pad_rows, scatters, simd::arch, transpose,
};
use crate::layer::{Layer, Misfit, Mode, ParamSpec, Params, Saved};

/// A two-dimensional convolution with bias.
///
/// Input: (h, w, c). Output: (oh, ow, filters) with `oh = ⌊(h + padding - kh)/stride⌋ + 1`.
/// Parameters: `weight` (kh, kw, c, filters), Glorot-uniform unless [`Conv2d::init`] says
/// otherwise, and `bias` (filters), zeros. It refuses inputs that are not images, a kernel larger
/// than the padded image, and zeros.
///
/// Source: Y. LeCun et al., "Gradient-based learning applied to document recognition", Proc. IEEE
/// 86, 1998.
///
/// ```
/// use chainrule::prelude::*;
///
/// let model = Sequential::new([28, 28, 1])
///     .add(Conv2d::new(32, 3))?
///     .add(Conv2d::new(64, 5).stride(2).padding(Padding::Same))?;
/// assert_eq!(model.output_shape(), [13, 13, 64]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conv2d {
    filters: usize,
    window: Window,
    init: Init,
}

impl Conv2d {
    /// `filters` output channels and a square kernel, stride 1, without padding.
    pub fn new(filters: usize, kernel: usize) -> Self {
        let window = Window { kernel: (kernel, kernel), stride: (1, 1), padding: Padding::Valid };
        Conv2d { filters, window, init: Init::GlorotUniform }
    }

    /// A kernel of this height and width.
    #[must_use]
    pub fn kernel(mut self, height: usize, width: usize) -> Self {
        self.window.kernel = (height, width);
        self
    }

    /// Moves the window by this many pixels, down and across.
    #[must_use]
    pub fn stride(self, stride: usize) -> Self {
        self.strides(stride, stride)
    }

    /// Moves the window by this many pixels down, and this many across.
    #[must_use]
    pub fn strides(mut self, down: usize, across: usize) -> Self {
        self.window.stride = (down, across);
        self
    }

    /// Surrounds the image.
    #[must_use]
    pub fn padding(mut self, padding: Padding) -> Self {
        self.window.padding = padding;
        self
    }

    /// Draws the weights from another distribution.
    #[must_use]
    pub fn init(self, init: Init) -> Self {
        Conv2d { init, ..self }
    }

    /// How many rows the weight matrix has, one for each (kh, kw, c).
    fn weight_rows(&self, channels: usize) -> usize {
        self.window.kernel.0 * self.window.kernel.1 * channels
    }

    /// How many floats of the packed parameters are for the forward pass: W with padded rows, or as
    /// [`Grouped`] wants it; none where W as it stands fills whole vectors. The rest is the kernel of
    /// the input gradient.
    fn forward_len(&self, input: &[usize]) -> usize {
        match self.grouped(input) {
            Some(grouped) => grouped.packed_len(),
            None if self.filters.is_multiple_of(ALIGN) => 0,
            None => self.weight_rows(input[2]) * self.filters.next_multiple_of(ALIGN),
        }
    }

    fn geometry(&self, input: &[usize]) -> Geometry {
        self.window.over(input).expect("output_shape accepted this input")
    }

    /// The faster algorithm, where it applies.
    fn winograd(&self, input: &[usize]) -> Option<Winograd> {
        let Geometry { rows, cols, channels } = self.geometry(input);
        Winograd::new(rows, cols, channels, self.filters)
    }

    /// Several pixels to a vector, where there are few filters.
    fn grouped(&self, input: &[usize]) -> Option<Grouped> {
        let Geometry { rows, cols, channels } = self.geometry(input);
        Grouped::new(rows, cols, channels, self.filters)
    }
}

/// The spans of the window, and what the faster algorithms need where they apply.
#[derive(Debug)]
pub struct ConvCache {
    window: WindowCache,
    winograd: Option<(Winograd, Scratch)>,
    grouped: Option<(Grouped, GroupedScratch)>,
    /// Where the packed kernel of the input gradient starts.
    forward_len: usize,
}

impl Layer for Conv2d {
    type Cache = ConvCache;

    fn name(&self) -> String {
        format!("Conv2d({}, {})", self.filters, self.window.label((1, 1)))
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Misfit> {
        if self.filters == 0 {
            return Err(Misfit::new(
                "at least one filter",
                "`Conv2d::new` takes the filters first",
            ));
        }
        let geometry = self.window.over(input)?;
        Ok(vec![geometry.rows.output, geometry.cols.output, self.filters])
    }

    fn params(&self, input: &[usize]) -> Vec<ParamSpec> {
        let (kh, kw) = self.window.kernel;
        vec![
            ParamSpec::new("weight", &[kh, kw, input[2], self.filters], self.init),
            ParamSpec::new("bias", &[self.filters], Init::Zeros),
        ]
    }

    fn packed_len(&self, input: &[usize]) -> usize {
        if let Some(winograd) = self.winograd(input) {
            return winograd.packed_len();
        }
        let Geometry { rows, cols, channels } = self.geometry(input);
        let tap_row = if scatters(rows, cols, channels) {
            (cols.kernel * channels).next_multiple_of(ALIGN)
        } else {
            cols.kernel * channels.next_multiple_of(ALIGN)
        };
        self.forward_len(input) + rows.kernel * self.filters * tap_row
    }

    fn pack(&self, input: &[usize], params: &[f32], packed: &mut [f32]) {
        let Geometry { rows, cols, channels } = self.geometry(input);
        let (weight, bias) = params.split_at(self.weight_rows(channels) * self.filters);
        if let Some(winograd) = self.winograd(input) {
            return winograd.pack(arch(), weight, packed);
        }
        let (forward, gradient) = packed.split_at_mut(self.forward_len(input));
        match self.grouped(input) {
            Some(grouped) => grouped.pack(weight, bias, forward),
            None => pad_rows(weight, self.filters, forward),
        }

        let tap_len = channels * self.filters;
        if scatters(rows, cols, channels) {
            let row_len = cols.kernel * tap_len;
            let to = gradient.chunks_exact_mut(gradient.len() / rows.kernel);
            for (row, to) in weight.chunks_exact(row_len).zip(to) {
                transpose(row, self.filters, to);
            }
            return;
        }
        let mut taps = gradient.chunks_exact_mut(self.filters * channels.next_multiple_of(ALIGN));
        for i in rows.gradient_order() {
            for (j, tap) in cols.gradient_order().zip(&mut taps) {
                let at = (i * cols.kernel + j) * tap_len;
                transpose(&weight[at..at + tap_len], self.filters, tap);
            }
        }
    }

    fn new_cache(&self, input: &[usize], _max_batch: usize) -> ConvCache {
        let winograd = self.winograd(input).map(|winograd| (winograd, winograd.scratch()));
        let grouped = self.grouped(input).map(|grouped| (grouped, grouped.scratch()));
        let forward_len = self.forward_len(input);
        ConvCache { window: self.window.cache(input), winograd, grouped, forward_len }
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut ConvCache,
        _mode: Mode,
    ) {
        let ConvCache { window, winograd, grouped, forward_len } = cache;
        let Geometry { rows, cols, channels } = window.geometry;
        let (weight, bias) = params.values.split_at(self.weight_rows(channels) * self.filters);
        if let Some((winograd, scratch)) = winograd {
            return winograd.forward(
                arch(),
                flat(&x),
                params.packed,
                bias,
                flat_mut(&mut y),
                scratch,
            );
        }
        let padded = &params.packed[..*forward_len];
        if let Some((grouped, scratch)) = grouped {
            return grouped.forward(arch(), flat(&x), padded, flat_mut(&mut y), scratch);
        }
        arch().dispatch(Correlate {
            x: flat(&x),
            x_size: rows.input * cols.input * channels,
            x_width: cols.input,
            x_channels: channels,
            weights: if padded.is_empty() { weight } else { padded },
            kernel_width: cols.kernel,
            bias: Some(bias),
            y: flat_mut(&mut y),
            y_size: rows.output * cols.output * self.filters,
            y_width: cols.output,
            y_channels: self.filters,
            rows: &window.rows,
            cols: &window.cols,
        });
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, ConvCache>,
        dy: ArrayViewD<'_, f32>,
        mut dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        let ConvCache { window, winograd, grouped, forward_len } = saved.cache;
        let Geometry { rows, cols, channels } = window.geometry;
        let x_size = rows.input * cols.input * channels;
        let dy_size = rows.output * cols.output * self.filters;
        let dy = flat(&dy);
        let (dw, db) = dparams.split_at_mut(self.weight_rows(channels) * self.filters);
        add_rows(dy, db);
        if let Some((winograd, scratch)) = winograd {
            let dx = dx.as_mut().map(flat_mut);
            return winograd.backward(arch(), flat(&saved.x), params.packed, dy, dx, dw, scratch);
        }
        if let Some((grouped, scratch)) = grouped {
            grouped.weight_gradient(arch(), flat(&saved.x), dy, dw, scratch);
        } else {
            arch().dispatch(Outer {
                x: flat(&saved.x),
                x_size,
                x_width: cols.input,
                x_channels: channels,
                dy,
                dy_size,
                dy_width: cols.output,
                dy_channels: self.filters,
                dw,
                dw_row: self.filters,
                kernel_width: cols.kernel,
                rows: &window.rows,
                cols: &window.cols,
            });
        }
        let Some(mut dx) = dx else { return };
        let weights = &params.packed[*forward_len..];
        let filters = self.filters;
        if scatters(rows, cols, channels) {
            let dx = flat_mut(&mut dx);
            return arch().dispatch(Scatter { rows, cols, channels, filters, dy, weights, dx });
        }
        arch().dispatch(Correlate {
            x: dy,
            x_size: dy_size,
            x_width: cols.output,
            x_channels: self.filters,
            weights,
            kernel_width: cols.kernel,
            bias: None,
            y: flat_mut(&mut dx),
            y_size: x_size,
            y_width: cols.input,
            y_channels: channels,
            rows: &window.dx_rows,
            cols: &window.dx_cols,
        });
    }
}
