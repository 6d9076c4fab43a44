//! RMSprop: a learning rate for each parameter, from a running mean of its squared gradient.
//!
//! Adagrad's sum never falls; a running mean does, so the rate can rise again. The centered variant
//! divides by the deviation around the mean `a` and not around 0. The textbook form is the difference
//! `v - a²` of two means, which cancels once the gradient is steady, and may come out below 0. From
//! both recurrences follows one for that difference, a sum of squares:
//!
//! ```text
//! α·v + (1 - α)·g² - (α·a + (1 - α)·g)²  =  α·((v - a²) + (1 - α)·(g - a)²)
//! ```

use super::{Moments, Optimizer, Step, flush};
use crate::error::{TrainError, in_range};
use crate::kernels::simd::arch;

/// RMSprop: steps divided by the root of the mean squared gradient.
///
/// ```text
/// g = gradient + weight_decay·w
/// v ← α·v + (1 - α)·g²                 centered:  v ← α·(v + (1 - α)·(g - a)²)
///                                                 a ← α·a + (1 - α)·g
/// w ← w - lr·g/(√v + ε)                momentum:  b ← μ·b + g/(√v + ε),  w ← w - lr·b
/// ```
///
/// - **Moments**: `v`; then `a` where it is centered, and the velocity `b` where it has momentum.
/// - **Settings**: the learning rate, 0.01 in PyTorch; α = 0.99, ε = 1e-8; momentum μ, centering and
///   weight decay, all off by default.
/// - **Errors**: a rate or decay below 0, α or a momentum outside 0..1, ε not above 0.
/// - **Source**: T. Hinton, "Neural networks for machine learning", lecture 6e, Coursera 2012;
///   centered: A. Graves, "Generating sequences with recurrent neural networks", arXiv:1308.0850,
///   2013. As in PyTorch, ε is outside the root.
///
/// ```
/// use chainrule::optim::{Moments, Step};
/// use chainrule::prelude::*;
///
/// // The first step is lr/√(1 - α) long for any size of the gradient.
/// let (mut w, mut v) = ([1.0, 1.0], [0.0; 2]);
/// let moments: Moments = [&mut v, &mut [], &mut []];
/// RmsProp::new(0.01).step(Step::new(1, 0.01), &mut w, &[3.0, -300.0], moments);
/// assert!((w[0] - 0.9).abs() < 1e-5 && (w[1] - 1.1).abs() < 1e-5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RmsProp {
    learning_rate: f32,
    alpha: f32,
    epsilon: f32,
    momentum: f32,
    centered: bool,
    weight_decay: f32,
}

impl RmsProp {
    /// Creates the optimizer with α = 0.99, ε = 1e-8, as in PyTorch; rates of 0.001 to 0.01 are usual.
    pub fn new(learning_rate: f32) -> Self {
        let (alpha, epsilon) = (0.99, 1e-8);
        RmsProp { learning_rate, alpha, epsilon, momentum: 0.0, centered: false, weight_decay: 0.0 }
    }

    /// Sets the share of itself that each mean keeps per step, in 0..1.
    #[must_use]
    pub fn alpha(self, alpha: f32) -> Self {
        RmsProp { alpha, ..self }
    }

    /// Sets the `ε` that keeps the division finite.
    #[must_use]
    pub fn epsilon(self, epsilon: f32) -> Self {
        RmsProp { epsilon, ..self }
    }

    /// Sets the share `μ` of itself that the velocity keeps per step, in 0..1.
    #[must_use]
    pub fn momentum(self, momentum: f32) -> Self {
        RmsProp { momentum, ..self }
    }

    /// Divides by the deviation from the mean gradient.
    #[must_use]
    pub fn centered(self) -> Self {
        RmsProp { centered: true, ..self }
    }

    /// Adds this multiple of the parameters to their gradient (an L2 penalty).
    #[must_use]
    pub fn weight_decay(self, weight_decay: f32) -> Self {
        RmsProp { weight_decay, ..self }
    }

    #[inline(always)]
    fn plain(&self, v: &mut f32, g: f32) -> f32 {
        *v = flush(self.alpha * *v + (1.0 - self.alpha) * g * g);
        g / (v.sqrt() + self.epsilon)
    }

    #[inline(always)]
    fn around_mean(&self, v: &mut f32, a: &mut f32, g: f32) -> f32 {
        let off = g - *a;
        *v = flush(self.alpha * (*v + (1.0 - self.alpha) * off * off));
        *a = flush(self.alpha * *a + (1.0 - self.alpha) * g);
        g / (v.sqrt() + self.epsilon)
    }

    #[inline(always)]
    fn rolling(&self, b: &mut f32, step: f32) -> f32 {
        *b = flush(self.momentum * *b + step);
        *b
    }
}

impl Optimizer for RmsProp {
    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn moments(&self) -> usize {
        1 + self.centered as usize + (self.momentum != 0.0) as usize
    }

    fn check(&self) -> Result<(), TrainError> {
        let below_one = "from 0 up to, but not including, 1";
        in_range("RmsProp's learning rate", self.learning_rate, 0.0.., "0 or more")?;
        in_range("RmsProp's alpha", self.alpha, 0.0..1.0, below_one)?;
        in_range("RmsProp's epsilon", self.epsilon, f32::MIN_POSITIVE.., "above 0")?;
        in_range("RmsProp's momentum", self.momentum, 0.0..1.0, below_one)?;
        in_range("RmsProp's weight decay", self.weight_decay, 0.0.., "0 or more")
    }

    fn step(&self, at: Step, w: &mut [f32], gradient: &[f32], [v, second, third]: Moments<'_>) {
        let (rule, lr, decay) = (*self, at.lr, at.decay * self.weight_decay);
        let steps = w.iter_mut().zip(v).zip(gradient);
        arch().dispatch(
            #[inline(always)]
            || match (rule.centered, rule.momentum != 0.0) {
                (false, false) => {
                    for ((w, v), g) in steps {
                        *w -= lr * rule.plain(v, g + decay * *w);
                    }
                }
                (false, true) => {
                    for (((w, v), g), b) in steps.zip(second) {
                        *w -= lr * rule.rolling(b, rule.plain(v, g + decay * *w));
                    }
                }
                (true, false) => {
                    for (((w, v), g), a) in steps.zip(second) {
                        *w -= lr * rule.around_mean(v, a, g + decay * *w);
                    }
                }
                (true, true) => {
                    for ((((w, v), g), a), b) in steps.zip(second).zip(third) {
                        *w -= lr * rule.rolling(b, rule.around_mean(v, a, g + decay * *w));
                    }
                }
            },
        );
    }
}
