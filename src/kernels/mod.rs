//! The engine room: the loops that all the time goes into.
//!
//! Read [`reference`](crate::reference) first: plain nested loops that say what is computed. Then
//! `dense.rs`, products of matrices in tiles of registers, the simplest of the fast loops. A
//! convolution is either
//!
//! - `direct.rs`, by its definition: `correlate.rs` (forward passes and input gradients) and
//!   `outer.rs` (weight gradients) are the same tiles over the pixels of images, `span.rs` keeps the
//!   padding's zeros out of them, and `grouped.rs` and `scatter.rs` fill vectors where channels are
//!   few;
//! - `winograd/`, which gets by with fewer products;
//! - `depthwise/`, for a filter a channel; or
//! - `im2col.rs`, products of matrices, for whatever else has groups or dilation.
//!
//! `convolution.rs` says which. `pool/`, `math.rs` and `sums.rs` are the rest.
//!
//! Decisions, with what was measured, stand at the top of each file. Threads are nowhere in here:
//! a kernel is serial, and the [trainer](crate::trainer) runs several side by side.

// Counted loops over arrays of constant length are what becomes registers.
#![allow(clippy::needless_range_loop)]

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

pub(crate) use convolution::{Algorithm, ConvShape, Convolution};
pub(crate) use correlate::{ALIGN, Correlate};
pub(crate) use dense::{Multiply, MultiplyTransposed};
pub(crate) use direct::{Direct, DirectScratch};
pub(crate) use layout::{add, add_rows, close_gate, pad_rows, transpose};
pub(crate) use outer::Outer;
pub(crate) use pool::{MaxBackward, MaxForward, MeanBackward, MeanForward, Pool};
pub(crate) use span::{Axis, Span};
pub(crate) use winograd::{Winograd, WinogradScratch};
