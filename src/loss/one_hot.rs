//! One-hot targets: a class as a row of numbers, 1 for the class and 0 for the others.
//!
//! The losses of regression compare numbers, and the number of a class is only a name: a 7 is no
//! closer to a 6 than to a 1. They refuse classes, unless the program says that each output is to be
//! compared with 1 or 0. For most networks [`SoftmaxCrossEntropy`](super::SoftmaxCrossEntropy) is the
//! better loss: behind a softmax or sigmoid, the gradient of the squared error vanishes where the
//! network is sure and wrong.

use super::{Huber, Loss, MeanAbsoluteError, MeanSquaredError, Outputs, one_output_each};
use crate::data::{Target, TargetKind};
use crate::error::Mismatch;

impl MeanSquaredError {
    /// Compares each output with 1 for its own class and 0 for the others. Of probabilities, this is
    /// Brier's score divided by the number of classes.
    pub fn one_hot(self) -> OneHot<Self> {
        OneHot { loss: self }
    }
}

impl MeanAbsoluteError {
    /// Compares each output with 1 for its own class and 0 for the others.
    pub fn one_hot(self) -> OneHot<Self> {
        OneHot { loss: self }
    }
}

impl Huber {
    /// Compares each output with 1 for its own class and 0 for the others.
    pub fn one_hot(self) -> OneHot<Self> {
        OneHot { loss: self }
    }
}

/// Loss of regression that takes a class as a one-hot row. [`MeanSquaredError::one_hot`],
/// [`MeanAbsoluteError::one_hot`] and [`Huber::one_hot`] create it.
///
/// ```text
/// tⱼ = 1 for j = c, 0 for the others        l and ∂l/∂p are those of the loss for the values t
/// ```
///
/// - **Plain twin**: [`reference::mean_squared_error`](crate::reference::mean_squared_error()) or that
///   of the other loss, for the row `t`.
/// - **Prediction**: `k` numbers, such as those of a last layer `Softmax` or `Sigmoid`. The predicted
///   class is that of the largest.
/// - **Targets**: `k` classes, or `k` values.
/// - **Errors**: those of the loss, and a model whose number of outputs is not that of the classes.
/// - **Source**: G. Brier, "Verification of forecasts expressed in terms of probability", Monthly
///   Weather Review 78, 1950.
///
/// ```
/// use chainrule::prelude::*;
///
/// let digits = Mnist::sample().train.take(1000)?;
/// let mut model =
///     Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?.add(Softmax)?;
/// let loss = MeanSquaredError.one_hot();
/// Trainer::new(loss, Adam::new(0.01)).batch_size(50).epochs(5).fit(&mut model, &digits)?;
/// assert!(model.evaluate(&digits, &loss)?.accuracy.unwrap() > 0.9);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneHot<L> {
    loss: L,
}

impl<L: Loss> Loss for OneHot<L> {
    fn name(&self) -> String {
        format!("{} with one-hot classes", self.loss.name())
    }

    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        one_output_each(outputs, targets)?;
        self.loss.check(outputs, &TargetKind::Values(outputs))
    }

    fn check_values(&self, values: &[f32]) -> Result<(), Mismatch> {
        self.loss.check_values(values)
    }

    fn loss(&self, prediction: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        self.loss.loss(prediction, target, gradient)
    }

    fn outputs(&self) -> Outputs {
        self.loss.outputs()
    }
}
