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
//! A ReLU that follows is done in the same passes: `max(y, 0)` as `y` is written, and no `dy` where
//! `y` is 0.
//!
//! Plain loops that compute these four lines stand in [`crate::kernels::reference`]. The fast ones
//! go by the definition (`kernels/direct.rs`) or, for 3×3 kernels over many channels, by Winograd's
//! algorithm, which needs fewer products (`kernels/winograd/`).

use std::any::Any;

use ndarray::{ArrayViewD, ArrayViewMutD};

use super::window::{Padding, Window};
use super::{Relu, flat, flat_mut};
use crate::init::Init;
use crate::kernels::{Direct, DirectScratch, Winograd, WinogradScratch, add_rows, simd::arch};
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
    /// Whether the ReLU that follows is done here.
    relu: bool,
}

impl Conv2d {
    /// `filters` output channels and a square kernel, stride 1, without padding.
    pub fn new(filters: usize, kernel: usize) -> Self {
        let window = Window { kernel: (kernel, kernel), stride: (1, 1), padding: Padding::Valid };
        Conv2d { filters, window, init: Init::GlorotUniform, relu: false }
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

    /// What outputs are at least.
    fn floor(&self) -> f32 {
        if self.relu { 0.0 } else { f32::NEG_INFINITY }
    }

    fn algorithm(&self, input: &[usize]) -> Algorithm {
        let window = self.window.over(input).expect("output_shape accepted this input");
        let (rows, cols, channels) = (window.rows, window.cols, window.channels);
        match Winograd::new(rows, cols, channels, self.filters) {
            Some(winograd) => Algorithm::Winograd(winograd),
            None => Algorithm::Direct(Direct::new(rows, cols, channels, self.filters)),
        }
    }
}

enum Algorithm {
    Direct(Direct),
    Winograd(Winograd),
}

/// An algorithm, and the room that it works in.
#[derive(Debug)]
pub struct ConvCache(Work);

#[derive(Debug)]
enum Work {
    Direct(Direct, DirectScratch),
    Winograd(Winograd, WinogradScratch),
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
        match self.algorithm(input) {
            Algorithm::Direct(direct) => direct.packed_len(),
            Algorithm::Winograd(winograd) => winograd.packed_len(),
        }
    }

    fn pack(&self, input: &[usize], params: &[f32], packed: &mut [f32], dx: bool) {
        let (weight, bias) = params.split_at(params.len() - self.filters);
        match self.algorithm(input) {
            Algorithm::Direct(direct) => direct.pack(weight, bias, packed, dx),
            Algorithm::Winograd(winograd) => winograd.pack(arch(), weight, packed, dx),
        }
    }

    fn fuse(&self, next: &dyn Any) -> Option<Self> {
        next.is::<Relu>().then_some(Conv2d { relu: true, ..*self })
    }

    fn new_cache(&self, input: &[usize], _max_batch: usize) -> ConvCache {
        ConvCache(match self.algorithm(input) {
            Algorithm::Direct(direct) => {
                let scratch = direct.scratch();
                Work::Direct(direct, scratch)
            }
            Algorithm::Winograd(winograd) => Work::Winograd(winograd, winograd.scratch()),
        })
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut ConvCache,
        _mode: Mode,
    ) {
        let Params { values, packed } = params;
        let (weight, bias) = values.split_at(values.len() - self.filters);
        let (x, y, floor) = (flat(&x), flat_mut(&mut y), self.floor());
        match &mut cache.0 {
            Work::Direct(direct, scratch) => {
                direct.forward(arch(), x, weight, bias, packed, floor, y, scratch);
            }
            Work::Winograd(winograd, scratch) => {
                winograd.forward(arch(), x, packed, bias, floor, y, scratch);
            }
        }
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, ConvCache>,
        mut dy: ArrayViewMutD<'_, f32>,
        mut dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        if self.relu {
            close_gate(flat(&saved.y), flat_mut(&mut dy));
        }
        let (x, dy, dx) = (flat(&saved.x), flat(&dy), dx.as_mut().map(flat_mut));
        let (dw, db) = dparams.split_at_mut(dparams.len() - self.filters);
        add_rows(dy, db);
        match &mut saved.cache.0 {
            Work::Direct(direct, scratch) => {
                direct.backward(arch(), x, params.packed, dy, dx, dw, scratch);
            }
            Work::Winograd(winograd, scratch) => {
                winograd.backward(arch(), x, params.packed, dy, dx, dw, scratch);
            }
        }
    }
}

/// The backward pass of a ReLU, in place: no gradient where the output is 0.
fn close_gate(y: &[f32], dy: &mut [f32]) {
    arch().dispatch(
        #[inline(always)]
        || {
            for (dy, &y) in dy.iter_mut().zip(y) {
                *dy = if y > 0.0 { *dy } else { 0.0 };
            }
        },
    );
}
