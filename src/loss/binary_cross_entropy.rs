//! Binary cross-entropy: a decision between yes and no, for each output by itself.
//!
//! With `p = σ(z)`, a single output's loss is `-t·ln p - (1 - t)·ln(1 - p)`. From `ln σ(z) =
//! -softplus(-z)` and `1 - σ(z) = σ(-z)` that is
//!
//! ```text
//! t·softplus(-z) + (1 - t)·softplus(z) = softplus(z) - t·z = max(z, 0) - t·z + ln(1 + exp(-|z|))
//! ```
//!
//! and in this last form nothing overflows, and no probability rounds to 0 before its logarithm is
//! taken. The derivative of softplus is σ, so the gradient is `σ(z) - t`.

use super::{Loss, Outputs, one_output_each_or_a_sign, sign_or_argmax, wanted};
use crate::data::{Target, TargetKind};
use crate::error::Mismatch;
use crate::kernels::math::{exp, ln_1p, sigmoid};
use crate::kernels::simd::arch;

/// Cross-entropy of the logistic function of the model's outputs, which are logits: the model needs
/// no `Sigmoid` layer at its end. The mean over its `k` outputs.
///
/// ```text
/// l = (1/k)·Σⱼ [-tⱼ·ln σ(zⱼ) - (1 - tⱼ)·ln(1 - σ(zⱼ))]        ∂l/∂zⱼ = (1/k)·(σ(zⱼ) - tⱼ)
/// ```
///
/// - **Plain twin**: [`reference::binary_cross_entropy`](crate::reference::binary_cross_entropy()), to read first.
/// - **Prediction**: `k` logits; a single one above 0 means class 1.
/// - **Targets**: `k` values in 0..1, any number of which may be 1: labels that do not exclude each
///   other. Or two classes for a single output. Or `k` classes for `k` outputs: 1 for its own
///   output and 0 for the others.
/// - **Errors**: refuses a model whose number of outputs is not that of the target's values or
///   classes, nor 1 for two classes.
/// - **Source**: C. Bishop, "Pattern Recognition and Machine Learning", 2006, section 4.3.2.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]].into_dyn();
/// let xor = Arrays::new(x.clone(), array![[0.0], [1.0], [1.0], [0.0]])?;
/// let mut model = Sequential::new([2]).add(Dense::new(8))?.add(Tanh)?.add(Dense::new(1))?;
/// Trainer::new(BinaryCrossEntropy, Adam::new(0.05)).epochs(200).fit(&mut model, &xor)?;
/// let yes = model.predict(&x)?.mapv(|logit| logit > 0.0);
/// assert_eq!(yes, array![[false], [true], [true], [false]].into_dyn());
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BinaryCrossEntropy;

impl Loss for BinaryCrossEntropy {
    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        one_output_each_or_a_sign(outputs, targets)
    }

    fn check_values(&self, values: &[f32]) -> Result<(), Mismatch> {
        if values.iter().all(|value| (0.0..=1.0).contains(value)) {
            return Ok(());
        }
        let fix = "turn -1 into 0, divide bytes by 255, and give numbers of classes to \
                   `Arrays::with_classes`";
        Err(Mismatch::new("probabilities from 0 to 1", fix))
    }

    fn loss(&self, logits: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        let scale = 1.0 / logits.len() as f32;
        let t = |j: usize| match target {
            Target::Class(class) if logits.len() == 1 => class as f32,
            target => wanted(target, j),
        };
        arch().dispatch(
            #[inline(always)]
            || {
                if let Some(gradient) = gradient {
                    for (j, (g, &z)) in gradient.iter_mut().zip(logits).enumerate() {
                        *g = scale * (sigmoid(z) - t(j));
                    }
                }
                let l = |(j, &z): (usize, &f32)| z.max(0.0) - t(j) * z + ln_1p(exp(-z.abs()));
                logits.iter().enumerate().map(l).sum::<f32>() * scale
            },
        )
    }

    fn class(&self, logits: &[f32]) -> usize {
        sign_or_argmax(logits)
    }

    fn outputs(&self) -> Outputs {
        Outputs::Sigmoid
    }
}
