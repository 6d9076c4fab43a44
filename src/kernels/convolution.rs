//! Contract of the convolution algorithms: the shape, the arguments of the passes, and two traits.
//!
//! `algorithms.rs` chooses between the implementations. A transposed convolution runs the same passes
//! in other roles: its forward pass is the input gradient.

use std::fmt::Debug;

use super::Axis;

/// A convolution over images of one size: (h, w, channels) to (oh, ow, filters), with a kernel (kh,
/// kw, channels/groups, filters).
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConvShape {
    pub rows: Axis,
    pub cols: Axis,
    pub channels: usize,
    pub filters: usize,
    pub groups: usize,
}

/// Parameters of a convolution.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights<'a> {
    /// (kh, kw, channels/groups, filters)
    pub kernel: &'a [f32],
    /// (filters), or `None` for zeros.
    pub bias: Option<&'a [f32]>,
    /// The result of [`Algorithm::pack`].
    pub packed: &'a [f32],
}

/// Arguments of a forward pass over a batch of images.
#[derive(Debug)]
pub(crate) struct ForwardArgs<'a> {
    pub x: &'a [f32],
    pub weights: Weights<'a>,
    /// Smaller outputs are replaced by it: 0 for a ReLU, -∞ for none.
    pub lower_bound: f32,
    /// Overwritten.
    pub y: &'a mut [f32],
}

/// Arguments of a backward pass over a batch of images, which computes one gradient or both.
#[derive(Debug)]
pub(crate) struct BackwardArgs<'a> {
    /// The result of [`Algorithm::pack`].
    pub packed: &'a [f32],
    pub dy: &'a [f32],
    /// The gradient of the kernel, if it is wanted.
    pub kernel: Option<KernelGradient<'a>>,
    /// The gradient of the input, overwritten, if it is wanted.
    pub dx: Option<&'a mut [f32]>,
}

/// Gradient of a kernel, and the input that it is computed from.
#[derive(Debug)]
pub(crate) struct KernelGradient<'a> {
    pub x: &'a [f32],
    /// Added to.
    pub dw: &'a mut [f32],
}

/// An algorithm for convolutions of one shape.
pub(crate) trait Algorithm {
    /// Number of floats that [`Algorithm::pack`] writes.
    fn packed_len(&self) -> usize;

    /// Copies the weights into the layout that the passes read. Without `dx`, the part that only the
    /// input gradient reads may stay unwritten.
    fn pack(&self, kernel: &[f32], bias: Option<&[f32]>, packed: &mut [f32], dx: bool);

    /// Allocates the buffers that the passes work in.
    fn passes(&self) -> Box<dyn ConvPasses>;
}

/// The passes of an algorithm, with the buffers that they work in.
pub(crate) trait ConvPasses: Debug + Send {
    fn forward(&mut self, args: ForwardArgs<'_>);
    fn backward(&mut self, args: BackwardArgs<'_>);
}
