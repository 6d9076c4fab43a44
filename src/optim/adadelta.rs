//! Adadelta: steps in the units of the parameters, from two running means of squares.
//!
//! `√v` measures the gradient and `√u` the previous steps, so a step is about as long as recent ones,
//! and a scale of the loss cancels. Both start at 0, and ε determines the first step.

use super::{Moments, Optimizer, Step, flush};
use crate::error::{TrainError, in_range};
use crate::kernels::simd::arch;

/// Adadelta: every step has the size that recent steps had.
///
/// ```text
/// g = gradient + weight_decay·w
/// v ← ρ·v + (1 - ρ)·g²
/// δ = g·√(u + ε) / √(v + ε)
/// u ← ρ·u + (1 - ρ)·δ²
/// w ← w - lr·δ
/// ```
///
/// - **Moments**: two, the mean squares `v` of the gradient and `u` of the steps.
/// - **Settings**: the learning rate, usually 1; ρ = 0.9, ε = 1e-6, no weight decay.
/// - **Errors**: a rate or decay below 0, ρ outside 0..1, ε not above 0.
/// - **Source**: M. Zeiler, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701, 2012;
///   with a learning rate, as in PyTorch, which the paper leaves at 1.
///
/// ```
/// use chainrule::optim::{Moments, Step};
/// use chainrule::prelude::*;
///
/// // The first step is √ε/√(1 - ρ) long for any size of the gradient.
/// let (mut w, mut v, mut u) = ([1.0, 1.0], [0.0; 2], [0.0; 2]);
/// let moments: Moments = [&mut v, &mut u, &mut []];
/// Adadelta::new(1.0).step(Step::new(1, 1.0), &mut w, &[5.0, 500.0], moments);
/// assert!((w[0] - 0.996838).abs() < 1e-6 && (w[1] - 0.996838).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adadelta {
    learning_rate: f32,
    rho: f32,
    epsilon: f32,
    weight_decay: f32,
}

impl Adadelta {
    /// Creates the optimizer with ρ = 0.9 and ε = 1e-6, as in PyTorch; a rate of 1 is usual.
    pub fn new(learning_rate: f32) -> Self {
        Adadelta { learning_rate, rho: 0.9, epsilon: 1e-6, weight_decay: 0.0 }
    }

    /// Sets the share of itself that each mean keeps per step, in 0..1.
    #[must_use]
    pub fn rho(self, rho: f32) -> Self {
        Adadelta { rho, ..self }
    }

    /// Sets the `ε` that gives the first steps their size and keeps the division finite.
    #[must_use]
    pub fn epsilon(self, epsilon: f32) -> Self {
        Adadelta { epsilon, ..self }
    }

    /// Adds this multiple of the parameters to their gradient (an L2 penalty).
    #[must_use]
    pub fn weight_decay(self, weight_decay: f32) -> Self {
        Adadelta { weight_decay, ..self }
    }
}

impl Optimizer for Adadelta {
    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn moments(&self) -> usize {
        2
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("Adadelta's learning rate", self.learning_rate, 0.0.., "0 or more")?;
        in_range("Adadelta's rho", self.rho, 0.0..1.0, "from 0 up to, but not including, 1")?;
        in_range("Adadelta's epsilon", self.epsilon, f32::MIN_POSITIVE.., "above 0")?;
        in_range("Adadelta's weight decay", self.weight_decay, 0.0.., "0 or more")
    }

    fn step(&self, at: Step, w: &mut [f32], gradient: &[f32], [v, u, _]: Moments<'_>) {
        let (lr, rho, epsilon) = (at.lr, self.rho, self.epsilon);
        let decay = at.decay * self.weight_decay;
        arch().dispatch(
            #[inline(always)]
            || {
                for (((w, v), u), g) in w.iter_mut().zip(v).zip(u).zip(gradient) {
                    let g = g + decay * *w;
                    *v = flush(rho * *v + (1.0 - rho) * g * g);
                    let delta = g * (*u + epsilon).sqrt() / (*v + epsilon).sqrt();
                    *u = flush(rho * *u + (1.0 - rho) * delta * delta);
                    *w -= lr * delta;
                }
            },
        );
    }
}
