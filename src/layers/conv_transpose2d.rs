//! Transposed convolution: what a convolution's backward pass does, as a forward pass.
//!
//! Take the convolution from images like the output (oh, ow, filters) to images like the input (h,
//! w, c). It is linear, and the way back through it is its transpose: that is this layer's forward
//! pass. The way back through the transpose is the convolution itself, and the weight gradient is
//! the convolution's, with `x` and `dy` in each other's place. So there are no loops here.
//!
//! A stride of 2 makes an image twice as large where the convolution makes it half as large. As
//! that rounds down, several sizes lead to the same one: which of them comes out is the output
//! padding's to say. It pads nothing, but lets the output end later.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::conv_shape;
use super::size::Size2;
use super::window::{Padding, Window};
use crate::init::Init;
use crate::kernels::{
    BackwardArgs, ConvPasses, ConvShape, Convolution, ForwardArgs, KernelGradient, Weights,
    add_rows, flat, flat_mut, simd::arch,
};
use crate::layer::{Layer, Mismatch, ParamSpec, Params, Pass, Saved};

/// A transposed convolution, also called deconvolution: every input pixel paints the kernel.
///
/// With stride `s`, dilation `d` and `p` pixels taken off the border, over the filters `o` of the
/// group that channel `c` belongs to:
///
/// ```text
/// y[h·s + i·d - p, w·s + j·d - p, o] = b[o] + Σ x[h, w, c]·W[i, j, o, c]   over all h, w, i, j that meet
/// dx[h, w, c]    = Σ_{i, j, o} dy[h·s + i·d - p, w·s + j·d - p, o]·W[i, j, o, c]
/// dW[i, j, o, c] = Σ_{h, w} dy[h·s + i·d - p, w·s + j·d - p, o]·x[h, w, c]
/// db[o]          = Σ_{h, w} dy[h, w, o]
/// ```
///
/// - **Plain twin**: [`reference::conv_transpose2d`](crate::reference::conv_transpose2d()), to read first.
/// - **Input**: (h, w, c), an image.
/// - **Output**: (oh, ow, filters) with `oh = (h - 1)·s + (kh - 1)·d + 1 - padding + output padding`,
///   and `oh = h·s` with [`Padding::Same`].
/// - **Parameters**: `weight` (kh, kw, filters/groups, c), Glorot-uniform unless
///   [`ConvTranspose2d::init`] says otherwise, and `bias` (filters), zeros, unless
///   [`ConvTranspose2d::bias`] leaves it out.
/// - **Errors**: what is no image, padding that leaves no output or of more than 65536 pixels, output
///   padding that is not less than the stride or the dilation, groups that do not divide the
///   channels and the filters, and zeros.
/// - **Source**: M. Zeiler et al., "Deconvolutional networks", CVPR 2010; V. Dumoulin, F. Visin, "A
///   guide to convolution arithmetic for deep learning", 2016.
///
/// ```
/// use chainrule::prelude::*;
///
/// let up = ConvTranspose2d::new(8, 4).stride(2).padding(Padding::Same);
/// assert_eq!(Sequential::new([7, 7, 16]).add(up)?.output_shape(), [14, 14, 8]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ConvTranspose2d {
    filters: usize,
    groups: usize,
    /// That of the convolution.
    window: Window,
    output_padding: [usize; 2],
    init: Init,
    bias: bool,
}

impl ConvTranspose2d {
    /// `filters` output channels and a kernel of this size, stride 1, without padding.
    pub fn new(filters: usize, kernel: impl Into<Size2>) -> Self {
        let (window, output_padding) = (Window::new(kernel.into(), 1.into()), [0; 2]);
        let init = Init::GlorotUniform;
        ConvTranspose2d { filters, groups: 1, window, output_padding, init, bias: true }
    }

    /// Moves the kernel by this many pixels, down and across, for each pixel of the input.
    #[must_use]
    pub fn stride(mut self, stride: impl Into<Size2>) -> Self {
        self.window.stride = stride.into().axes();
        self
    }

    /// Spreads the taps of the kernel, this many pixels from one to the next, down and across.
    #[must_use]
    pub fn dilation(mut self, dilation: impl Into<Size2>) -> Self {
        self.window.dilation = dilation.into().axes();
        self
    }

