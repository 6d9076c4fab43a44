//! Softplus: a smooth ReLU. `eˣ` would overflow for large `x`; as `1 + eˣ = eˣ·(1 + e⁻ˣ)`, the logarithm
//! is `max(x, 0) + ln(1 + e^(-|x|))` on both sides of 0.

use serde::{Deserialize, Serialize};

use super::Elementwise;
use crate::kernels::math;

/// Softplus: a smooth ReLU.
///
/// ```text
/// y = ln(1 + eˣ)        dx = σ(x)·dy
/// ```
///
/// - **Plain twin**: [`reference::softplus`](crate::reference::softplus()), to read first.
/// - **Input**: any shape.
/// - **Output**: the same shape, of numbers above 0.
/// - **Parameters**: none.
/// - **Errors**: none.
/// - **Source**: C. Dugas et al., "Incorporating second-order functional knowledge for better
///   option pricing", NeurIPS 2000.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(Softplus.f(0.0), 2f32.ln());
/// assert_eq!(Softplus.f(1000.0), 1000.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Softplus;

impl Elementwise for Softplus {
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        let above = if x > 0.0 { x } else { 0.0 };
        above + math::ln_1p(math::exp(-x.abs()))
    }
    #[inline(always)]
    fn derivative(&self, x: f32, _y: f32) -> f32 {
        math::sigmoid(x)
    }
}
