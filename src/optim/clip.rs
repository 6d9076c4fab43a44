//! Gradient clipping: a limit to the gradient of one bad batch.

use crate::error::{TrainError, in_range};

/// Limit to the gradient, for [`Trainer::clip`](crate::trainer::Trainer::clip).
///
/// It applies to the gradient of the batch's mean loss with the penalties of parameter groups, before
/// the optimizer's step. Statistics and frozen parameters do not count.
///
/// ```text
/// value:         g ← max(-v, min(v, g)), number by number, which turns the gradient
/// norm:          g ← g·min(1, c/(‖g‖ + 1e-6)), with the norm of each parameter array by itself
/// global norm:   the same with the norm of all of the gradient, which keeps its direction
/// ```
///
/// Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural
/// networks", ICML 2013; the 1e-6 is PyTorch's.
///
/// ```
/// use chainrule::prelude::*;
///
/// let trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1)).clip(Clip::global_norm(1.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clip(pub(crate) Limit);

/// The limited quantity, with its limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Limit {
    Value(f32),
    Norm(f32),
    GlobalNorm(f32),
}

impl Clip {
    /// Limits the magnitude of every number.
    pub fn value(limit: f32) -> Self {
        Clip(Limit::Value(limit))
    }

    /// Limits the Euclidean norm of each parameter array.
    pub fn norm(limit: f32) -> Self {
        Clip(Limit::Norm(limit))
    }

    /// Limits the Euclidean norm of the whole gradient.
    pub fn global_norm(limit: f32) -> Self {
        Clip(Limit::GlobalNorm(limit))
    }

    /// Checks the limit.
    pub(crate) fn check(&self) -> Result<(), TrainError> {
        let (Limit::Value(limit) | Limit::Norm(limit) | Limit::GlobalNorm(limit)) = self.0;
        in_range("the gradient's limit", limit, f32::MIN_POSITIVE.., "above 0")
    }
}
