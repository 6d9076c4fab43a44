//! ReLU: half of the line is let through. At 0, where it has no slope, we take 0, as all libraries
//! do. `f'` looks at `y` alone, so that a convolution that has taken a ReLU over needs no more.

use serde::{Deserialize, Serialize};

use super::Elementwise;

/// Rectified linear unit: what is below 0 becomes 0.
///
/// ```text
/// y = max(x, 0)        dx = dy   where x > 0, else 0
/// ```
///
/// - **Input**: any shape.
/// - **Output**: the same shape.
/// - **Parameters**: none.
/// - **Errors**: none.
/// - **Source**: V. Nair, G. Hinton, "Rectified linear units improve restricted Boltzmann
///   machines", ICML 2010.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let model = Sequential::new([3]).add(Relu)?;
/// let y = model.predict(array![[-1.0, 0.0, 2.0]].into_dyn().view())?;
/// assert_eq!(y, array![[0.0, 0.0, 2.0]].into_dyn());
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relu;

impl Elementwise for Relu {
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        // Not `x.max(0.0)`, which would turn NaN into 0 and hide it.
        if x < 0.0 { 0.0 } else { x }
    }
    #[inline(always)]
    fn derivative(&self, _x: f32, y: f32) -> f32 {
        if y > 0.0 { 1.0 } else { 0.0 }
    }
}
