//! Which way a convolution goes.
//!
//! | convolution | way |
//! | --- | --- |
//! | 3×3 at stride 1, channels and filters in whole vectors, and 32 of one of them | [`Winograd`] |
//! | any other without groups and dilation | [`Direct`] |
//! | a filter a channel | [`Depthwise`] |
//! | any other with groups or dilation | [`Im2col`] |
//!
//! Of 16 channels and 16 filters Winograd's algorithm saves less than its transforms take: by
//! definition, an epoch of `mnist_resnet`, which has two such convolutions, takes 0.94 of the time.
//!
//! All ways have three passes. A transposed convolution is the same three in other roles: its
//! forward pass is the input gradient.

use super::depthwise::{Depthwise, DepthwiseScratch};
use super::im2col::{Im2col, Im2colScratch};
use super::simd::arch;
use super::{Axis, Direct, DirectScratch, Winograd, WinogradScratch};

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

/// The way that a convolution goes.
#[derive(Debug)]
pub(crate) enum Algorithm {
    Winograd(Winograd),
    Direct(Direct),
    Depthwise(Depthwise),
    Im2col(Im2col),
}

impl ConvShape {
    pub fn algorithm(self) -> Algorithm {
        let ConvShape { rows, cols, channels, filters, groups } = self;
        let dilated = [rows, cols].iter().any(|axis| axis.dilation > 1);
        if groups == channels && groups == filters && channels > 1 {
            Algorithm::Depthwise(Depthwise::new(rows, cols, channels))
        } else if groups > 1 || dilated {
            Algorithm::Im2col(Im2col::new(self))
        } else {
            match Winograd::new(rows, cols, channels, filters) {
                Some(winograd) if channels.max(filters) > 16 => Algorithm::Winograd(winograd),
                _ => Algorithm::Direct(Direct::new(rows, cols, channels, filters)),
            }
        }
    }
}

impl Algorithm {
    /// How many floats [`Algorithm::pack`] writes.
    pub fn packed_len(&self) -> usize {
        match self {
            Algorithm::Winograd(winograd) => winograd.packed_len(),
            Algorithm::Direct(direct) => direct.packed_len(),
            Algorithm::Depthwise(depthwise) => depthwise.packed_len(),
            Algorithm::Im2col(im2col) => im2col.packed_len(),
        }
    }

    /// Writes the weights as the passes like to read them; without `dx`, those of the input gradient
    /// may stay as they are.
    pub fn pack(&self, weight: &[f32], bias: &[f32], packed: &mut [f32], dx: bool) {
        match self {
            Algorithm::Winograd(winograd) => winograd.pack(arch(), weight, packed, dx),
            Algorithm::Direct(direct) => direct.pack(weight, bias, packed, dx),
            Algorithm::Depthwise(depthwise) => depthwise.pack(weight, packed, dx),
            Algorithm::Im2col(im2col) => im2col.pack(weight, packed, dx),
        }
    }

    /// With the room that it works in.
    pub fn convolution(self) -> Convolution {
        match self {
            Algorithm::Winograd(winograd) => Convolution::Winograd(winograd, winograd.scratch()),
            Algorithm::Direct(direct) => {
                let scratch = direct.scratch();
                Convolution::Direct(direct, scratch)
            }
            Algorithm::Depthwise(depthwise) => {
                Convolution::Depthwise(depthwise, depthwise.scratch())
            }
            Algorithm::Im2col(im2col) => Convolution::Im2col(im2col, im2col.scratch()),
        }
    }
}

/// An algorithm, and the room that it works in.
#[derive(Debug)]
pub(crate) enum Convolution {
    Winograd(Winograd, WinogradScratch),
    Direct(Direct, DirectScratch),
    Depthwise(Depthwise, DepthwiseScratch),
    Im2col(Im2col, Im2colScratch),
}

impl Convolution {
    /// `y`, overwritten, from images `x`; where it would be less than `floor`, that.
    pub fn forward(
        &mut self,
        x: &[f32],
        (weight, bias): (&[f32], &[f32]),
        packed: &[f32],
        floor: f32,
        y: &mut [f32],
    ) {
        match self {
            Convolution::Winograd(winograd, scratch) => {
                winograd.forward(arch(), x, packed, bias, floor, y, scratch);
            }
            Convolution::Direct(direct, scratch) => {
                direct.forward(arch(), x, weight, bias, packed, floor, y, scratch);
            }
            Convolution::Depthwise(depthwise, scratch) => {
                depthwise.forward(arch(), x, bias, packed, floor, y, scratch);
            }
            Convolution::Im2col(im2col, scratch) => {
                im2col.forward(arch(), x, bias, packed, floor, y, scratch);
            }
        }
    }

    /// Both gradients: adds to `dw`, and overwrites `dx` where there is one.
    pub fn backward(
        &mut self,
        x: &[f32],
        packed: &[f32],
        dy: &[f32],
        dx: Option<&mut [f32]>,
        dw: &mut [f32],
    ) {
        // Winograd's transforms of `dy` serve both.
        if let Convolution::Winograd(winograd, scratch) = self {
            return winograd.backward(arch(), packed, dy, Some((x, dw)), dx, scratch);
        }
        self.weight_gradient(x, packed, dy, dw);
        if let Some(dx) = dx {
            self.input_gradient(packed, dy, dx);
        }
    }

    /// Adds to `dw`.
    pub fn weight_gradient(&mut self, x: &[f32], packed: &[f32], dy: &[f32], dw: &mut [f32]) {
        match self {
            Convolution::Winograd(winograd, scratch) => {
                winograd.backward(arch(), packed, dy, Some((x, dw)), None, scratch);
            }
            Convolution::Direct(direct, scratch) => {
                direct.weight_gradient(arch(), x, dy, dw, scratch);
            }
            Convolution::Depthwise(depthwise, scratch) => {
                depthwise.weight_gradient(arch(), x, dy, dw, scratch);
            }
            Convolution::Im2col(im2col, scratch) => {
                im2col.weight_gradient(arch(), x, dy, dw, scratch);
            }
        }
    }

    /// Overwrites `dx`.
    pub fn input_gradient(&mut self, packed: &[f32], dy: &[f32], dx: &mut [f32]) {
        match self {
            Convolution::Winograd(winograd, scratch) => {
                winograd.backward(arch(), packed, dy, None, Some(dx), scratch);
            }
            Convolution::Direct(direct, scratch) => {
                direct.input_gradient(arch(), packed, dy, dx, scratch);
            }
            Convolution::Depthwise(depthwise, scratch) => {
                depthwise.input_gradient(arch(), packed, dy, dx, scratch);
            }
            Convolution::Im2col(im2col, scratch) => {
                im2col.input_gradient(arch(), packed, dy, dx, scratch);
            }
        }
    }
}
