//! ELU: an exponential below 0. There, `dy/dx = α·eˣ = y + α`: the backward pass needs no exponential. `eˣ - 1` is computed
//! as one function, because near 0 the subtraction would lose all precision.

use serde::{Deserialize, Serialize};

use super::Elementwise;
use crate::kernels::math;
use crate::layer::Mismatch;

/// Exponential linear unit: bends smoothly towards `-α`.
///
/// ```text
/// y = x            dx = dy             where x > 0
/// y = α·(eˣ - 1)   dx = (y + α)·dy     else
/// ```
///
/// - **Plain twin**: [`reference::elu`](crate::reference::elu()), to read first.
/// - **Input**: any shape.
/// - **Output**: the same shape, of numbers above `-α`.
/// - **Parameters**: none.
/// - **Errors**: an `α` that is not above 0 and finite.
/// - **Source**: D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and accurate deep network
///   learning by exponential linear units (ELUs)", ICLR 2016.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(Elu::new(1.0).f(-1e-8), -1e-8);
/// assert_eq!(Elu::new(2.0).f(-1000.0), -2.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Elu {
    alpha: f32,
}

impl Elu {
    /// Creates a layer that bends towards `-alpha`; 1 makes the slope continuous, and is usual.
    pub fn new(alpha: f32) -> Self {
        Elu { alpha }
    }
}

impl Elementwise for Elu {
    fn label(&self) -> String {
        format!("Elu({})", self.alpha)
    }
    fn check(&self) -> Result<(), Mismatch> {
        if !(self.alpha > 0.0 && self.alpha.is_finite()) {
            return Err(Mismatch::new("a finite alpha above 0", "1 is usual"));
        }
        Ok(())
    }
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        if x > 0.0 { x } else { self.alpha * math::exp_m1(x) }
    }
    #[inline(always)]
    fn derivative(&self, x: f32, y: f32) -> f32 {
        if x > 0.0 { 1.0 } else { y + self.alpha }
    }
}
