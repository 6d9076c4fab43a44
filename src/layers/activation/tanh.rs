//! Tanh: the sigmoid, scaled to -1..1 and centred on 0, `tanh x = 2σ(2x) - 1`, so that the mean of the
//! next layer's inputs is near 0.

use serde::{Deserialize, Serialize};

use super::Elementwise;
use crate::kernels::math;

/// Hyperbolic tangent.
///
/// ```text
/// y = tanh x        dx = (1 - y²)·dy
/// ```
///
/// - **Plain twin**: [`reference::tanh`](crate::reference::tanh()), to read first.
/// - **Input**: any shape.
/// - **Output**: the same shape, of numbers in -1..1.
/// - **Parameters**: none.
/// - **Errors**: none.
/// - **Source**: Y. LeCun et al., "Efficient BackProp", 1998, which prefers it to the logistic
///   sigmoid because it is centred on 0.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(Tanh.f(0.0), 0.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tanh;

impl Elementwise for Tanh {
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        math::tanh(x)
    }
    #[inline(always)]
    fn derivative(&self, _x: f32, y: f32) -> f32 {
        1.0 - y * y
    }
}
