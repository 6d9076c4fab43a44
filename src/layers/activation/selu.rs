//! SELU: the ELU, scaled by λ, that preserves mean 0 and variance 1. The two constants solve
//! `E[y] = 0`, `E[y²] = 1` for a normal `x`, so deep stacks of dense layers keep their scale without
//! normalization layers.

use serde::{Deserialize, Serialize};

use super::Elementwise;
use crate::kernels::math;

/// λ
const SCALE: f32 = 1.050_701;
/// λ·α
const FLOOR: f32 = 1.758_099_3;

/// Scaled exponential linear unit: keeps activations at mean 0 and variance 1.
///
/// ```text
/// y = λ·x              dx = λ·dy              where x > 0
/// y = λ·α·(eˣ - 1)     dx = (y + λ·α)·dy      else, with λ = 1.0507, α = 1.6733
/// ```
///
/// - **Plain twin**: [`reference::selu`](crate::reference::selu()), to read first.
/// - **Input**: any shape.
/// - **Output**: the same shape, of numbers above `-λ·α`.
/// - **Parameters**: none.
/// - **Errors**: none.
/// - **Source**: G. Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(Selu.f(1.0), 1.050701);
/// assert_eq!(Selu.f(-1000.0), -1.7580993);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selu;

impl Elementwise for Selu {
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        if x > 0.0 { SCALE * x } else { FLOOR * math::exp_m1(x) }
    }
    #[inline(always)]
    fn derivative(&self, x: f32, y: f32) -> f32 {
        if x > 0.0 { SCALE } else { y + FLOOR }
    }
}
