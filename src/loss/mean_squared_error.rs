//! Mean squared error: the loss of regression.
//!
//! It follows from maximum likelihood where targets are distributed normally around the truth: `-ln` of
//! the density is the squared difference, up to constants.

use super::{Loss, one_output_each_value, wanted};
use crate::data::{Target, TargetKind};
use crate::error::Mismatch;

/// Mean of the squared differences between `k` predictions and their targets.
///
/// ```text
/// l = (1/k)·Σⱼ (pⱼ - tⱼ)²        ∂l/∂pⱼ = (2/k)·(pⱼ - tⱼ)
/// ```
///
/// - **Plain twin**: [`reference::mean_squared_error`](crate::reference::mean_squared_error()), to read first.
/// - **Prediction**: any `k` numbers.
/// - **Targets**: `k` values; with [`one_hot`](Self::one_hot), `k` classes.
/// - **Errors**: refuses classes as targets, and a model whose number of outputs is not that of the
///   target's values.
/// - **Source**: C. Bishop, "Pattern Recognition and Machine Learning", 2006, section 5.2.
///
/// ```
/// use chainrule::prelude::*;
///
/// let mut gradient = [0.0; 2];
/// let l = MeanSquaredError.loss(&[1.0, 3.0], Target::Values(&[1.0, 1.0]), Some(&mut gradient));
/// assert_eq!(l, 2.0);
/// assert_eq!(gradient, [0.0, 2.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeanSquaredError;

impl Loss for MeanSquaredError {
    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        one_output_each_value(outputs, targets)
    }

    fn loss(&self, prediction: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        let scale = 1.0 / prediction.len() as f32;
        let difference = |j: usize| prediction[j] - wanted(target, j);
        if let Some(gradient) = gradient {
            for (j, g) in gradient.iter_mut().enumerate() {
                *g = 2.0 * scale * difference(j);
            }
        }
        (0..prediction.len()).map(|j| difference(j) * difference(j)).sum::<f32>() * scale
    }
}
