//! Recurrent layers: one rule for all steps, which hands a state from each step to the next.
//!
//! `sweep.rs` brings the steps of a batch into the order in which they are computed, `layer.rs` runs the sweeps
//! of both directions, and a [`Cell`] computes the steps: `simple_rnn.rs`, to read first, `lstm.rs` and `gru.rs`.
//!
//! # Backpropagation through time
//!
//! Unrolled, a recurrent layer is a deep network with one layer for each step, all of which share their weights.
//! With `aₜ = xₜ·W + hₜ·U + b` and `hₜ₊₁ = f(aₜ)`, the state `hₜ₊₁` has an influence on the loss in two ways: as
//! the output of step t, and by way of `aₜ₊₁`. So its gradient is a sum of two, and runs from the last step to the
//! first:
//!
//! ```text
//! dhₜ = dyₜ₋₁ + daₜ·Uᵀ        daₜ = dhₜ₊₁·f'(aₜ)
//! dW = Σₜ xₜᵀ·daₜ             dU = Σₜ hₜᵀ·daₜ        db = Σₜ daₜ        dxₜ = daₜ·Wᵀ
//! ```
//!
//! Only `hₜ·U` and `daₜ·Uᵀ` wait for each other. The rest is computed for all steps at once: `xₜ·W` before the
//! sweep, and the gradients of the weights and of the inputs after it.

mod cell;
mod gru;
mod layer;
mod lstm;
mod order;
mod settings;
mod simple_rnn;
mod sizes;
mod sweep;

pub use cell::Cell;
pub use gru::Gru;
pub use lstm::Lstm;
pub use settings::{Direction, Recurrent};
pub use simple_rnn::SimpleRnn;
