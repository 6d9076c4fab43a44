//! ReLU: the identity above 0. At 0, where it has no derivative, `f'` is 0, as in all libraries. `f'`
//! depends on `y` alone, so a convolution that includes a ReLU needs to keep nothing else.

use serde::{Deserialize, Serialize};

use super::Elementwise;

/// Rectified linear unit: sets numbers below 0 to 0.
///
/// ```text
/// y = max(x, 0)        dx = dy   where x > 0, else 0
/// ```
///
/// - **Plain twin**: [`reference::relu`](crate::reference::relu()), to read first.
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
/// let y = model.predict(&array![[-1.0, 0.0, 2.0]])?;
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
