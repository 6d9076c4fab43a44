//! Softmax and cross-entropy in one: the loss of classification.
//!
//! Computed one after the other, the two are neither simple nor safe: the Jacobian of softmax is a full
//! matrix, and `ln p` of a probability that rounds to 0 is -∞. Computed together,
//!
//! ```text
//! -ln pⱼ = ln Σₖ exp zₖ - zⱼ = ln Σₖ exp(zₖ - m) + (m - zⱼ)        with m = max z
//! ```
//!
//! is finite and precise for logits of any size. As the derivative of `ln Σ exp` is softmax, the gradient
//! is the difference between the predicted and the true distribution.

use super::{Loss, Outputs, is_distribution, one_output_each_of_classes};
use crate::data::{Target, TargetKind};
use crate::error::Mismatch;
use crate::kernels::math::{exp, ln};
use crate::kernels::simd::arch;
use crate::kernels::{max, softmax_into};

/// Cross-entropy of the softmax of the model's outputs, which are logits: the model needs no
/// `Softmax` layer at its end.
///
/// ```text
/// l = -Σⱼ tⱼ·ln pⱼ, with p = softmax(z)        = ln Σₖ exp zₖ - z_c  for a class c
/// ∂l/∂z = p·Σⱼ tⱼ - t                          = p - onehot(c)       for a class c
/// ```
///
/// - **Plain twin**: [`reference::softmax_cross_entropy`](crate::reference::softmax_cross_entropy()), to read first.
/// - **Prediction**: `k` logits.
/// - **Targets**: `k` classes, or distributions of `k` values.
/// - **Errors**: refuses a model whose number of outputs is not that of the target's values or classes.
/// - **Source**: C. Bishop, "Pattern Recognition and Machine Learning", 2006, section 4.3.4.
///
/// ```
/// use chainrule::prelude::*;
///
/// let mut gradient = [0.0; 2];
/// let l = SoftmaxCrossEntropy.loss(&[3.0, 3.0], Target::Class(1), Some(&mut gradient));
/// assert!((l - 2f32.ln()).abs() < 1e-6);
/// assert_eq!(gradient, [0.5, -0.5]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoftmaxCrossEntropy;

impl Loss for SoftmaxCrossEntropy {
    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        if outputs == 1 && !targets.is_classes() {
            let fix = "use `BinaryCrossEntropy`: the softmax of a single output is always 1";
            return Err(Mismatch::new("at least 2 outputs", fix));
        }
        one_output_each_of_classes(outputs, targets)
    }

    fn check_values(&self, values: &[f32]) -> Result<(), Mismatch> {
        is_distribution(values)
    }

    fn loss(&self, logits: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        let m = max(logits);
        let sum = match gradient {
            Some(gradient) => {
                let sum = softmax_into(logits, gradient);
                match target {
                    Target::Class(class) => gradient[class] -= 1.0,
                    Target::Classes(_) => return f32::NAN,
                    Target::Values(t) => {
                        let total: f32 = t.iter().sum();
                        for (g, t) in gradient.iter_mut().zip(t) {
                            *g = *g * total - t;
                        }
                    }
                }
                sum
            }
            None => arch().dispatch(
                #[inline(always)]
                || logits.iter().map(|&z| exp(z - m)).sum(),
            ),
        };
        let minus_ln_p = |z: f32| ln(sum) + (m - z);
        match target {
            Target::Class(class) => minus_ln_p(logits[class]),
            Target::Classes(_) => f32::NAN,
            Target::Values(t) => t.iter().zip(logits).map(|(t, &z)| t * minus_ln_p(z)).sum(),
        }
    }

    fn outputs(&self) -> Outputs {
        Outputs::Softmax
    }
}
