//! Adagrad: a learning rate for each parameter that never rises.
//!
//! The sum of squares grows with every gradient, so the steps of a parameter shrink as `1/√t`. A
//! parameter whose gradient is mostly 0, such as a rare word's, keeps large steps. PyTorch's initial
//! accumulator is a constant under the root here: the sum itself starts at 0, as every moment does.

use super::{Moments, Optimizer, Step, flush};
use crate::error::{TrainError, in_range};
use crate::kernels::simd::arch;

/// Adagrad: steps divided by the root of all squared gradients so far.
///
/// ```text
/// g = gradient + weight_decay·w
/// s ← s + g²
/// w ← w - lr/(1 + (t - 1)·lr_decay) · g/(√(s₀ + s) + ε)
/// ```
///
/// - **Moments**: one, the sum of squares `s`.
/// - **Settings**: the learning rate, 0.01 in PyTorch; lr_decay = 0, the initial accumulator s₀ = 0,
///   ε = 1e-10, no weight decay.
/// - **Errors**: a rate, decay or initial accumulator below 0, ε not above 0.
/// - **Source**: J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and
///   stochastic optimization", JMLR 12, 2011.
///
/// ```
/// use chainrule::optim::Step;
/// use chainrule::prelude::*;
///
/// // Under a steady gradient, the second step is 1/√2 of the first.
/// let (mut w, mut s) = ([1.0], [0.0]);
/// for t in [1, 2] {
///     Adagrad::new(0.1).step(Step::new(t, 0.1), &mut w, &[4.0], [&mut s, &mut [], &mut []]);
/// }
/// assert!((w[0] - (1.0 - 0.1 - 0.1 / 2f32.sqrt())).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adagrad {
    learning_rate: f32,
    lr_decay: f32,
    initial_accumulator: f32,
    epsilon: f32,
    weight_decay: f32,
}

impl Adagrad {
    /// Creates the optimizer with ε = 1e-10 and nothing else, as in PyTorch; a rate of 0.01 is usual.
    pub fn new(learning_rate: f32) -> Self {
        Adagrad {
            learning_rate,
            lr_decay: 0.0,
            initial_accumulator: 0.0,
            epsilon: 1e-10,
            weight_decay: 0.0,
        }
    }

    /// Divides the learning rate of step `t` by `1 + (t - 1)·lr_decay`.
    #[must_use]
    pub fn lr_decay(self, lr_decay: f32) -> Self {
        Adagrad { lr_decay, ..self }
    }

    /// Sets the first value `s₀` of the sum of squares, which shortens the first steps.
    #[must_use]
    pub fn initial_accumulator(self, initial_accumulator: f32) -> Self {
        Adagrad { initial_accumulator, ..self }
    }

    /// Sets the `ε` that keeps the division finite.
    #[must_use]
    pub fn epsilon(self, epsilon: f32) -> Self {
        Adagrad { epsilon, ..self }
    }

    /// Adds this multiple of the parameters to their gradient (an L2 penalty).
    #[must_use]
    pub fn weight_decay(self, weight_decay: f32) -> Self {
        Adagrad { weight_decay, ..self }
    }
}

impl Optimizer for Adagrad {
    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn moments(&self) -> usize {
        1
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("Adagrad's learning rate", self.learning_rate, 0.0.., "0 or more")?;
        in_range("Adagrad's lr_decay", self.lr_decay, 0.0.., "0 or more")?;
        let initial = self.initial_accumulator;
        in_range("Adagrad's initial accumulator", initial, 0.0.., "0 or more")?;
        in_range("Adagrad's epsilon", self.epsilon, f32::MIN_POSITIVE.., "above 0")?;
        in_range("Adagrad's weight decay", self.weight_decay, 0.0.., "0 or more")
    }

    fn step(&self, at: Step, w: &mut [f32], gradient: &[f32], [s, ..]: Moments<'_>) {
        let (start, epsilon) = (self.initial_accumulator, self.epsilon);
        let decay = at.decay * self.weight_decay;
        let age = (at.t - 1) as f64 * self.lr_decay as f64;
        let rate = (at.lr as f64 / (1.0 + age)) as f32;
        arch().dispatch(
            #[inline(always)]
            || {
                for ((w, s), g) in w.iter_mut().zip(s).zip(gradient) {
                    let g = g + decay * *w;
                    *s = flush(*s + g * g);
                    *w -= rate * g / ((start + *s).sqrt() + epsilon);
                }
            },
        );
    }
}
