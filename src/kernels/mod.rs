//! The engine room: the loops that all the time goes into.
//!
//! Read [`reference`](crate::reference) first: plain nested loops that define what is computed. Then
//! `dense.rs`, products of matrices in tiles of registers, the simplest of the fast loops.
//!
//! `convolution.rs` is the contract of the convolution algorithms, and `algorithms.rs` chooses one:
//!
//! - `direct.rs`, by the definition: `correlate.rs` (forward passes and input gradients) and `outer.rs`
//!   (weight gradients) are the same tiles over the pixels of images, `span.rs` keeps the padding's
//!   zeros out of them, and `grouped.rs` and `scatter.rs` fill vectors where channels are few;
//! - `winograd/`, with fewer products;
//! - `depthwise/`, for one filter per channel;
//! - `im2col.rs`, products of matrices, for all others with groups or dilation.
//!
//! `pool/`, `channels.rs`, `math.rs` and `sums.rs` are the rest.
//!
//! Decisions, with what was measured, stand at the top of each file. Threads are nowhere in here:
//! a kernel is serial, and the [trainer](crate::trainer) runs several side by side.

// Counted loops over arrays of constant length are what becomes registers.
#![allow(clippy::needless_range_loop)]

mod algorithms;
pub(crate) mod aligned;
pub(crate) mod channels;
mod convolution;
pub(crate) mod correlate;
pub(crate) mod dense;
mod depthwise;
mod direct;
mod grouped;
mod im2col;
pub(crate) mod layout;
pub mod math;
pub(crate) mod outer;
mod pixels;
pub(crate) mod pool;
mod scatter;
pub(crate) mod simd;
mod span;
pub(crate) mod sums;
pub(crate) mod tree;
pub(crate) mod winograd;

#[cfg(test)]
mod tests;

/// The SIMD level that the kernels of this process run at: `avx512`, `avx2`, `neon` or `scalar`.
///
/// It is the widest of the machine, unless `CHAINRULE_SIMD` in the environment names a narrower
/// one. All levels give the same bits.
pub fn simd_level() -> &'static str {
    simd::chosen().0
}

pub(crate) use algorithms::Convolution;
pub(crate) use convolution::{
    BackwardArgs, ConvPasses, ConvShape, ForwardArgs, KernelGradient, Weights,
};
pub(crate) use correlate::{ALIGN, Correlate};
pub(crate) use dense::{MatMul, MatMulTransposed};
pub(crate) use layout::{add, add_rows, pad_rows, relu_backward, transpose};
pub(crate) use outer::Outer;
pub(crate) use pool::{MaxBackward, MaxForward, MeanBackward, MeanForward, Pool};
pub(crate) use span::{Axis, Span};
