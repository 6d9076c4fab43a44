//! GELU: x, times the probability that a normal number is below it.
//!
//! The derivative is `(x·Φ)' = Φ + x·φ`, since `Φ' = φ`. The form `½·(1 + erf(x/√2))` of Φ cancels below 0; the kernel
//! computes that tail directly.
//!
//! The approximation replaces `Φ(x)` by `½·(1 + tanh u)`, which is `σ(2u)`: the sigmoid does not
//! cancel below 0 either.

use serde::{Deserialize, Serialize};

use super::Elementwise;
use crate::kernels::math;

/// Gaussian error linear unit: `x` times the probability that a normal number is below `x`.
///
/// ```text
/// y = x·Φ(x)        dx = (Φ(x) + x·φ(x))·dy
/// Φ(x) = ½·(1 + erf(x/√2))        φ(x) = exp(-x²/2)/√(2π)
/// ```
///
/// - **Plain twin**: [`reference::gelu`](crate::reference::gelu()), to read first.
/// - **Input**: any shape.
/// - **Output**: the same shape, of numbers above -0.17.
/// - **Parameters**: none.
/// - **Errors**: none.
/// - **Source**: D. Hendrycks, K. Gimpel, "Gaussian error linear units (GELUs)", 2016.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert!((Gelu.f(1.0) - 0.8413447).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gelu;

impl Elementwise for Gelu {
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        x * math::normal_cdf(x)
    }
    #[inline(always)]
    fn derivative(&self, x: f32, _y: f32) -> f32 {
        math::normal_cdf(x) + x * math::normal_pdf(x)
    }
}

/// Approximation of [`Gelu`] with tanh, with which GPT-2 and BERT were trained; the difference is at
/// most 0.0005.
///
/// ```text
/// y = ½·x·(1 + tanh u) = x·s        u = √(2/π)·(x + 0.044715·x³)        s = σ(2u)
/// dx = (s + x·s·(1 - s)·2u')·dy     u' = √(2/π)·(1 + 3·0.044715·x²)
/// ```
///
/// - **Plain twin**: [`reference::gelu_tanh`](crate::reference::gelu_tanh()), to read first.
/// - **Input**: any shape.
/// - **Output**: the same shape, of numbers above -0.18.
/// - **Parameters**: none.
/// - **Errors**: none.
/// - **Source**: D. Hendrycks, K. Gimpel, "Gaussian error linear units (GELUs)", 2016.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert!((GeluTanh.f(1.0) - 0.841192).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeluTanh;

/// 2·√(2/π)
const TWICE_SQRT_2_BY_PI: f32 = 1.595_769;
const CUBIC: f32 = 0.044_715;

impl GeluTanh {
    /// Computes σ(2u).
    #[inline(always)]
    fn share(x: f32) -> f32 {
        math::sigmoid(TWICE_SQRT_2_BY_PI * x * (CUBIC * x * x + 1.0))
    }
}

impl Elementwise for GeluTanh {
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        x * GeluTanh::share(x)
    }
    #[inline(always)]
    fn derivative(&self, x: f32, _y: f32) -> f32 {
        // Beyond ±11 the share is 0 or 1, and x² might overflow against it.
        let x = if x > 11.0 { 11.0 } else { x };
        let x = if x < -11.0 { -11.0 } else { x };
        let share = GeluTanh::share(x);
        let slope = TWICE_SQRT_2_BY_PI * (3.0 * CUBIC * x * x + 1.0);
        share + x * share * (1.0 - share) * slope
    }
}
