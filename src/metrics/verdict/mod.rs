//! The verdict on a run: the shape of its loss curves in one sentence, with the fix.
//!
//! Curves are noisy, so a change counts only if it is larger than the noise. Both are measured on the
//! curve itself. `xₑ` is the loss after epoch `e` of `n`, and
//!
//! ```text
//! w  = max(1, n/5)                                  a window
//! mₑ = (xₑ + … + x₍ₑ₊w₋₁₎)/w                        the mean of the window that begins with e
//! σ² = mean of (xₑ₋₁ - 2xₑ + xₑ₊₁)²/6               the noise: a straight line has none
//! σ·√(2/w)                                          the standard error of the difference of two means
//! ```
//!
//! - **Source** of `σ²`: T. Gasser, L. Sroka, C. Jennen-Steinmetz, "Residual variance and residual
//!   pattern in nonlinear regression", Biometrika 73, 1986.

mod sentence;
#[cfg(test)]
mod tests;

use super::{Chance, Epoch, History};

/// Smallest number of epochs whose curve has a shape.
const EPOCHS: usize = 4;

/// Result of a run, as its losses show it: [`History::verdict`] finds it.
///
/// Its `Display` is a sentence: `overfits since epoch 6: the validation loss rose from 0.0410 to
/// 0.0550, while the training loss fell. …`
///
/// Losses are means of the windows that the verdict compares: a fifth of the epochs, and of fewer than
/// ten a single one.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// The training loss is higher than at the start, or no longer lower than by chance.
    Diverged {
        /// Epoch of the lowest training loss.
        since: usize,
        /// Training loss of that epoch.
        from: f64,
        /// Training loss of the last epoch.
        to: f64,
    },
    /// The model predicts no better than one that ignores its input.
    AtChance {
        /// Training loss of the last epoch.
        loss: f64,
        /// Loss of the best constant prediction.
        chance: f64,
    },
    /// The validation loss rises while the training loss falls.
    Overfits {
        /// Epoch of the lowest validation loss.
        since: usize,
        /// Validation loss then.
        from: f64,
        /// Validation loss at the end.
        to: f64,
    },
    /// The loss still falls.
    StillImproving {
        /// `true` for the validation loss, `false` for the training loss.
        validation: bool,
        /// Number of epochs in which it fell.
        epochs: usize,
        /// Loss before them.
        from: f64,
        /// Loss at the end.
        to: f64,
    },
    /// The loss neither falls nor rises.
    Converged {
        /// `true` for the validation loss, `false` for the training loss.
        validation: bool,
        /// Epoch of the lowest loss.
        best: usize,
        /// Loss of that epoch.
        loss: f64,
    },
}

impl History {
    /// Judges the run by its losses. `None` where it is too short: of fewer than 4 epochs, and neither
    /// diverged nor at chance.
    ///
    /// The first that is true, with the training losses `a`, the validation losses `v`, and the loss
    /// of [chance](Chance) `g`:
    ///
    /// ```text
    /// diverged         aₙ > a₁ + max(|a₁|, g), or aₙ ≥ 0.99·g after some aₑ < 0.9·g
    /// at chance        aₙ ≥ 0.99·g and vₙ ≥ 0.9·g, the accuracy at most 3 standard errors above chance
    /// overfits         v: m_last - m_low > max(0.1·|m_low|, 4·σ·√(2/w)), and a fell in the meantime
    /// still improving  v, or a: m_last is the lowest, m_previous - m_last > 0.01·w·|m_last|, and
    ///                  also > 2·σ·√(2/w), or else each of the last three epochs improved
    /// converged        otherwise
    /// ```
    ///
    /// `m_low` is the lowest mean of a window, with at least two epochs between it and the last window,
    /// and `m_previous` the mean of the window before the last. `σ` is measured over
    /// the second half of the run, and from `m_low` on. A `g` of 0, that of targets which are all the same, is not compared
    /// with.
    ///
    /// ```
    /// use chainrule::metrics::Verdict;
    /// use chainrule::prelude::*;
    ///
    /// let digits = Mnist::sample().train.take(500)?;
    /// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
    /// let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.001)).epochs(5);
    /// let history = trainer.fit(&mut model, &digits)?;
    /// let verdict = history.verdict().unwrap();
    /// assert!(matches!(verdict, Verdict::StillImproving { .. }));
    /// assert!(verdict.to_string().starts_with("still improving: the training loss fell from "));
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    pub fn verdict(&self) -> Option<Verdict> {
        let last = self.last()?;
        let training: Vec<f64> = self.epochs.iter().map(|epoch| epoch.loss).collect();
        let validation: Option<Vec<f64>> =
            self.epochs.iter().map(|epoch| epoch.validation_loss).collect();
        let least = 1e-6 * training[0].abs();
        let chance = self.chance.filter(|chance| chance.loss > least);
        if let Some(verdict) = diverged(&training, chance) {
            return Some(verdict);
        }
        if let Some(chance) = chance.filter(|chance| self.is_at_chance(last, chance)) {
            return Some(Verdict::AtChance { loss: last.loss, chance: chance.loss });
        }
        if training.len() < EPOCHS {
            return None;
        }
        let overfits = validation.as_ref().and_then(|validation| overfits(validation, &training));
        let by_validation = validation.is_some();
        let losses = validation.unwrap_or(training);
        Some(overfits.or_else(|| still_improving(&losses, by_validation)).unwrap_or_else(|| {
            let best = lowest(&losses);
            Verdict::Converged { validation: by_validation, best: best + 1, loss: losses[best] }
        }))
    }

