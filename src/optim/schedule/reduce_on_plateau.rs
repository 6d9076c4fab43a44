//! Step decay by the loss: the rate is cut when the loss has stopped falling.
//!
//! It has no state. Before each step, it repeats PyTorch's count over the finished epochs, which are
//! few.

use super::{Progress, Schedule};
use crate::error::TrainError;
use crate::error::in_range;

/// Multiplies the rate by `gamma` whenever the loss has not improved for more than `patience` epochs.
///
/// For each finished epoch, in order, with the validation loss, or the training loss where there is no
/// validation:
///
/// ```text
/// better:    loss < best - min_improvement·|best|     best ← loss, bad ← 0
/// else:      bad ← bad + 1        and in the `cooldown` epochs after a cut: bad ← 0
/// a cut:     factor ← max(gamma·factor, min_factor), bad ← 0        when bad > patience
/// ```
///
/// - **Settings**: `gamma`, above 0 and below 1; `patience`, in epochs; and by default a
///   [`min_improvement`](ReduceOnPlateau::min_improvement) of 1e-4, no
///   [`cooldown`](ReduceOnPlateau::cooldown), and a [`min_factor`](ReduceOnPlateau::min_factor) of 0.
/// - **Source**: PyTorch's `ReduceLROnPlateau`, in its mode `min` with a relative threshold (which
///   there is `best·(1 - threshold)` for a negative loss, too, so that a constant one counts as better);
///   the rule of thumb behind it in L. Bottou, "Stochastic gradient descent tricks", 2012.
///
/// ```
/// use chainrule::optim::schedule::Progress;
/// use chainrule::prelude::*;
///
/// let schedule = ReduceOnPlateau::new(0.1, 10).min_factor(0.001);
/// let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).schedule(schedule);
/// assert_eq!(schedule.factor(&Progress::new(0, 100)), 1.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReduceOnPlateau {
    gamma: f32,
    patience: usize,
    min_improvement: f32,
    cooldown: usize,
    min_factor: f32,
}

impl ReduceOnPlateau {
    /// Cuts by the factor `gamma` after more than `patience` epochs; PyTorch's defaults are 0.1 and 10.
    pub fn new(gamma: f32, patience: usize) -> Self {
        ReduceOnPlateau { gamma, patience, min_improvement: 1e-4, cooldown: 0, min_factor: 0.0 }
    }

    /// Sets the share of the best loss by which a loss must be below it to count as improved.
    #[must_use]
    pub fn min_improvement(self, min_improvement: f32) -> Self {
        ReduceOnPlateau { min_improvement, ..self }
    }

    /// Sets the number of epochs after a cut in which none counts as bad.
    #[must_use]
    pub fn cooldown(self, cooldown: usize) -> Self {
        ReduceOnPlateau { cooldown, ..self }
    }

    /// Sets the lower bound of the factor.
    #[must_use]
    pub fn min_factor(self, min_factor: f32) -> Self {
        ReduceOnPlateau { min_factor, ..self }
    }
}

impl Schedule for ReduceOnPlateau {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        let (mut factor, mut best, mut bad, mut cooling) = (1.0, f64::INFINITY, 0, 0);
        for epoch in at.history {
            let loss = epoch.validation_loss.unwrap_or(epoch.loss);
            bad += 1;
            if loss < best * (1.0 - best.signum() * f64::from(self.min_improvement)) {
                (best, bad) = (loss, 0);
            }
            if cooling > 0 {
                (cooling, bad) = (cooling - 1, 0);
            }
            if bad > self.patience {
                factor = (f64::from(self.gamma) * factor).max(self.min_factor.into());
                (cooling, bad) = (self.cooldown, 0);
            }
        }
        factor as f32
    }

    fn check(&self) -> Result<(), TrainError> {
        let below_one = f32::MIN_POSITIVE..1.0;
        in_range("ReduceOnPlateau's gamma", self.gamma, below_one, "above 0 and below 1")?;
        let (from, share) = (0.0..1.0, "from 0 up to, but not including, 1");
        in_range("ReduceOnPlateau's least improvement", self.min_improvement, from, share)?;
        let factor = "a factor from 0 to 1";
        in_range("ReduceOnPlateau's least factor", self.min_factor, 0.0..=1.0, factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Epoch;

    /// The factor after epochs of these losses, with a patience of 1.
    fn factor_after(losses: &[f64]) -> f32 {
        let epoch = |(i, &loss): (usize, &f64)| Epoch {
            epoch: i + 1,
            loss,
            accuracy: None,
            validation_loss: None,
            validation_accuracy: None,
            learning_rate: 0.1,
            seconds: 1.0,
        };
        let history: Vec<Epoch> = losses.iter().enumerate().map(epoch).collect();
        ReduceOnPlateau::new(0.5, 1).factor(&Progress { history: &history, ..Progress::new(0, 9) })
    }

    #[test]
    fn improvement_is_a_share_of_losses_of_either_sign() {
        assert_eq!(factor_after(&[-1.0; 4]), 0.5);
        assert_eq!(factor_after(&[-1.0, -1.00009, -1.00009]), 0.5);
        assert_eq!(factor_after(&[-1.0, -1.1, -1.2, -1.3]), 1.0);
        assert_eq!(factor_after(&[1.0, 0.0, -1.0, -2.0]), 1.0);
        assert_eq!(factor_after(&[0.0; 4]), 0.5);
    }
}
