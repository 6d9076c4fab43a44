//! Stochastic gradient descent, with or without momentum.
//!
//! The velocity is a sum of past gradients, in which each loses a factor μ per step: along a valley
//! they add up to `1/(1 - μ)` times one gradient, across it they cancel. The learning rate scales the
//! velocity and not the gradient that enters it, so a schedule acts at once on all of it.

use super::{Moments, Optimizer, Step};
use crate::error::{TrainError, in_range};
use crate::kernels::simd::arch;

/// Stochastic gradient descent.
///
/// ```text
/// g = gradient + weight_decay·w
/// plain:      w ← w - lr·g
/// momentum:   v ← μ·v + g,   w ← w - lr·v
/// Nesterov:   v ← μ·v + g,   w ← w - lr·(g + μ·v)
/// ```
///
/// - **Moments**: the velocity `v`, where there is momentum; else none.
/// - **Settings**: the learning rate; momentum μ, Nesterov's look ahead and weight decay, all off by
///   default.
/// - **Errors**: a rate or decay below 0, a momentum outside 0..1, Nesterov's look ahead without
///   momentum.
/// - **Source**: I. Sutskever et al., "On the importance of initialization and momentum in deep
///   learning", ICML 2013; in the form of PyTorch, where the learning rate scales the velocity.
///
/// ```
/// use chainrule::optim::Step;
/// use chainrule::prelude::*;
///
/// let (mut w, mut v) = ([1.0], [0.0]);
/// let sgd = Sgd::new(0.5).momentum(0.9);
/// sgd.step(Step::new(1, 0.5), &mut w, &[0.2], [&mut v, &mut [], &mut []]);
/// assert_eq!((w, v), ([0.9], [0.2]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sgd {
    learning_rate: f32,
    momentum: f32,
    nesterov: bool,
    weight_decay: f32,
}

impl Sgd {
    /// Creates plain gradient descent; rates of 0.01 to 0.5 are usual.
    pub fn new(learning_rate: f32) -> Self {
        Sgd { learning_rate, momentum: 0.0, nesterov: false, weight_decay: 0.0 }
    }

    /// Sets the share `μ` of itself that the velocity keeps per step, in 0..1; 0.9 is usual.
    #[must_use]
    pub fn momentum(self, momentum: f32) -> Self {
        Sgd { momentum, ..self }
    }

    /// Looks ahead along the velocity (Nesterov's momentum).
    #[must_use]
    pub fn nesterov(self) -> Self {
        Sgd { nesterov: true, ..self }
    }

    /// Adds this multiple of the parameters to their gradient (an L2 penalty).
    #[must_use]
    pub fn weight_decay(self, weight_decay: f32) -> Self {
        Sgd { weight_decay, ..self }
    }
}

impl Optimizer for Sgd {
    fn learning_rate(&self) -> f32 {
        self.learning_rate
    }

    fn moments(&self) -> usize {
        (self.momentum != 0.0) as usize
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("Sgd's learning rate", self.learning_rate, 0.0.., "0 or more")?;
        in_range("Sgd's momentum", self.momentum, 0.0..1.0, "from 0 up to, but not including, 1")?;
        in_range("Sgd's weight decay", self.weight_decay, 0.0.., "0 or more")?;
        if self.nesterov && self.momentum == 0.0 {
            let came = "0 with Nesterov".to_string();
            let wanted = "above 0 for Nesterov's look ahead";
            return Err(TrainError::Setting { setting: "Sgd's momentum", came, wanted });
        }
        Ok(())
    }

    fn step(&self, at: Step, w: &mut [f32], gradient: &[f32], [v, ..]: Moments<'_>) {
        let (mu, lr, decay) = (self.momentum, at.lr, at.decay * self.weight_decay);
        arch().dispatch(
            #[inline(always)]
            || {
                if mu == 0.0 {
                    for (w, g) in w.iter_mut().zip(gradient) {
                        *w -= lr * (g + decay * *w);
                    }
                    return;
                }
                for ((w, v), g) in w.iter_mut().zip(v).zip(gradient) {
                    let g = g + decay * *w;
                    *v = mu * *v + g;
                    *w -= lr * if self.nesterov { g + mu * *v } else { *v };
                }
            },
        );
    }
}
