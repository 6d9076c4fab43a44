//! Mish: computed without the logarithm of its definition.
//!
//! `e^softplus(x) = 1 + eˣ`, so `t = tanh(softplus x) = ((1 + eˣ)² - 1)/((1 + eˣ)² + 1)`. In `e =
//! e^(-|x|)`, which never overflows, that is `t = n/d` with
//!
//! ```text
//! n = 1 + 2e,    d = n + 2e²    where x > 0
//! n = e² + 2e,   d = n + 2      else
//! ```
//!
//! and `t' = (1 - t²)·σ(x) = (d - n)·(d + n)/d²·σ(x)` is `4e·(1 + e)/d²`, times another `e` where
//! `x > 0`. No sum here has terms of both signs, so nothing cancels.

use serde::{Deserialize, Serialize};

use super::Elementwise;
use crate::kernels::math;

/// Mish: `x` times the tanh of its softplus.
///
/// ```text
/// y = x·t        t = tanh(ln(1 + eˣ))        dx = (t + x·(1 - t²)·σ(x))·dy
/// ```
///
/// - **Plain twin**: [`reference::mish`](crate::reference::mish()), to read first.
/// - **Input**: any shape.
/// - **Output**: the same shape, of numbers above -0.31.
/// - **Parameters**: none.
/// - **Errors**: none.
/// - **Source**: D. Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert!((Mish.f(1.0) - 0.8650984).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mish;

impl Mish {
    /// Computes e, n and d.
    #[inline(always)]
    fn parts(x: f32) -> (f32, f32, f32) {
        let e = math::exp(-x.abs());
        let (square, twice) = (e * e, 2.0 * e);
        let n = twice + if x > 0.0 { 1.0 } else { square };
        let d = n + if x > 0.0 { 2.0 * square } else { 2.0 };
        (e, n, d)
    }
}

impl Elementwise for Mish {
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        let (_, n, d) = Mish::parts(x);
        x * (n / d)
    }
    #[inline(always)]
    fn derivative(&self, x: f32, _y: f32) -> f32 {
        let (e, n, d) = Mish::parts(x);
        let slope = 4.0 * e * (1.0 + e) * if x > 0.0 { e } else { 1.0 } / (d * d);
        n / d + x * slope
    }
}
