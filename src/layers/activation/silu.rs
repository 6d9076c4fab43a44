//! SiLU: `x` times its sigmoid. With `s = σ(x)` and `s' = s·(1 - s)`, `(x·s)' = s + x·s·(1 - s) = s + y·(1 - s)`.

use serde::{Deserialize, Serialize};

use super::Elementwise;
use crate::kernels::math;

/// Sigmoid linear unit, also called Swish: `x` times the sigmoid of `x`.
///
/// ```text
/// y = x·σ(x)        dx = (σ(x) + y·(1 - σ(x)))·dy
/// ```
///
/// - **Plain twin**: [`reference::silu`](crate::reference::silu()), to read first.
/// - **Input**: any shape.
/// - **Output**: the same shape, of numbers above -0.28.
/// - **Parameters**: none.
/// - **Errors**: none.
/// - **Source**: S. Elfwing, E. Uchibe, K. Doya, "Sigmoid-weighted linear units for neural network
///   function approximation in reinforcement learning", 2017; P. Ramachandran, B. Zoph, Q. Le,
///   "Searching for activation functions", 2017.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert!((Silu.f(1.0) - 0.7310586).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silu;

impl Elementwise for Silu {
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        x * math::sigmoid(x)
    }
    #[inline(always)]
    fn derivative(&self, x: f32, y: f32) -> f32 {
        let s = math::sigmoid(x);
        s + y * (1.0 - s)
    }
}
