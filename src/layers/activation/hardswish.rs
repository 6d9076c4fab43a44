//! Hardswish: SiLU with straight lines instead of the sigmoid, `(x + 3)/6` clipped to 0..1. At the two
//! kinks the derivative is the slope of the outer side.

use serde::{Deserialize, Serialize};

use super::Elementwise;

/// Hard swish: [`Silu`](crate::layers::Silu) without an exponential.
///
/// ```text
/// y = 0              dx = 0                  where x ≤ -3
/// y = x·(x + 3)/6    dx = (2x + 3)/6·dy      between
/// y = x              dx = dy                 where x ≥ 3
/// ```
///
/// - **Plain twin**: [`reference::hardswish`](crate::reference::hardswish()), to read first.
/// - **Input**: any shape.
/// - **Output**: the same shape, of numbers of at least -0.375.
/// - **Parameters**: none.
/// - **Errors**: none.
/// - **Source**: A. Howard et al., "Searching for MobileNetV3", ICCV 2019.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!([-4.0, -1.5, 0.0, 3.0].map(|x| Hardswish.f(x)), [0.0, -0.375, 0.0, 3.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hardswish;

impl Elementwise for Hardswish {
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        let y = if x <= -3.0 { 0.0 } else { x * (x + 3.0) / 6.0 };
        if x >= 3.0 { x } else { y }
    }
    #[inline(always)]
    fn derivative(&self, x: f32, _y: f32) -> f32 {
        let slope = if x <= -3.0 { 0.0 } else { (2.0 * x + 3.0) / 6.0 };
        if x >= 3.0 { 1.0 } else { slope }
    }
}
