//! Adam and AdamW: a learning rate for each parameter, from running moments of its gradient.
//!
//! ```text
//! m ← β₁·m + (1 - β₁)·g            m̂ = m/(1 - β₁ᵗ)
//! v ← β₂·v + (1 - β₂)·g²           v̂ = v/(1 - β₂ᵗ)
//! Adam:    w ← w - lr·m̂/(√v̂ + ε)
//! AdamW:   w ← (1 - lr·weight_decay)·w - lr·m̂/(√v̂ + ε)
//! ```
//!
//! `m` and `v` start at 0 and are too small at first; dividing by `1 - βᵗ` undoes just that. Adam
//! would scale an L2 penalty in `g` by `1/√v̂`; AdamW shrinks the weights themselves instead.

use super::{Moments, Optimizer, Step, flush, in_range, power};
use crate::error::TrainError;
use crate::kernels::simd::arch;

/// Adam. Keeps two moments.
///
/// Source: D. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.
///
/// ```
/// use chainrule::prelude::*;
///
/// // The first step moves each parameter by lr against the sign of its gradient.
/// let (mut w, mut m, mut v) = ([1.0, 1.0], [0.0; 2], [0.0; 2]);
/// Adam::new(0.1).step(Step::new(1, 0.1), &mut w, &[5.0, -0.01], [&mut m, &mut v, &mut []]);
/// assert!((w[0] - 0.9).abs() < 1e-5 && (w[1] - 1.1).abs() < 1e-5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    learning_rate: f32,
    beta1: f32,
    beta2: f32,
    epsilon: f32,
}

impl Adam {
    /// With β₁ = 0.9, β₂ = 0.999, ε = 1e-8; a rate of 0.001 is usual.
    pub fn new(learning_rate: f32) -> Self {
        Adam { learning_rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
    }

    /// How much of themselves the two moments keep each step, each in 0..1.
    #[must_use]
    pub fn betas(self, beta1: f32, beta2: f32) -> Self {
        Adam { beta1, beta2, ..self }
    }

    /// What keeps the division finite.
    #[must_use]
    pub fn epsilon(self, epsilon: f32) -> Self {
        Adam { epsilon, ..self }
    }

    /// The step of both variants: Adam's after scaling the weights by `keep`.
    fn step_keeping(
        &self,
        keep: f32,
        at: Step,
        w: &mut [f32],
        gradient: &[f32],
        [m, v, _]: Moments<'_>,
    ) {
        let (beta1, beta2, epsilon) = (self.beta1, self.beta2, self.epsilon);
        let rate = (at.lr as f64 / (1.0 - power(beta1, at.t))) as f32;
        let scale = (1.0 / (1.0 - power(beta2, at.t))).sqrt() as f32;
        arch().dispatch(
            #[inline(always)]
            || {
                for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(gradient) {
                    *m = flush(beta1 * *m + (1.0 - beta1) * g);
                    *v = flush(beta2 * *v + (1.0 - beta2) * g * g);
                    *w = keep * *w - rate * *m / (v.sqrt() * scale + epsilon);
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
        2
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("Adam's learning rate", self.learning_rate, 0.0.., "0 or more")?;
        in_range("Adam's beta1", self.beta1, 0.0..1.0, "from 0 up to, but not including, 1")?;
        in_range("Adam's beta2", self.beta2, 0.0..1.0, "from 0 up to, but not including, 1")?;
        in_range("Adam's epsilon", self.epsilon, f32::MIN_POSITIVE.., "above 0")
    }

    fn step(&self, at: Step, w: &mut [f32], gradient: &[f32], moments: Moments<'_>) {
        self.step_keeping(1.0, at, w, gradient, moments);
    }
}

/// Adam with decoupled weight decay. Keeps two moments.
///
/// Source: I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019; as in
/// PyTorch, the decay is scaled by the learning rate.
///
/// ```
/// use chainrule::prelude::*;
///
/// // Without a gradient, the weights shrink by lr·weight_decay.
/// let (mut w, mut m, mut v) = ([1.0], [0.0], [0.0]);
/// AdamW::new(0.1, 0.5).step(Step::new(1, 0.1), &mut w, &[0.0], [&mut m, &mut v, &mut []]);
/// assert_eq!(w, [0.95]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamW {
    adam: Adam,
    weight_decay: f32,
}

impl AdamW {
    /// Adam with its usual settings, and this decay; 0.01 is usual.
    pub fn new(learning_rate: f32, weight_decay: f32) -> Self {
        AdamW { adam: Adam::new(learning_rate), weight_decay }
    }

    /// How much of themselves the two moments keep each step, each in 0..1.
    #[must_use]
    pub fn betas(self, beta1: f32, beta2: f32) -> Self {
        AdamW { adam: self.adam.betas(beta1, beta2), ..self }
    }

    /// What keeps the division finite.
    #[must_use]
    pub fn epsilon(self, epsilon: f32) -> Self {
        AdamW { adam: self.adam.epsilon(epsilon), ..self }
    }
}

impl Optimizer for AdamW {
    fn learning_rate(&self) -> f32 {
        self.adam.learning_rate
    }

    fn moments(&self) -> usize {
        2
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("AdamW's learning rate", self.adam.learning_rate, 0.0.., "0 or more")?;
        in_range("AdamW's weight decay", self.weight_decay, 0.0.., "0 or more")?;
        self.adam.check()
    }

    fn step(&self, at: Step, w: &mut [f32], gradient: &[f32], moments: Moments<'_>) {
        let keep = (1.0 - at.lr as f64 * (at.decay * self.weight_decay) as f64) as f32;
        self.adam.step_keeping(keep, at, w, gradient, moments);
    }
}
