//! Label smoothing: cross-entropy with targets below 1.
//!
//! Cross-entropy with a class is lowest where its logit is infinitely far above the others. With a
//! share `ε` of the target spread evenly over all `k` classes, the lowest point is at probabilities
//! that a model can reach: `1 - ε + ε/k`, and `ε/k` for each other class.
//!
//! Smoothing changes `t` but not its sum, so the logarithm in `-ln pⱼ = ln Σₖ exp zₖ - zⱼ` cancels in
//! the difference to the loss of `t`. What remains is linear in the logits, with the constant gradient
//! `t - t'`:
//!
//! ```text
//! Σⱼ (t'ⱼ - tⱼ)·(-ln pⱼ) = Σⱼ (tⱼ - t'ⱼ)·zⱼ        = ε·(z_c - mean z)  for a class
//! ```

use super::{Loss, Outputs, SoftmaxCrossEntropy, wanted};
use crate::data::{Target, TargetKind};
use crate::error::Mismatch;
use crate::kernels::max;

impl SoftmaxCrossEntropy {
    /// Spreads a share `epsilon` of each target evenly over all classes; 0.1 is usual.
    pub fn label_smoothing(self, epsilon: f32) -> SmoothedCrossEntropy {
        SmoothedCrossEntropy { epsilon }
    }
}

/// [`SoftmaxCrossEntropy`] of smoothed targets. [`SoftmaxCrossEntropy::label_smoothing`] creates it.
///
/// ```text
/// t' = (1 - ε)·t + ε/k
/// l = -Σⱼ t'ⱼ·ln pⱼ, with p = softmax(z)        ∂l/∂z = p - t'
/// ```
///
/// - **Plain twin**: [`reference::smooth`](crate::reference::smooth()), to read first.
/// - **Prediction**: `k` logits.
/// - **Targets**: `k` classes, or distributions of `k` values.
///   [Class weights](super::ClassWeights#with-label-smoothing) weigh samples, not terms.
/// - **Errors**: refuses an `ε` that is not from 0 up to, but not including, 1, and a model whose
///   number of outputs is not that of the target's values or classes.
/// - **Source**: C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna, "Rethinking the Inception
///   architecture for computer vision", CVPR 2016, section 7.
///
/// ```
/// use chainrule::prelude::*;
///
/// let loss = SoftmaxCrossEntropy.label_smoothing(0.1);
/// let digits = Mnist::sample().train.take(1000)?;
/// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
/// Trainer::new(loss, Adam::new(0.01)).batch_size(50).epochs(5).fit(&mut model, &digits)?;
/// assert!(model.evaluate(&digits, &loss)?.accuracy.unwrap() > 0.9);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SmoothedCrossEntropy {
    epsilon: f32,
}

impl Loss for SmoothedCrossEntropy {
    fn name(&self) -> String {
        format!("SoftmaxCrossEntropy(label smoothing {})", self.epsilon)
    }

    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        if !(0.0..1.0).contains(&self.epsilon) {
            let fix = format!("`label_smoothing` got {}", self.epsilon);
            return Err(Mismatch::new("an ε from 0 up to, but not including, 1", fix));
        }
        SoftmaxCrossEntropy.check(outputs, targets)
    }

    fn check_values(&self, values: &[f32]) -> Result<(), Mismatch> {
        SoftmaxCrossEntropy.check_values(values)
    }

    fn loss(&self, logits: &[f32], target: Target<'_>, mut gradient: Option<&mut [f32]>) -> f32 {
        let l = SoftmaxCrossEntropy.loss(logits, target, gradient.as_deref_mut());
        let total = match target {
            Target::Class(_) | Target::Classes(_) => 1.0,
            Target::Values(t) => t.iter().sum(),
        };
        let mean = total / logits.len() as f32;
        let taken = |j: usize| self.epsilon * (wanted(target, j) - mean);
        for (j, g) in gradient.into_iter().flatten().enumerate() {
            *g += taken(j);
        }
        // The factors add up to 0, so any number may be subtracted from the logits; their maximum
        // gives the least rounding.
        let m = max(logits);
        l + logits.iter().enumerate().map(|(j, z)| taken(j) * (z - m)).sum::<f32>()
    }

    fn outputs(&self) -> Outputs {
        Outputs::Softmax
    }
}
