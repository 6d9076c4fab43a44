//! AdamW: Adam with a decay of the weights themselves.
//!
//! An L2 penalty in Adam's gradient is divided by `√v̂` with the rest of it, so weights with large
//! gradients hardly decay. AdamW applies the decay outside the gradient: all weights shrink by the
//! same share.

use super::{Adam, Moments, Optimizer, Step};
use crate::error::{TrainError, in_range};

/// AdamW: Adam with decoupled weight decay.
///
/// ```text
/// m ← β₁·m + (1 - β₁)·g            m̂ = m/(1 - β₁ᵗ)
/// v ← β₂·v + (1 - β₂)·g²           v̂ = v/(1 - β₂ᵗ)      AMSGrad:  u ← max(u, v),  v̂ = u/(1 - β₂ᵗ)
/// w ← (1 - lr·weight_decay)·w - lr·m̂/(√v̂ + ε)
/// ```
///
/// - **Moments**: as [`Adam`]: two, or three in AMSGrad.
/// - **Settings**: the learning rate, usually 0.001, and the weight decay, usually 0.01; β₁ = 0.9,
///   β₂ = 0.999, ε = 1e-8, no AMSGrad.
/// - **Errors**: a rate or decay below 0, a β outside 0..1, ε not above 0.
/// - **Source**: I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019; as in
///   PyTorch, the decay is scaled by the learning rate.
///
/// ```
/// use chainrule::optim::Step;
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
    /// Creates the optimizer with Adam's usual settings and this decay; 0.01 is usual.
    pub fn new(learning_rate: f32, weight_decay: f32) -> Self {
        AdamW { adam: Adam::new(learning_rate), weight_decay }
    }

    /// Sets the shares `β₁` and `β₂` of itself that each moment keeps per step, each in 0..1.
    #[must_use]
    pub fn betas(self, beta1: f32, beta2: f32) -> Self {
        AdamW { adam: self.adam.betas(beta1, beta2), ..self }
    }

    /// Sets the `ε` that keeps the division finite.
    #[must_use]
    pub fn epsilon(self, epsilon: f32) -> Self {
        AdamW { adam: self.adam.epsilon(epsilon), ..self }
    }

    /// Divides by the largest second moment so far instead of the current one.
    #[must_use]
    pub fn amsgrad(self) -> Self {
        AdamW { adam: self.adam.amsgrad(), ..self }
    }
}

impl Optimizer for AdamW {
    fn learning_rate(&self) -> f32 {
        self.adam.learning_rate
    }

    fn moments(&self) -> usize {
        self.adam.moments()
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("AdamW's learning rate", self.adam.learning_rate, 0.0.., "0 or more")?;
        in_range("AdamW's weight decay", self.weight_decay, 0.0.., "0 or more")?;
        self.adam.check()
    }

    fn step(&self, at: Step, w: &mut [f32], gradient: &[f32], moments: Moments<'_>) {
        self.adam.step_keeping(at.keep(self.weight_decay), at, w, gradient, moments);
    }
}
