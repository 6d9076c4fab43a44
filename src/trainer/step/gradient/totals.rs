//! Totals of a step: loss, weight and correct predictions of its samples.

use super::partial::PartialGradient;
use crate::kernels::tree::TreeSum;
use crate::loss::weighted_mean;

/// Sums over the samples of a step so far.
#[derive(Clone, Copy)]
pub(crate) struct StepTotals {
    pub samples: usize,
    /// Number of classes that were predicted rightly, and number of all.
    pub correct: usize,
    pub judged: usize,
    loss: TreeSum,
    weight: TreeSum,
    /// No number of the gradient can be larger.
    bound: f64,
}

impl StepTotals {
    /// Sums over no samples.
    pub const ZERO: StepTotals = StepTotals {
        samples: 0,
        correct: 0,
        judged: 0,
        loss: TreeSum::ZERO,
        weight: TreeSum::ZERO,
        bound: 0.0,
    };

    /// Adds the next part.
    pub fn add(&mut self, partial: &PartialGradient) {
        self.loss.push(partial.sums.loss);
        self.weight.push(partial.sums.weight);
        self.correct += partial.sums.correct;
        self.judged += partial.sums.judged;
        self.bound += f64::from(partial.largest);
    }

    /// Σ weight·loss
    pub fn loss(&self) -> f64 {
        self.loss.total()
    }

    /// Σ weight
    pub fn weight(&self) -> f64 {
        self.weight.total()
    }

    /// The weighted mean of the loss.
    pub fn mean_loss(&self) -> f64 {
        weighted_mean(self.loss(), self.weight())
    }

    /// Factor that makes the sum of the partial gradients the gradient of the mean loss: 0 if all
    /// samples have weight 0.
    pub fn scale(&self) -> f32 {
        if self.weight() > 0.0 { (1.0 / self.weight()) as f32 } else { 0.0 }
    }

    /// Reports whether all of the loss and of the gradient is finite, and not near the end of what a
    /// float can hold. Asked of the partial gradients, because a pass over their sum would read it
    /// once more.
    pub fn is_finite(&self) -> bool {
        self.loss().is_finite() && self.bound <= f64::from(f32::MAX / 2.0)
    }
}