    fn is_at_chance(&self, last: &Epoch, chance: &Chance) -> bool {
        // The loss of the first epoch is mostly that of the start, and the accuracy shows more.
        let is_known = self.epochs.len() > 1 || last.accuracy.or(last.validation_loss).is_some();
        let accuracy = match (last.accuracy, chance.accuracy) {
            (Some(accuracy), Some(p)) => {
                accuracy <= p + 3.0 * (p * (1.0 - p) / chance.samples as f64).sqrt()
            }
            _ => true,
        };
        let validation = last.validation_loss.is_none_or(|loss| loss >= 0.9 * chance.loss);
        is_known && accuracy && validation && last.loss >= 0.99 * chance.loss
    }
}

fn diverged(training: &[f64], chance: Option<Chance>) -> Option<Verdict> {
    let (first, to) = (training[0], training[training.len() - 1]);
    let low = lowest(training);
    let has_grown = to > first + chance.map_or(0.0, |chance| chance.loss).max(first.abs());
    let has_unlearned =
        chance.is_some_and(|Chance { loss: g, .. }| to >= 0.99 * g && training[low] < 0.9 * g);
    (has_grown || has_unlearned).then(|| Verdict::Diverged {
        since: low + 1,
        from: training[low],
        to,
    })
}

fn overfits(validation: &[f64], training: &[f64]) -> Option<Verdict> {
    let (n, w) = (validation.len(), window(validation));
    let (v, a) = (means(validation), means(training));
    let (low, last) = (lowest(&v), n - w);
    if low + w + 2 > last || a[last] >= a[low] {
        return None;
    }
    let rise = v[last] - v[low];
    let noise = standard_error(&validation[low.min(n / 2 - 1)..], w);
    (rise > (0.1 * v[low].abs()).max(4.0 * noise)).then(|| Verdict::Overfits {
        since: low + lowest(&validation[low..low + w]) + 1,
        from: v[low],
        to: v[last],
    })
}

fn still_improving(losses: &[f64], validation: bool) -> Option<Verdict> {
    let (n, w) = (losses.len(), window(losses));
    let m = means(losses);
    let (from, to) = (m[n - 2 * w], m[n - w]);
    let falls = lowest(&m) == n - w && from - to > 0.01 * w as f64 * to.abs();
    let is_no_noise = from - to > 2.0 * standard_error(&losses[n / 2 - 1..], w);
    let is_steady = losses[n - 4..].windows(2).all(|pair| pair[1] < pair[0]);
    (falls && (is_no_noise || is_steady)).then_some(Verdict::StillImproving {
        validation,
        epochs: w,
        from,
        to,
    })
}

/// Number of epochs of a window.
fn window(losses: &[f64]) -> usize {
    (losses.len() / 5).max(1)
}

/// The mean of each window.
fn means(losses: &[f64]) -> Vec<f64> {
    let w = window(losses);
    losses.windows(w).map(|window| window.iter().sum::<f64>() / w as f64).collect()
}

/// Index of the lowest number, the first of several.
fn lowest(losses: &[f64]) -> usize {
    (0..losses.len()).min_by(|&i, &j| losses[i].total_cmp(&losses[j])).unwrap_or(0)
}

/// Standard error of the difference of the means of two windows.
fn standard_error(losses: &[f64], w: usize) -> f64 {
    let bends: Vec<f64> = losses.windows(3).map(|x| (x[0] - 2.0 * x[1] + x[2]).powi(2)).collect();
    let variance = bends.iter().sum::<f64>() / (6.0 * bends.len().max(1) as f64);
    (variance * 2.0 / w as f64).sqrt()
}
