//! Stop when it gets no better, and keep the best.

use super::{Callback, Monitor, State};
use crate::error::{Result, TrainError};
use crate::trainer::Run;

/// Stops training when the validation has not improved for more than `patience` epochs, and gives
/// the model the weights of the best epoch: on every way out, also when all epochs were done, or
/// when training ended in an error.
///
/// ```text
/// better:   value < best - min_improvement     best ← value, its weights are kept
/// stop:     epochs since the best > patience
/// ```
///
/// The first of several equally good epochs is the best.
///
/// - **Settings**: `patience`, in epochs; and unless told otherwise, the validation loss with a
///   [`min_improvement`](EarlyStopping::min_improvement) of 0.
/// - **Source**: L. Prechelt, "Early stopping — but when?", in *Neural Networks: Tricks of the Trade*,
///   1998.
///
/// ```
/// use chainrule::prelude::*;
///
/// let mnist = Mnist::sample();
/// let (train, validation) = (mnist.train.take(200)?, mnist.test.take(200)?);
/// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
/// let mut stopping = EarlyStopping::new(2);
/// let history = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.02))
///     .epochs(100)
///     .validation(&validation)
///     .callback(&mut stopping)
///     .fit(&mut model, &train)?;
/// let best = stopping.best_epoch().unwrap();
/// assert_eq!(history.epochs.len(), best + 2 + 1);
///
/// let loss = model.evaluate(&validation, &SoftmaxCrossEntropy)?.loss;
/// assert_eq!(Some(loss), history.epochs[best - 1].validation_loss);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct EarlyStopping {
    patience: usize,
    min_improvement: f64,
    monitor: Monitor,
    best: Option<Best>,
}

#[derive(Debug, Clone)]
struct Best {
    epoch: usize,
    badness: f64,
    params: Vec<f32>,
}

impl EarlyStopping {
    /// Stops after more than `patience` epochs that are no better than the best.
    pub fn new(patience: usize) -> Self {
        let monitor = Monitor::ValidationLoss;
        EarlyStopping { patience, min_improvement: 0.0, monitor, best: None }
    }

    /// By how much the best must be undercut, or exceeded, to count as improved.
    #[must_use]
    pub fn min_improvement(self, min_improvement: f64) -> Self {
        EarlyStopping { min_improvement, ..self }
    }

    /// Which number to go by.
    #[must_use]
    pub fn monitor(self, monitor: Monitor) -> Self {
        EarlyStopping { monitor, ..self }
    }

    /// The number of the epoch whose weights are the best so far.
    pub fn best_epoch(&self) -> Option<usize> {
        self.best.as_ref().map(|best| best.epoch)
    }

    /// Stops the run if the best epoch is too long ago.
    fn stop_if_stale(&self, run: &mut Run<'_>) {
        let Some(best) = self.best_epoch() else { return };
        let done = run.history().epochs.len();
        if done.saturating_sub(best) > self.patience {
            let number = self.monitor.name();
            run.stop(format!("no better {number} than in epoch {best} for {} epochs", done - best));
        }
    }
}

impl Callback for EarlyStopping {
    fn check(&mut self, _run: &Run<'_>) -> Result<()> {
        if !(self.min_improvement >= 0.0 && self.min_improvement.is_finite()) {
            let came = self.min_improvement.to_string();
            let (setting, wanted) = ("EarlyStopping's least improvement", "a finite number from 0");
            return Err(TrainError::Setting { setting, came, wanted }.into());
        }
        Ok(())
    }

    fn begin(&mut self, run: &mut Run<'_>) -> Result<()> {
        if run.history().epochs.is_empty() {
            // A new run, not the last one again.
            self.best = None;
        } else {
            self.stop_if_stale(run);
        }
        Ok(())
    }

    fn epoch(&mut self, run: &mut Run<'_>) -> Result<()> {
        let Some(epoch) = run.history().last() else { return Ok(()) };
        let (number, badness) = (epoch.epoch, self.monitor.badness(epoch)?);
        let best = self.best.as_ref().map_or(f64::INFINITY, |best| best.badness);
        if badness < best - self.min_improvement {
            let params = self.best.take().map_or(Vec::new(), |best| best.params);
            let mut best = Best { epoch: number, badness, params };
            best.params.clear();
            best.params.extend_from_slice(run.model().params());
            self.best = Some(best);
        }
        self.stop_if_stale(run);
        Ok(())
    }

    fn end(&mut self, run: &mut Run<'_>) -> Result<()> {
        match &self.best {
            Some(best) => run.set_params(&best.params),
            None => Ok(()),
        }
    }

    fn state(&self) -> State {
        let mut state = State::default();
        if let Some(best) = &self.best {
            state.put("weights", best.params.clone());
            state.put_numbers("best", vec![best.epoch as f64, best.badness]);
        }
        state
    }

    fn restore(&mut self, mut state: State) -> Result<()> {
        self.best = match (state.take("weights"), state.take_numbers("best").as_deref()) {
            (Some(params), Some(&[epoch, badness])) => {
                Some(Best { epoch: epoch as usize, badness, params })
            }
            _ => None,
        };
        Ok(())
    }
}