    /// Takes this padding off the output, which the convolution would have put around it: `1`,
    /// `(1, 2)` for rows and columns, or a [`Padding`].
    #[must_use]
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.window.padding = padding.into();
        self
    }

    /// Makes the output larger by this many pixels, at the bottom and at the right.
    #[must_use]
    pub fn output_padding(self, pixels: impl Into<Size2>) -> Self {
        ConvTranspose2d { output_padding: pixels.into().axes(), ..self }
    }

    /// Deals channels and filters into this many groups of neighbours, each of which sees only its
    /// own.
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        ConvTranspose2d { groups, ..self }
    }

    /// Draws the weights from another distribution.
    #[must_use]
    pub fn init(self, init: Init) -> Self {
        ConvTranspose2d { init, ..self }
    }

    /// Whether there is a bias.
    #[must_use]
    pub fn bias(self, bias: bool) -> Self {
        ConvTranspose2d { bias, ..self }
    }

    /// The shape of the convolution that this is the transpose of.
    fn shape(&self, input: &[usize]) -> Result<ConvShape, Mismatch> {
        let ConvTranspose2d { window, output_padding, filters, groups, .. } = self;
        conv_shape::transposed(window, *output_padding, *filters, *groups, input)
    }

    fn convolution(&self, input: &[usize]) -> Convolution {
        Convolution::new(self.shape(input).expect("output_shape accepted this input"))
    }

    /// The kernel and the bias among the parameters.
    fn split<'a>(&self, params: &'a [f32]) -> (&'a [f32], Option<&'a [f32]>) {
        conv_shape::split(params, self.bias.then_some(self.filters))
    }
}

/// The passes of the convolution, with the buffers that they work in.
#[derive(Debug)]
pub struct ConvTransposeCache(Box<dyn ConvPasses>);

impl Layer for ConvTranspose2d {
    type Cache = ConvTransposeCache;

    fn name(&self) -> String {
        let window = self.window.label([1; 2]);
        let more = match self.output_padding {
            [0, 0] => String::new(),
            [bottom, right] => format!(", output padding {bottom}×{right}"),
        };
        let groups = match self.groups {
            1 => String::new(),
            groups => format!(", groups {groups}"),
        };
        let bias = if self.bias { "" } else { ", no bias" };
        format!("ConvTranspose2d({}, {window}{more}{groups}{bias})", self.filters)
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        let ConvShape { rows, cols, channels, .. } = self.shape(input)?;
        Ok(vec![rows.input, cols.input, channels])
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        let [kh, kw] = self.window.kernel;
        let weight = [kh, kw, self.filters / self.groups, input[2]];
        conv_shape::params(weight, self.filters, self.init, self.bias)
    }

    fn packed_len(&self, input: &[usize]) -> usize {
        self.convolution(input).algorithm().packed_len()
    }

    /// The convolution has no bias: that of this layer is added to the input gradient.
    fn pack(&self, input: &[usize], params: &[f32], packed: &mut [f32], _dx: bool) {
        let (kernel, _) = self.split(params);
        self.convolution(input).algorithm().pack(kernel, None, packed, true);
    }

    fn new_cache(&self, input: &[usize], _max_batch: usize) -> ConvTransposeCache {
        ConvTransposeCache(self.convolution(input).algorithm().passes())
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut ConvTransposeCache,
        _pass: Pass<'_>,
    ) {
        let (x, y) = (flat(&x), flat_mut(&mut y));
        let packed = params.packed;
        cache.0.backward(BackwardArgs { packed, dy: x, kernel: None, dx: Some(&mut *y) });
        let (_, Some(bias)) = self.split(params.values) else { return };
        arch().dispatch(
            #[inline(always)]
            || {
                for pixel in y.chunks_exact_mut(bias.len()) {
                    for (y, b) in pixel.iter_mut().zip(bias) {
                        *y += b;
                    }
                }
            },
        );
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, ConvTransposeCache>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        let (x, dy, Params { values, packed }) = (flat(&saved.x), flat(&dy), params);
        let (kernel, _) = self.split(values);
        let (dw, db) = dparams.split_at_mut(kernel.len());
        add_rows(dy, db);
        let convolution = &mut saved.cache.0;
        let gradient = Some(KernelGradient { x: dy, dw });
        convolution.backward(BackwardArgs { packed, dy: x, kernel: gradient, dx: None });
        let Some(mut dx) = dx else { return };
        convolution.forward(ForwardArgs {
            x: dy,
            weights: Weights { kernel, bias: None, packed },
            lower_bound: f32::NEG_INFINITY,
            y: flat_mut(&mut dx),
        });
    }
}
