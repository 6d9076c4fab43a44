//! Huber's loss: the squared error for small differences, the absolute error for large ones.
//!
//! The line continues the parabola where both have the slope `δ` and the same value:
//! `δ·(|d| - ½δ) = ½d²` at `|d| = δ`. So the gradient is the difference itself, clipped to `-δ..δ`, and
//! has no jump.

use super::{Loss, one_output_each_value, wanted};
use crate::data::{Target, TargetKind};
use crate::error::Mismatch;

/// Mean of a function of the differences between `k` predictions and their targets: a parabola up to
/// `±δ`, and straight lines beyond.
///
/// ```text
/// l = (1/k)·Σⱼ h(pⱼ - tⱼ)        ∂l/∂pⱼ = (1/k)·clip(pⱼ - tⱼ, -δ, δ)
///
/// h(d) = ½d²             for |d| ≤ δ
///        δ·(|d| - ½δ)    beyond
/// ```
///
/// - **Plain twin**: [`reference::huber`](crate::reference::huber()), to read first.
/// - **Prediction**: any `k` numbers.
/// - **Targets**: `k` values; with [`one_hot`](Self::one_hot), `k` classes.
/// - **Errors**: refuses a `δ` that is not finite and above 0, classes as targets, and a model whose
///   number of outputs is not that of the target's values.
/// - **Source**: P. Huber, "Robust estimation of a location parameter", Annals of Mathematical
///   Statistics 35, 1964.
///
/// ```
/// use chainrule::prelude::*;
///
/// let mut gradient = [0.0; 2];
/// let l = Huber::new(1.0).loss(&[0.5, 9.0], Target::Values(&[0.0, 0.0]), Some(&mut gradient));
/// assert_eq!(l, (0.125 + 8.5) / 2.0);
/// assert_eq!(gradient, [0.25, 0.5]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Huber {
    delta: f32,
}

impl Huber {
    /// Creates the loss that is quadratic up to `delta` and linear beyond.
    pub fn new(delta: f32) -> Self {
        Huber { delta }
    }
}

impl Loss for Huber {
    fn name(&self) -> String {
        format!("Huber({})", self.delta)
    }

    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        if !(self.delta.is_finite() && self.delta > 0.0) {
            let fix = format!("`Huber::new` got {}", self.delta);
            return Err(Mismatch::new("a finite δ above 0", fix));
        }
        one_output_each_value(outputs, targets)
    }

    fn loss(&self, prediction: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        let (scale, delta) = (1.0 / prediction.len() as f32, self.delta);
        let difference = |j: usize| prediction[j] - wanted(target, j);
        if let Some(gradient) = gradient {
            for (j, g) in gradient.iter_mut().enumerate() {
                *g = scale * difference(j).clamp(-delta, delta);
            }
        }
        let h = |d: f32| {
            if d.abs() <= delta { 0.5 * d * d } else { delta * (d.abs() - 0.5 * delta) }
        };
        (0..prediction.len()).map(|j| h(difference(j))).sum::<f32>() * scale
    }
}
