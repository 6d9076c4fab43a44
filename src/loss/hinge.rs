//! Hinge loss: a prediction that is right by a margin of 1 has no loss and no gradient.
//!
//! Each term is a ReLU of a line, so its gradient is that of the line where the margin is missed,
//! and 0 elsewhere. With several classes, each other class `j` within the margin of the right one has
//! the gradient `1/k`, and adds `-1/k` to that of the right one.

use super::{Loss, one_output_each_or_a_sign, sign_or_argmax};
use crate::data::{Target, TargetKind};
use crate::error::Mismatch;

/// Loss of support vector machines: 0 once the right class leads by 1.
///
/// ```text
/// one output, class c as s = 2c - 1:
/// l = max(0, 1 - s·z)        ∂l/∂z = -s where 1 - s·z > 0, else 0
///
/// k outputs, class c, margins mⱼ = 1 - z_c + zⱼ:
/// l = (1/k)·Σ max(0, mⱼ) over j ≠ c        ∂l/∂zⱼ = (1/k) where mⱼ > 0, else 0
///                                          ∂l/∂z_c = -Σ ∂l/∂zⱼ over j ≠ c
/// ```
///
/// - **Plain twin**: [`reference::hinge`](crate::reference::hinge()), to read first.
/// - **Prediction**: one score, above 0 for class 1; or a score for each of `k` classes.
/// - **Targets**: two classes for one output, `k` for `k`.
/// - **Errors**: refuses values as targets, and a model whose number of outputs is not that of the
///   classes, nor 1 for two classes.
/// - **Source**: C. Cortes, V. Vapnik, "Support-vector networks", Machine Learning 20, 1995; for `k`
///   classes J. Weston, C. Watkins, "Support vector machines for multi-class pattern recognition",
///   ESANN 1999, with PyTorch's factor `1/k`.
///
/// ```
/// use chainrule::prelude::*;
///
/// let digits = Mnist::sample().train.take(1000)?;
/// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
/// Trainer::new(Hinge, Adam::new(0.01)).batch_size(50).epochs(5).fit(&mut model, &digits)?;
/// assert!(model.evaluate(&digits, &Hinge)?.accuracy.unwrap() > 0.9);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hinge;

impl Loss for Hinge {
    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        if !targets.is_classes() {
            let fix = "make the set with `Arrays::with_classes`; `MeanSquaredError` takes values";
            return Err(Mismatch::new("classes as targets", fix));
        }
        one_output_each_or_a_sign(outputs, targets)
    }

    fn loss(&self, scores: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        // `check` refuses values.
        let Target::Class(class) = target else { return f32::NAN };
        if let [z] = *scores {
            let s = if class == 1 { 1.0 } else { -1.0 };
            let missed = missed(1.0 - s * z);
            if let Some(gradient) = gradient {
                gradient[0] = if missed == 0.0 { 0.0 } else { -s };
            }
            return missed;
        }
        let scale = 1.0 / scores.len() as f32;
        let others = || (0..scores.len()).filter(|&j| j != class);
        let missed = |j: usize| missed(1.0 - scores[class] + scores[j]);
        if let Some(gradient) = gradient {
            gradient[class] = 0.0;
            for j in others() {
                gradient[j] = if missed(j) == 0.0 { 0.0 } else { scale };
                gradient[class] -= gradient[j];
            }
        }
        others().map(missed).sum::<f32>() * scale
    }

    fn class(&self, scores: &[f32]) -> usize {
        sign_or_argmax(scores)
    }
}

/// Computes max(0, margin) and keeps NaN, which `f32::max` would turn into 0.
fn missed(margin: f32) -> f32 {
    if margin <= 0.0 { 0.0 } else { margin }
}
