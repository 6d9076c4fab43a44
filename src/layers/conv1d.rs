//! Convolution over signals: that of an image of height 1. The passes are [`Conv2d`]'s.

use std::any::Any;

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::conv2d::ConvCache;
use super::{Conv2d, Padding, signal};
use crate::init::Init;
use crate::layer::{Layer, Mismatch, ParamSpec, Params, Pass, Saved};

/// A one-dimensional convolution: over time, text or any other signal.
///
/// With stride `s`, dilation `d` and `p` zeros before the signal, over the channels `c` of the group
/// that filter `o` belongs to:
///
/// ```text
/// y[t, o]     = b[o] + Σ_{i, c} x[t·s + i·d - p, c]·W[i, c, o]
/// dx[t, c]    = Σ_{i, o} dy[(t + p - i·d)/s, o]·W[i, c, o]      where s divides
/// dW[i, c, o] = Σ_t x[t·s + i·d - p, c]·dy[t, o]
/// db[o]       = Σ_t dy[t, o]
/// ```
///
/// - **Plain twin**: [`reference::conv1d`](crate::reference::conv1d()), to read first.
/// - **Input**: (length, c), a signal.
/// - **Output**: (ol, filters) with `ol = ⌊(length + padding - (k - 1)·d - 1)/s⌋ + 1`.
/// - **Parameters**: `weight` (k, c/groups, filters), Glorot-uniform unless [`Conv1d::init`] says
///   otherwise, and `bias` (filters), zeros, unless [`Conv1d::bias`] leaves it out:
///   `(k·c/groups + 1)·filters` numbers.
/// - **Errors**: what is no signal, and as [`Conv2d`]; the signal is the width of its image.
/// - **Source**: A. Waibel et al., "Phoneme recognition using time-delay neural networks", IEEE
///   Trans. ASSP 37, 1989.
///
/// ```
/// use chainrule::prelude::*;
///
/// let model = Sequential::new([100, 3])
///     .add(Conv1d::new(16, 5))?
///     .add(Conv1d::new(16, 3).dilation(2).padding(Padding::Same))?;
/// assert_eq!(model.output_shape(), [96, 16]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Conv1d(#[serde(deserialize_with = "one_row")] Conv2d);

/// Reads a convolution from a file, which must have windows along a single row.
fn one_row<'de, D: Deserializer<'de>>(file: D) -> Result<Conv2d, D::Error> {
    let conv = Conv2d::deserialize(file)?;
    conv.window.check_one_row().map_err(D::Error::custom)?;
    Ok(conv)
}

impl Conv1d {
    /// `filters` output channels and a kernel of this length, stride 1, without padding.
    pub fn new(filters: usize, kernel: usize) -> Self {
        Conv1d(Conv2d::new(filters, (1, kernel)))
    }

    /// A filter of its own for every channel, as [`Conv2d::depthwise`].
    pub fn depthwise(kernel: usize) -> Self {
        Conv1d(Conv2d::depthwise((1, kernel)))
    }

    /// Moves the window by this much.
    #[must_use]
    pub fn stride(self, stride: usize) -> Self {
        Conv1d(self.0.stride((1, stride)))
    }

    /// Spreads the taps of the kernel, this far from one to the next.
    #[must_use]
    pub fn dilation(self, dilation: usize) -> Self {
        Conv1d(self.0.dilation((1, dilation)))
    }

    /// Deals channels and filters into this many groups, as [`Conv2d::groups`].
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        Conv1d(self.0.groups(groups))
    }

    /// Surrounds the signal; of [`Padding::Explicit`], by `left` and `right`. All of it to the left
    /// makes the convolution causal: no output sees what comes after it.
    #[must_use]
    pub fn padding(self, padding: Padding) -> Self {
        Conv1d(self.0.padding(padding.of_signal()))
    }

    /// Draws the weights from another distribution.
    #[must_use]
    pub fn init(self, init: Init) -> Self {
        Conv1d(self.0.init(init))
    }

    /// Whether there is a bias, as [`Conv2d::bias`].
    #[must_use]
    pub fn bias(self, bias: bool) -> Self {
        Conv1d(self.0.bias(bias))
    }
}

/// The image that a signal is; its shape was checked when the layer was added.
fn image(signal: &[usize]) -> [usize; 3] {
    [1, signal[0], signal[1]]
}

impl Layer for Conv1d {
    type Cache = ConvCache;

    fn name(&self) -> String {
        format!("Conv1d({})", self.0.label(self.0.window.signal_label(1)))
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        Ok(self.0.output_shape(&signal::image(input, "Conv2d")?)?.split_off(1))
    }

    /// The number of windows over a signal of this length.
    fn output_length(
        &self,
        input: &[usize],
        _output: &[usize],
        length: usize,
    ) -> Result<Option<usize>, Mismatch> {
        let window = self.0.window;
        if window.pads(1, length)?[0] != window.pads(1, input[0])?[0] {
            return Err(Mismatch::new(
                format!("the same padding in front of {length} steps as of {}", input[0]),
                "use `Padding::Explicit`: with a stride, `Padding::Same` depends on the length",
            ));
        }
        Ok(Some(window.axis(1, length)?.output))
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        let mut params = self.0.param_specs(&image(input));
        params[0].shape.remove(0);
        params
    }

    fn packed_len(&self, input: &[usize]) -> usize {
        self.0.packed_len(&image(input))
    }

    fn pack(&self, input: &[usize], params: &[f32], packed: &mut [f32], dx: bool) {
        self.0.pack(&image(input), params, packed, dx);
    }

    fn fuse(&self, next: &dyn Any) -> Option<Self> {
        self.0.fuse(next).map(Conv1d)
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> ConvCache {
        self.0.new_cache(&image(input), max_batch)
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        y: ArrayViewMutD<'_, f32>,
        cache: &mut ConvCache,
        pass: Pass<'_>,
    ) {
        self.0.forward(params, x, y, cache, pass);
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, ConvCache>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        self.0.backward(params, saved, dy, dx, dparams);
    }
}
