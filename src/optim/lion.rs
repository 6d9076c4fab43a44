//! Lion: every parameter moves by the same amount, up or down.
//!
//! A search over programs found it: one moment, of which a step uses only the sign. The step uses a
//! mean with more of the current gradient in it (β₁) than the mean that is kept (β₂). Every step is
//! `lr` long in each parameter, so rates are 3 to 10 times smaller than Adam's, and the decay, which
//! the rate scales, is larger by the same factor.

use super::{Moments, Optimizer, Step, flush, sign};
use crate::error::{TrainError, in_range};
use crate::kernels::simd::arch;

/// Lion: steps along the sign of the momentum, with decoupled weight decay.
///
/// ```text
/// w ← (1 - lr·weight_decay)·w - lr·sign(β₁·m + (1 - β₁)·g)
/// m ← β₂·m + (1 - β₂)·g
/// ```
///
/// - **Moments**: one, the mean `m` of the gradient.
/// - **Settings**: the learning rate, usually 1e-4; β₁ = 0.9, β₂ = 0.99, no weight decay.
/// - **Errors**: a rate or decay below 0, a β outside 0..1.
/// - **Source**: X. Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023,
///   algorithm 2.
///
/// ```
/// use chainrule::optim::{Moments, Step};
/// use chainrule::prelude::*;
///
/// // Every parameter with a gradient moves by lr; the sign of 0 is 0.
/// let (mut w, mut m) = ([1.0; 3], [0.0; 3]);
/// let moments: Moments = [&mut m, &mut [], &mut []];
/// Lion::new(0.5).step(Step::new(1, 0.5), &mut w, &[7.0, -0.001, 0.0], moments);
/// assert_eq!(w, [0.5, 1.5, 1.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lion {
    learning_rate: f32,
    beta1: f32,
    beta2: f32,
    weight_decay: f32,
}

impl Lion {
    /// Creates the optimizer with β₁ = 0.9, β₂ = 0.99, as in the paper; a rate of 0.0001 is usual.
    pub fn new(learning_rate: f32) -> Self {
        Lion { learning_rate, beta1: 0.9, beta2: 0.99, weight_decay: 0.0 }
    }

    /// Sets the share `β₁` of the mean in a step, and the share `β₂` of itself that the mean keeps per
    /// step, each in 0..1.
    #[must_use]
    pub fn betas(self, beta1: f32, beta2: f32) -> Self {
        Lion { beta1, beta2, ..self }
    }

    /// Shrinks the weights by this share each step, times the learning rate.
    #[must_use]
    pub fn weight_decay(self, weight_decay: f32) -> Self {
        Lion { weight_decay, ..self }
    }
}

impl Optimizer for Lion {
    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn moments(&self) -> usize {
        1
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("Lion's learning rate", self.learning_rate, 0.0.., "0 or more")?;
        in_range("Lion's beta1", self.beta1, 0.0..1.0, "from 0 up to, but not including, 1")?;
        in_range("Lion's beta2", self.beta2, 0.0..1.0, "from 0 up to, but not including, 1")?;
        in_range("Lion's weight decay", self.weight_decay, 0.0.., "0 or more")
    }

    fn step(&self, at: Step, w: &mut [f32], gradient: &[f32], [m, ..]: Moments<'_>) {
        let (lr, beta1, beta2) = (at.lr, self.beta1, self.beta2);
        let keep = at.keep(self.weight_decay);
        arch().dispatch(
            #[inline(always)]
            || {
                for ((w, m), g) in w.iter_mut().zip(m).zip(gradient) {
                    *w = keep * *w - lr * sign(beta1 * *m + (1.0 - beta1) * g);
                    *m = flush(beta2 * *m + (1.0 - beta2) * g);
                }
            },
        );
    }
}
