//! Leaky ReLU: a small slope below 0. A unit whose ReLU is 0 for all inputs has no gradient any more;
//! this one still has.

use serde::{Deserialize, Serialize};

use super::Elementwise;
use crate::layer::Mismatch;

/// Leaky ReLU: multiplies numbers below 0 by a small slope.
///
/// ```text
/// y = x    dx = dy           where x > 0
/// y = s·x  dx = s·dy         else, with the slope s
/// ```
///
/// - **Plain twin**: [`reference::leaky_relu`](crate::reference::leaky_relu()), to read first.
/// - **Input**: any shape.
/// - **Output**: the same shape.
/// - **Parameters**: none; [`Prelu`](crate::layers::Prelu) learns the slope.
/// - **Errors**: a slope that is not finite.
/// - **Source**: A. Maas, A. Hannun, A. Ng, "Rectifier nonlinearities improve neural network
///   acoustic models", ICML 2013.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(LeakyRelu::new(0.1).f(-2.0), -0.2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LeakyRelu {
    slope: f32,
}

impl LeakyRelu {
    /// Creates a layer with this slope for negative inputs, usually 0.01 to 0.3.
    pub fn new(slope: f32) -> Self {
        LeakyRelu { slope }
    }
}

impl Elementwise for LeakyRelu {
    fn label(&self) -> String {
        format!("LeakyRelu({})", self.slope)
    }
    fn check(&self) -> Result<(), Mismatch> {
        if !self.slope.is_finite() {
            return Err(Mismatch::new("a finite slope", "0.01 to 0.3 is usual"));
        }
        Ok(())
    }
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        if x > 0.0 { x } else { self.slope * x }
    }
    #[inline(always)]
    fn derivative(&self, x: f32, _y: f32) -> f32 {
        if x > 0.0 { 1.0 } else { self.slope }
    }
}
