//! Convolution over images: one small dense layer, slid over every window.
//!
//! As is the custom, this is a correlation: the kernel is not flipped. Each product of the forward
//! pass, `y += x·w`, sends `dy·w` back to its `x` and `dy·x` to its `w`, so that both gradients are
//! sums over the same windows.
//! `kernels/algorithms.rs` chooses how they are computed.
//!
//! A ReLU that follows is done in the same passes: `max(y, 0)` as `y` is written, and no `dy` where
//! `y` is 0.

use std::any::Any;

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::size::Size2;
use super::window::{Padding, Window};
use super::{Relu, conv_shape};
use crate::init::Init;
use crate::kernels::{
    BackwardArgs, ConvPasses, ConvShape, Convolution, ForwardArgs, KernelGradient, Weights,
    add_rows, flat, flat_mut, relu_backward,
};
use crate::layer::{Layer, Mismatch, ParamSpec, Params, Pass, Saved};

/// A two-dimensional convolution.
///
/// With stride `s`, dilation `d` and `p` pixels of zeros around the image, over the channels `c` of
/// the group that filter `o` belongs to:
///
/// ```text
/// y[h, w, o]     = b[o] + Σ_{i, j, c} x[h·s + i·d - p, w·s + j·d - p, c]·W[i, j, c, o]
/// dx[h, w, c]    = Σ_{i, j, o} dy[(h + p - i·d)/s, (w + p - j·d)/s, o]·W[i, j, c, o]   where s divides
/// dW[i, j, c, o] = Σ_{h, w} x[h·s + i·d - p, w·s + j·d - p, c]·dy[h, w, o]
/// db[o]          = Σ_{h, w} dy[h, w, o]
/// ```
///
/// - **Plain twin**: [`reference::conv2d`](crate::reference::conv2d()), to read first, and
///   [`reference::conv2d_by_matrices`](crate::reference::conv2d_by_matrices()).
/// - **Input**: (h, w, c), an image.
/// - **Output**: (oh, ow, filters) with `oh = ⌊(h + padding - (kh - 1)·d - 1)/s⌋ + 1`.
/// - **Parameters**: `weight` (kh, kw, c/groups, filters), Glorot-uniform unless [`Conv2d::init`]
///   says otherwise, and `bias` (filters), zeros, unless [`Conv2d::bias`] leaves it out:
///   `(kh·kw·c/groups + 1)·filters` numbers.
/// - **Errors**: what is no image, a kernel that reaches over more than the padded image, padding of
///   more than 65536 pixels, groups that do not divide the channels and the filters, and zeros.
/// - **Source**: Y. LeCun et al., "Gradient-based learning applied to document recognition", Proc.
///   IEEE 86, 1998; dilation: F. Yu, V. Koltun, "Multi-scale context aggregation by dilated
///   convolutions", ICLR 2016; groups: A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet
///   classification with deep convolutional neural networks", NIPS 2012.
///
/// ```
/// use chainrule::prelude::*;
///
/// let model = Sequential::new([28, 28, 1])
///     .add(Conv2d::new(32, 3))?
///     .add(Conv2d::depthwise(3).padding(Padding::Same))?
///     .add(Conv2d::new(64, 5).stride(2).padding(Padding::Same))?;
/// assert_eq!(model.output_shape(), [13, 13, 64]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conv2d {
    /// `None`: as many as the input has channels.
    filters: Option<usize>,
    groups: Option<usize>,
    pub(super) window: Window,
    init: Init,
    bias: bool,
    /// Whether the ReLU that follows is done here.
    #[serde(skip)]
    relu: bool,
}

impl Conv2d {
    /// `filters` output channels and a kernel of this size, stride 1, without padding.
    pub fn new(filters: usize, kernel: impl Into<Size2>) -> Self {
        let window = Window::new(kernel.into(), 1.into());
        let (filters, groups) = (Some(filters), Some(1));
        Conv2d { filters, groups, window, init: Init::GlorotUniform, bias: true, relu: false }
    }

    /// A filter of its own for every channel, and no sums over channels: as many groups and filters
    /// as the input has channels. A 1×1 convolution behind it mixes them (A. Howard et al.,
    /// "MobileNets", 2017).
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let separable = Sequential::new([14, 14, 32])
    ///     .add(Conv2d::depthwise(3))?
    ///     .add(Conv2d::new(64, 1))?;
    /// assert_eq!(separable.param_count(), (9 + 1) * 32 + (32 + 1) * 64);
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    pub fn depthwise(kernel: impl Into<Size2>) -> Self {
        Conv2d { filters: None, groups: None, ..Conv2d::new(1, kernel) }
    }

    /// Moves the window by this many pixels, down and across.
    #[must_use]
    pub fn stride(mut self, stride: impl Into<Size2>) -> Self {
        self.window.stride = stride.into().axes();
        self
    }

