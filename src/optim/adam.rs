//! Adam: a learning rate for each parameter, from running moments of its gradient.
//!
//! `m` and `v` start at 0 and are too small at first; dividing by `1 - βᵗ` corrects this. Where large
//! gradients are rare, `v` decays between two of them, and steps become too long. AMSGrad divides by
//! the largest `v` so far, so that its steps only shrink.

use super::{Moments, Optimizer, Step, flush, power};
use crate::error::{TrainError, in_range};
use crate::kernels::simd::arch;

/// Adam: steps along the mean gradient, divided by the root of its mean square.
///
/// ```text
/// g = gradient + weight_decay·w
/// m ← β₁·m + (1 - β₁)·g            m̂ = m/(1 - β₁ᵗ)
/// v ← β₂·v + (1 - β₂)·g²           v̂ = v/(1 - β₂ᵗ)      AMSGrad:  u ← max(u, v),  v̂ = u/(1 - β₂ᵗ)
/// w ← w - lr·m̂/(√v̂ + ε)
/// ```
///
/// - **Moments**: two, the means `m` of the gradient and `v` of its square; the peak `u` of `v` as
///   well in AMSGrad.
/// - **Settings**: the learning rate, usually 0.001; β₁ = 0.9, β₂ = 0.999, ε = 1e-8; AMSGrad and
///   weight decay, both off by default.
/// - **Errors**: a rate or decay below 0, a β outside 0..1, ε not above 0.
/// - **Source**: D. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015; AMSGrad:
///   S. Reddi, S. Kale, S. Kumar, "On the convergence of Adam and beyond", ICLR 2018.
///
/// ```
/// use chainrule::optim::{Moments, Step};
/// use chainrule::prelude::*;
///
/// // The first step moves each parameter by lr against the sign of its gradient.
/// let (mut w, mut m, mut v) = ([1.0, 1.0], [0.0; 2], [0.0; 2]);
/// let moments: Moments = [&mut m, &mut v, &mut []];
/// Adam::new(0.1).step(Step::new(1, 0.1), &mut w, &[5.0, -0.01], moments);
/// assert!((w[0] - 0.9).abs() < 1e-5 && (w[1] - 1.1).abs() < 1e-5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    pub(super) learning_rate: f32,
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    amsgrad: bool,
    weight_decay: f32,
}

impl Adam {
    /// Creates the optimizer with β₁ = 0.9, β₂ = 0.999, ε = 1e-8; a rate of 0.001 is usual.
    pub fn new(learning_rate: f32) -> Self {
        let (beta1, beta2, epsilon) = (0.9, 0.999, 1e-8);
        Adam { learning_rate, beta1, beta2, epsilon, amsgrad: false, weight_decay: 0.0 }
    }

    /// Sets the shares `β₁` and `β₂` of itself that each moment keeps per step, each in 0..1.
    #[must_use]
    pub fn betas(self, beta1: f32, beta2: f32) -> Self {
        Adam { beta1, beta2, ..self }
    }

    /// Sets the `ε` that keeps the division finite.
    #[must_use]
    pub fn epsilon(self, epsilon: f32) -> Self {
        Adam { epsilon, ..self }
    }

    /// Divides by the largest second moment so far instead of the current one.
    #[must_use]
    pub fn amsgrad(self) -> Self {
        Adam { amsgrad: true, ..self }
    }

    /// Adds this multiple of the parameters to their gradient (an L2 penalty);
    /// [`AdamW`](crate::optim::AdamW) is usually better.
    #[must_use]
    pub fn weight_decay(self, weight_decay: f32) -> Self {
        Adam { weight_decay, ..self }
    }

    #[inline(always)]
    fn remember_gradient(&self, m: &mut f32, v: &mut f32, g: f32) {
        *m = flush(self.beta1 * *m + (1.0 - self.beta1) * g);
        *v = flush(self.beta2 * *v + (1.0 - self.beta2) * g * g);
    }

    /// Scales the weights by `keep` and steps: 1 for Adam, less for AdamW.
    pub(super) fn step_keeping(
        &self,
        keep: f32,
        at: Step,
        w: &mut [f32],
        gradient: &[f32],
        [m, v, peak]: Moments<'_>,
    ) {
        let (rule, epsilon) = (*self, self.epsilon);
        let decay = at.decay * self.weight_decay;
        let rate = (at.lr as f64 / (1.0 - power(self.beta1, at.t))) as f32;
        let scale = (1.0 / (1.0 - power(self.beta2, at.t))).sqrt() as f32;
        let steps = w.iter_mut().zip(m).zip(v).zip(gradient);
        arch().dispatch(
            #[inline(always)]
            || {
                if rule.amsgrad {
                    for ((((w, m), v), g), peak) in steps.zip(peak) {
                        rule.remember_gradient(m, v, g + decay * *w);
                        *peak = if *peak > *v { *peak } else { *v };
                        *w = keep * *w - rate * *m / (peak.sqrt() * scale + epsilon);
                    }
                } else {
                    for (((w, m), v), g) in steps {
                        rule.remember_gradient(m, v, g + decay * *w);
                        *w = keep * *w - rate * *m / (v.sqrt() * scale + epsilon);
                    }
                }
            },
        );
    }
}

impl Optimizer for Adam {
    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn moments(&self) -> usize {
        2 + self.amsgrad as usize
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("Adam's learning rate", self.learning_rate, 0.0.., "0 or more")?;
        in_range("Adam's beta1", self.beta1, 0.0..1.0, "from 0 up to, but not including, 1")?;
        in_range("Adam's beta2", self.beta2, 0.0..1.0, "from 0 up to, but not including, 1")?;
        in_range("Adam's epsilon", self.epsilon, f32::MIN_POSITIVE.., "above 0")?;
        in_range("Adam's weight decay", self.weight_decay, 0.0.., "0 or more")
    }

    fn step(&self, at: Step, w: &mut [f32], gradient: &[f32], moments: Moments<'_>) {
        self.step_keeping(1.0, at, w, gradient, moments);
    }
}
