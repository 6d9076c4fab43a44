//! Sigmoid: the logistic function. With `y = 1/(1 + e⁻ˣ)`, `dy/dx = e⁻ˣ/(1 + e⁻ˣ)² = y·(1 - y)`: the backward pass needs no
//! exponential.

use serde::{Deserialize, Serialize};

use super::Elementwise;
use crate::kernels::math;

/// Logistic sigmoid: turns each number into a probability.
///
/// ```text
/// y = 1/(1 + e⁻ˣ)        dx = y·(1 - y)·dy
/// ```
///
/// - **Plain twin**: [`reference::sigmoid`](crate::reference::sigmoid()), to read first.
/// - **Input**: any shape.
/// - **Output**: the same shape, of numbers in 0..1.
/// - **Parameters**: none.
/// - **Errors**: none.
/// - **Source**: D. Rumelhart, G. Hinton, R. Williams, "Learning representations by
///   back-propagating errors", Nature 323, 1986.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(Sigmoid.f(0.0), 0.5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sigmoid;

impl Elementwise for Sigmoid {
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        math::sigmoid(x)
    }
    #[inline(always)]
    fn derivative(&self, _x: f32, y: f32) -> f32 {
        y * (1.0 - y)
    }
}
