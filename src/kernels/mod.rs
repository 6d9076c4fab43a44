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
//! # A fast layer of your own
//!
//! The pieces that a dense layer consists of are public. Products of matrices read a matrix whose rows
//! are padded to a multiple of [`ALIGN`], which [`Layer::pack`](crate::layer::Layer::pack) writes once
//! for each change of the parameters:
//!
//! ```
//! use chainrule::kernels::{
//!     MatMul, MatMulTransposed, Onto, add_rows, flat, flat_mut, pad_rows, padded_len, transpose,
//! };
//! use chainrule::prelude::*;
//! use ndarray::{ArrayViewD, ArrayViewMutD};
//!
//! /// y = x·W + b
//! struct Linear(usize);
//!
//! impl Layer for Linear {
//!     type Cache = ();
//!
//!     fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
//!         match input {
//!             [_] => Ok(vec![self.0]),
//!             _ => Err(Mismatch::new("one axis of features", "add `Flatten` before it")),
//!         }
//!     }
//!     fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
//!         let weight = ParamSpec::new("weight", &[input[0], self.0], Init::GlorotUniform);
//!         vec![weight, ParamSpec::new("bias", &[self.0], Init::Zeros)]
//!     }
//!     fn new_cache(&self, _input: &[usize], _max_batch: usize) {}
//!
//!     // W, and Wᵀ for the gradient of the input.
//!     fn packed_len(&self, input: &[usize]) -> usize {
//!         padded_len(input[0], self.0) + padded_len(self.0, input[0])
//!     }
//!     fn pack(&self, input: &[usize], params: &[f32], packed: &mut [f32], _dx: bool) {
//!         let weight = &params[..input[0] * self.0];
//!         let (w, transposed) = packed.split_at_mut(padded_len(input[0], self.0));
//!         pad_rows(weight, self.0, w);
//!         transpose(weight, self.0, transposed);
//!     }
//!
//!     fn forward(&self, p: Params, x: ArrayViewD<f32>, mut y: ArrayViewMutD<f32>, _: &mut (), _: Pass) {
//!         let (inputs, outputs) = (x.shape()[1], self.0);
//!         let (w, bias) = (&p.packed[..padded_len(inputs, outputs)], &p.values[inputs * outputs..]);
//!         MatMul { x: flat(&x), inputs, w, onto: Onto::Bias(bias), y: flat_mut(&mut y), outputs }.run();
//!     }
//!     fn backward(&self, p: Params, saved: Saved<()>, dy: ArrayViewMutD<f32>,
//!                 dx: Option<ArrayViewMutD<f32>>, dparams: &mut [f32]) {
//!         let (inputs, outputs, dy) = (saved.x.shape()[1], self.0, flat(&dy));
//!         let (dw, db) = dparams.split_at_mut(inputs * outputs);
//!         MatMulTransposed { x: flat(&saved.x), inputs, dy, outputs, dw }.run();
//!         add_rows(dy, db);
//!         let Some(mut dx) = dx else { return };
//!         let (w, y) = (&p.packed[padded_len(inputs, outputs)..], flat_mut(&mut dx));
//!         MatMul { x: dy, inputs: outputs, w, onto: Onto::Zeros, y, outputs: inputs }.run();
//!     }
//! }
//!
//! gradcheck(&Linear(5), &[7], 3)?;
//! # Ok::<(), chainrule::Error>(())
//! ```
//!
//! Decisions, with what was measured, stand at the top of each file. Threads are nowhere in here:
//! a kernel is serial, and the [trainer](crate::trainer) runs several side by side.

// Counted loops over arrays of constant length are what becomes registers.
#![allow(clippy::needless_range_loop)]

mod algorithms;
pub(crate) mod aligned;
pub(crate) mod channels;
mod classes;
mod columns;
mod convolution;
pub(crate) mod correlate;
pub(crate) mod dense;
mod depthwise;
mod direct;
mod flat;
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

pub use classes::{argmax, softmax, top_k};
pub use correlate::ALIGN;
pub use dense::{MatMul, MatMulTransposed, Onto};
pub use flat::{flat, flat_mut};
pub use layout::{add_rows, pad_rows, padded_len, transpose};

pub(crate) use algorithms::Convolution;
pub(crate) use classes::{max, softmax_into};
pub(crate) use columns::Columns;
pub(crate) use convolution::{
    BackwardArgs, ConvPasses, ConvShape, ForwardArgs, KernelGradient, Weights,
};
pub(crate) use correlate::Correlate;
pub(crate) use layout::{add, relu_backward};
pub(crate) use outer::Outer;
pub(crate) use pool::{MaxBackward, MaxForward, MeanBackward, MeanForward, Pool};
pub(crate) use span::{Axis, Span};
