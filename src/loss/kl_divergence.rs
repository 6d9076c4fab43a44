//! Kullback-Leibler divergence: the cross-entropy above that of a perfect prediction.
//!
//! It is the cross-entropy less the entropy of the target, which no prediction changes: the gradients
//! are the same, but the loss of a perfect prediction is 0, so the loss measures the remaining error.

use super::{Loss, Outputs, SoftmaxCrossEntropy};
use crate::data::{Target, TargetKind};
use crate::error::Mismatch;
use crate::kernels::math::ln;

/// Divergence of the softmax of the model's outputs, which are logits, from a target distribution.
///
/// ```text
/// l = Σⱼ tⱼ·(ln tⱼ - ln pⱼ), with p = softmax(z) and 0·ln 0 = 0        ∂l/∂z = p·Σⱼ tⱼ - t
/// ```
///
/// - **Plain twin**: [`reference::kl_divergence`](crate::reference::kl_divergence()), to read first.
/// - **Prediction**: `k` logits.
/// - **Targets**: distributions of `k` values, such as another model's probabilities; or `k` classes,
///   each a distribution with all of its weight on one.
/// - **Errors**: refuses a model whose number of outputs is not that of the target's values or classes.
/// - **Source**: S. Kullback, R. Leibler, "On information and sufficiency", Annals of Mathematical
///   Statistics 22, 1951.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// // A model that has learned the distribution pays nothing.
/// let t = array![[0.7, 0.2, 0.1]];
/// let data = Arrays::new(array![[1.0]], t)?;
/// let mut model = Sequential::new([1]).add(Dense::new(3))?;
/// Trainer::new(KlDivergence, Sgd::new(0.5)).epochs(200).fit(&mut model, &data)?;
/// assert!(model.evaluate(&data, &KlDivergence)?.loss < 1e-5);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KlDivergence;

impl Loss for KlDivergence {
    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        SoftmaxCrossEntropy.check(outputs, targets)
    }

    fn check_values(&self, values: &[f32]) -> Result<(), Mismatch> {
        SoftmaxCrossEntropy.check_values(values)
    }

    fn loss(&self, logits: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        let entropy = match target {
            Target::Class(_) | Target::Classes(_) => 0.0,
            Target::Values(t) => {
                -t.iter().map(|&t| if t > 0.0 { t * ln(t) } else { 0.0 }).sum::<f32>()
            }
        };
        SoftmaxCrossEntropy.loss(logits, target, gradient) - entropy
    }

    fn outputs(&self) -> Outputs {
        Outputs::Softmax
    }
}
