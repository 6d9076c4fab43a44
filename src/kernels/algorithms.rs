//! The choice of an algorithm for a convolution.
//!
//! | convolution | algorithm |
//! | --- | --- |
//! | one filter per channel | [`Depthwise`] |
//! | any other with groups or dilation | [`Im2col`] |
//! | 3×3 at stride 1, channels and filters in whole vectors, and more than 16 of one of them | [`Winograd`] |
//! | any other | [`Direct`] |
//!
//! For 16 channels and 16 filters, Winograd's algorithm saves less than its transforms cost: with
//! [`Direct`], an epoch of `mnist_resnet`, which has two such convolutions, takes 0.94 of the time.
//!
//! A new algorithm is a file that implements [`Algorithm`], a variant here, and its row in
//! [`Convolution::new`] and [`Convolution::algorithm`].

use super::convolution::{Algorithm, ConvShape};
use super::depthwise::Depthwise;
use super::direct::Direct;
use super::im2col::Im2col;
use super::winograd::Winograd;

/// A convolution of one shape, by the algorithm that is fastest for it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Convolution {
    Depthwise(Depthwise),
    Im2col(Im2col),
    Winograd(Winograd),
    Direct(Direct),
}

impl Convolution {
    pub fn new(shape: ConvShape) -> Self {
        let ConvShape { rows, cols, channels, filters, groups } = shape;
        let depthwise = groups == channels && groups == filters && channels > 1;
        let dilated = rows.dilation > 1 || cols.dilation > 1;
        match Winograd::new(shape) {
            _ if depthwise => Convolution::Depthwise(Depthwise::new(shape)),
            _ if groups > 1 || dilated => Convolution::Im2col(Im2col::new(shape)),
            Some(winograd) if channels.max(filters) > 16 => Convolution::Winograd(winograd),
            _ => Convolution::Direct(Direct::new(shape)),
        }
    }

    pub fn algorithm(&self) -> &dyn Algorithm {
        match self {
            Convolution::Depthwise(depthwise) => depthwise,
            Convolution::Im2col(im2col) => im2col,
            Convolution::Winograd(winograd) => winograd,
            Convolution::Direct(direct) => direct,
        }
    }
}
