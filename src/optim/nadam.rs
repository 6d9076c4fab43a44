//! NAdam: Adam with Nesterov's look ahead.
//!
//! Adam steps along the mean gradient `m`. NAdam steps along the `m` that results once the momentum of
//! the next step has been applied; that momentum is known, since μ follows a schedule of its own, from
//! ½·β₁ to β₁. The correction for the start at 0 is then not `1 - β₁ᵗ` but 1 minus the product `π` of
//! all μ so far: the one number that [`Optimizer::remember`] keeps.

use super::{Moments, Optimizer, Step, flush, power};
use crate::error::{TrainError, in_range};
use crate::kernels::{math, simd::arch};

/// NAdam: Adam with Nesterov momentum.
///
/// ```text
/// g = gradient + weight_decay·w
/// μₜ = β₁·(1 - ½·0.96^(t·ψ))           π ← π·μₜ
/// m ← β₁·m + (1 - β₁)·g                m̂ = m·μₜ₊₁/(1 - π·μₜ₊₁) + g·(1 - μₜ)/(1 - π)
/// v ← β₂·v + (1 - β₂)·g²               v̂ = v/(1 - β₂ᵗ)
/// w ← w - lr·m̂/(√v̂ + ε)
/// ```
///
/// - **Moments**: two, the means `m` of the gradient and `v` of its square.
/// - **Settings**: the learning rate, 0.002 in PyTorch; β₁ = 0.9, β₂ = 0.999, ε = 1e-8, the momentum
///   decay ψ = 0.004, no weight decay.
/// - **Errors**: a rate or decay below 0, a β outside 0..1, ε not above 0.
/// - **Source**: T. Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016; as in
///   PyTorch.
///
/// ```
/// use chainrule::optim::Step;
/// use chainrule::prelude::*;
///
/// // The optimizer itself keeps nothing: the trainer hands it the product of the momenta.
/// let nadam = NAdam::new(0.1);
/// let (mut w, mut m, mut v) = ([1.0], [0.0], [0.0]);
/// let at = Step { memory: nadam.remember(1, 1.0), ..Step::new(1, 0.1) };
/// nadam.step(at, &mut w, &[5.0], [&mut m, &mut v, &mut []]);
/// assert!(w[0] < 0.9 && (at.memory - 0.45).abs() < 1e-3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NAdam {
    learning_rate: f32,
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    momentum_decay: f32,
    weight_decay: f32,
}

impl NAdam {
    /// Creates the optimizer with β₁ = 0.9, β₂ = 0.999, ε = 1e-8, ψ = 0.004, as in PyTorch; a rate of
    /// 0.002 is usual.
    pub fn new(learning_rate: f32) -> Self {
        let (beta1, beta2, epsilon, momentum_decay) = (0.9, 0.999, 1e-8, 0.004);
        NAdam { learning_rate, beta1, beta2, epsilon, momentum_decay, weight_decay: 0.0 }
    }

    /// Sets the shares `β₁` and `β₂` of itself that each moment keeps per step, each in 0..1.
    #[must_use]
    pub fn betas(self, beta1: f32, beta2: f32) -> Self {
        NAdam { beta1, beta2, ..self }
    }

    /// Sets the `ε` that keeps the division finite.
    #[must_use]
    pub fn epsilon(self, epsilon: f32) -> Self {
        NAdam { epsilon, ..self }
    }

    /// Sets the `ψ` by which the momentum of the look ahead rises from half of β₁ to all of it.
    #[must_use]
    pub fn momentum_decay(self, momentum_decay: f32) -> Self {
        NAdam { momentum_decay, ..self }
    }

    /// Adds this multiple of the parameters to their gradient (an L2 penalty).
    #[must_use]
    pub fn weight_decay(self, weight_decay: f32) -> Self {
        NAdam { weight_decay, ..self }
    }

    /// Computes μₜ, with a power that is the same on every machine.
    fn momentum(&self, t: u64) -> f64 {
        const LN_0_96: f64 = -0.040_821_994_520_255_166;
        let power = math::exp((t as f64 * self.momentum_decay as f64 * LN_0_96) as f32);
        self.beta1 as f64 * (1.0 - 0.5 * power as f64)
    }
}

impl Optimizer for NAdam {
    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn moments(&self) -> usize {
        2
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("NAdam's learning rate", self.learning_rate, 0.0.., "0 or more")?;
        in_range("NAdam's beta1", self.beta1, 0.0..1.0, "from 0 up to, but not including, 1")?;
        in_range("NAdam's beta2", self.beta2, 0.0..1.0, "from 0 up to, but not including, 1")?;
        in_range("NAdam's epsilon", self.epsilon, f32::MIN_POSITIVE.., "above 0")?;
        in_range("NAdam's momentum decay", self.momentum_decay, 0.0.., "0 or more")?;
        in_range("NAdam's weight decay", self.weight_decay, 0.0.., "0 or more")
    }

    fn remember(&self, t: u64, product: f64) -> f64 {
        product * self.momentum(t)
    }

    fn step(&self, at: Step, w: &mut [f32], gradient: &[f32], [m, v, _]: Moments<'_>) {
        let (beta1, beta2, epsilon) = (self.beta1, self.beta2, self.epsilon);
        let decay = at.decay * self.weight_decay;
        let (lr, product) = (at.lr as f64, at.memory);
        let (now, next) = (self.momentum(at.t), self.momentum(at.t + 1));
        let by_gradient = (lr * (1.0 - now) / (1.0 - product)) as f32;
        let by_mean = (lr * next / (1.0 - product * next)) as f32;
        let scale = (1.0 / (1.0 - power(beta2, at.t))).sqrt() as f32;
        arch().dispatch(
            #[inline(always)]
            || {
                for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(gradient) {
                    let g = g + decay * *w;
                    *m = flush(beta1 * *m + (1.0 - beta1) * g);
                    *v = flush(beta2 * *v + (1.0 - beta2) * g * g);
                    *w -= (by_gradient * g + by_mean * *m) / (v.sqrt() * scale + epsilon);
                }
            },
        );
    }
}
