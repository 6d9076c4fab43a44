//! RAdam: Adam whose first steps are short, until its second moment is reliable.
//!
//! In the first steps `v` is a mean of few squares, and `1/√v` varies widely; a warm-up of the learning
//! rate is the usual remedy. A running mean is as reliable as a plain mean of ρ gradients. The variance
//! of `1/√v` follows from ρ, and `r` scales a step down accordingly. While ρ ≤ 5 the variance is not
//! finite, and the step is one of gradient descent with momentum.

use super::{Moments, Optimizer, Step, flush, power};
use crate::error::{TrainError, in_range};
use crate::kernels::simd::arch;

/// RAdam: Adam with a rectified second moment.
///
/// ```text
/// g = gradient + weight_decay·w
/// m ← β₁·m + (1 - β₁)·g                m̂ = m/(1 - β₁ᵗ)
/// v ← β₂·v + (1 - β₂)·g²               ρ∞ = 2/(1 - β₂) - 1,  ρ = ρ∞ - 2t·β₂ᵗ/(1 - β₂ᵗ)
/// ρ > 5:   r = √( (ρ-4)(ρ-2)ρ∞ / ((ρ∞-4)(ρ∞-2)ρ) ),   w ← w - lr·r·m̂·√(1 - β₂ᵗ)/(√v + ε)
/// else:    w ← w - lr·m̂
/// ```
///
/// - **Moments**: two, the means `m` of the gradient and `v` of its square.
/// - **Settings**: the learning rate, usually 0.001; β₁ = 0.9, β₂ = 0.999, ε = 1e-8, no weight decay.
/// - **Errors**: a rate or decay below 0, a β outside 0..1, ε not above 0.
/// - **Source**: L. Liu et al., "On the variance of the adaptive learning rate and beyond", ICLR 2020;
///   as in PyTorch.
///
/// ```
/// use chainrule::optim::Step;
/// use chainrule::prelude::*;
///
/// // The first steps are those of plain gradient descent: as large as the gradient.
/// let (mut w, mut m, mut v) = ([1.0], [0.0], [0.0]);
/// RAdam::new(0.1).step(Step::new(1, 0.1), &mut w, &[5.0], [&mut m, &mut v, &mut []]);
/// assert!((w[0] - 0.5).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RAdam {
    learning_rate: f32,
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    weight_decay: f32,
}

impl RAdam {
    /// Creates the optimizer with β₁ = 0.9, β₂ = 0.999, ε = 1e-8; a rate of 0.001 is usual.
    pub fn new(learning_rate: f32) -> Self {
        RAdam { learning_rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0 }
    }

    /// Sets the shares `β₁` and `β₂` of itself that each moment keeps per step, each in 0..1.
    #[must_use]
    pub fn betas(self, beta1: f32, beta2: f32) -> Self {
        RAdam { beta1, beta2, ..self }
    }

    /// Sets the `ε` that keeps the division finite.
    #[must_use]
    pub fn epsilon(self, epsilon: f32) -> Self {
        RAdam { epsilon, ..self }
    }

    /// Adds this multiple of the parameters to their gradient (an L2 penalty).
    #[must_use]
    pub fn weight_decay(self, weight_decay: f32) -> Self {
        RAdam { weight_decay, ..self }
    }

    /// Computes r·√(1 - β₂ᵗ), or `None` while ρ ≤ 5.
    fn rectified(&self, t: u64) -> Option<f64> {
        let (beta2, kept) = (self.beta2 as f64, power(self.beta2, t));
        let limit = 2.0 / (1.0 - beta2) - 1.0;
        let rho = limit - 2.0 * t as f64 * kept / (1.0 - kept);
        let ratio = (rho - 4.0) * (rho - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * rho);
        (rho > 5.0).then(|| (ratio * (1.0 - kept)).sqrt())
    }
}

impl Optimizer for RAdam {
    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn moments(&self) -> usize {
        2
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("RAdam's learning rate", self.learning_rate, 0.0.., "0 or more")?;
        in_range("RAdam's beta1", self.beta1, 0.0..1.0, "from 0 up to, but not including, 1")?;
        in_range("RAdam's beta2", self.beta2, 0.0..1.0, "from 0 up to, but not including, 1")?;
        in_range("RAdam's epsilon", self.epsilon, f32::MIN_POSITIVE.., "above 0")?;
        in_range("RAdam's weight decay", self.weight_decay, 0.0.., "0 or more")
    }

    fn step(&self, at: Step, w: &mut [f32], gradient: &[f32], [m, v, _]: Moments<'_>) {
        let (beta1, beta2, epsilon) = (self.beta1, self.beta2, self.epsilon);
        let decay = at.decay * self.weight_decay;
        let rate = at.lr as f64 / (1.0 - power(beta1, at.t));
        let rectified = self.rectified(at.t);
        let (rate, sure) = ((rate * rectified.unwrap_or(1.0)) as f32, rectified.is_some());
        arch().dispatch(
            #[inline(always)]
            || {
                for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(gradient) {
                    let g = g + decay * *w;
                    *m = flush(beta1 * *m + (1.0 - beta1) * g);
                    *v = flush(beta2 * *v + (1.0 - beta2) * g * g);
                    let root = v.sqrt() + epsilon;
                    *w -= rate * *m / if sure { root } else { 1.0 };
                }
            },
        );
    }
}