    /// Spreads the taps of the kernel, this many pixels from one to the next, down and across: it sees
    /// more of the image with as many weights.
    #[must_use]
    pub fn dilation(mut self, dilation: impl Into<Size2>) -> Self {
        self.window.dilation = dilation.into().axes();
        self
    }

    /// Deals the channels into this many groups of neighbours, and as many groups of filters, each
    /// of which sees only its own: `Conv2d::new(2 * c, 3).groups(c)` has two filters a channel.
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        Conv2d { groups: Some(groups), ..self }
    }

    /// Surrounds the image, by any number of pixels: `1`, `(1, 2)` for rows and columns, or a
    /// [`Padding`]. The output of a window that sees nothing of the image is the bias.
    #[must_use]
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.window.padding = padding.into();
        self
    }

    /// Draws the weights from another distribution.
    #[must_use]
    pub fn init(self, init: Init) -> Self {
        Conv2d { init, ..self }
    }

    /// Whether there is a bias; before a layer that takes the mean off, such as a normalization,
    /// there is no use for one.
    #[must_use]
    pub fn bias(self, bias: bool) -> Self {
        Conv2d { bias, ..self }
    }

    /// The settings, for the name of a layer whose window has this label.
    pub(super) fn label(&self, window: String) -> String {
        let filters = self.filters.map_or("depthwise".to_string(), |filters| filters.to_string());
        let groups = match self.groups {
            None | Some(1) => String::new(),
            Some(groups) => format!(", groups {groups}"),
        };
        let bias = if self.bias { "" } else { ", no bias" };
        format!("{filters}, {window}{groups}{bias}")
    }

    /// Lower bound of the outputs.
    fn lower_bound(&self) -> f32 {
        if self.relu { 0.0 } else { f32::NEG_INFINITY }
    }

    fn shape(&self, input: &[usize]) -> Result<ConvShape, Mismatch> {
        conv_shape::convolution(&self.window, self.filters, self.groups, input)
    }

    fn convolution(&self, input: &[usize]) -> Convolution {
        Convolution::new(self.shape(input).expect("output_shape accepted this input"))
    }

    /// The kernel and the bias among the parameters.
    fn split<'a>(&self, params: &'a [f32], filters: usize) -> (&'a [f32], Option<&'a [f32]>) {
        conv_shape::split(params, self.bias.then_some(filters))
    }
}

/// The passes of a convolution, with the buffers that they work in.
#[derive(Debug)]
pub struct ConvCache(Box<dyn ConvPasses>);

impl Layer for Conv2d {
    type Cache = ConvCache;

    fn name(&self) -> String {
        format!("Conv2d({})", self.label(self.window.label([1; 2])))
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        let ConvShape { rows, cols, filters, .. } = self.shape(input)?;
        Ok(vec![rows.output, cols.output, filters])
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        let [kh, kw] = self.window.kernel;
        let (filters, groups) = (self.filters.unwrap_or(input[2]), self.groups.unwrap_or(input[2]));
        conv_shape::params([kh, kw, input[2] / groups, filters], filters, self.init, self.bias)
    }

    fn packed_len(&self, input: &[usize]) -> usize {
        self.convolution(input).algorithm().packed_len()
    }

    fn pack(&self, input: &[usize], params: &[f32], packed: &mut [f32], dx: bool) {
        let (kernel, bias) = self.split(params, self.filters.unwrap_or(input[2]));
        self.convolution(input).algorithm().pack(kernel, bias, packed, dx);
    }

    fn fuse(&self, next: &dyn Any) -> Option<Self> {
        next.is::<Relu>().then_some(Conv2d { relu: true, ..*self })
    }

    fn new_cache(&self, input: &[usize], _max_batch: usize) -> ConvCache {
        ConvCache(self.convolution(input).algorithm().passes())
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut ConvCache,
        _pass: Pass<'_>,
    ) {
        let (kernel, bias) = self.split(params.values, filters(y.shape()));
        cache.0.forward(ForwardArgs {
            x: flat(&x),
            weights: Weights { kernel, bias, packed: params.packed },
            lower_bound: self.lower_bound(),
            y: flat_mut(&mut y),
        });
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
            relu_backward(flat(&saved.y), flat_mut(&mut dy));
        }
        let bias_len = if self.bias { filters(dy.shape()) } else { 0 };
        let (x, dy, dx) = (flat(&saved.x), flat(&dy), dx.as_mut().map(flat_mut));
        let (dw, db) = dparams.split_at_mut(dparams.len() - bias_len);
        add_rows(dy, db);
        let kernel = Some(KernelGradient { x, dw });
        saved.cache.0.backward(BackwardArgs { packed: params.packed, dy, kernel, dx });
    }
}

/// The channels of a batch.
fn filters(shape: &[usize]) -> usize {
    shape.last().copied().unwrap_or(0)
}
