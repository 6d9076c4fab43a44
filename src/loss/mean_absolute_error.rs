//! Mean absolute error: regression that is robust against outliers among the targets.
//!
//! The gradient has the same size for every error, so the best constant prediction is the median of the
//! targets, where that of the squared error is their mean. At a difference of 0 there is a kink; any
//! slope between those of its two sides is valid, and the code uses 0.

use super::{Loss, one_output_each_value, wanted};
use crate::data::{Target, TargetKind};
use crate::error::Mismatch;

/// Mean of the absolute differences between `k` predictions and their targets.
///
/// ```text
/// l = (1/k)·Σⱼ |pⱼ - tⱼ|        ∂l/∂pⱼ = (1/k)·sign(pⱼ - tⱼ), with sign(0) = 0
/// ```
///
/// - **Plain twin**: [`reference::mean_absolute_error`](crate::reference::mean_absolute_error()), to read first.
/// - **Prediction**: any `k` numbers.
/// - **Targets**: `k` values; with [`one_hot`](Self::one_hot), `k` classes.
/// - **Errors**: refuses classes as targets, and a model whose number of outputs is not that of the
///   target's values.
/// - **Source**: T. Hastie, R. Tibshirani, J. Friedman, "The Elements of Statistical Learning",
///   2009, section 10.6.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let mut gradient = [0.0; 3];
/// let l = MeanAbsoluteError.loss(&[1.0, 4.0, 7.0], Target::Values(&[7.0; 3]), Some(&mut gradient));
/// assert_eq!((l, gradient), (3.0, [-1.0 / 3.0, -1.0 / 3.0, 0.0]));
///
/// // The best constant for 1, 2 and 90 is their median.
/// let data = Arrays::new(array![[0.0], [0.0], [0.0]], array![[1.0], [2.0], [90.0]])?;
/// let mut model = Sequential::new([1]).add(Dense::new(1))?;
/// Trainer::new(MeanAbsoluteError, Adam::new(0.05)).epochs(200).fit(&mut model, &data)?;
/// let y = model.predict(&array![[0.0]])?;
/// assert!((y[[0, 0]] - 2.0).abs() < 0.1);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeanAbsoluteError;

impl Loss for MeanAbsoluteError {
    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        one_output_each_value(outputs, targets)
    }

    fn loss(&self, prediction: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        let scale = 1.0 / prediction.len() as f32;
        let difference = |j: usize| prediction[j] - wanted(target, j);
        if let Some(gradient) = gradient {
            for (j, g) in gradient.iter_mut().enumerate() {
                let d = difference(j);
                // `signum` of ±0 is ±1, and the gradient there is 0. NaN stays NaN.
                *g = scale * if d == 0.0 { 0.0 } else { d.signum() };
            }
        }
        (0..prediction.len()).map(|j| difference(j).abs()).sum::<f32>() * scale
    }
}
