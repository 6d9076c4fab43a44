//! Averages of the weights over a run.
//!
//! Near the end of training the weights circle a minimum without settling in it. Their average lies
//! nearer to its middle, and mostly predicts better than any of them. Training itself continues with
//! the weights as they are, and never sees the average.

use rayon::prelude::*;

use crate::error::TrainError;
use crate::error::in_range;
use crate::kernels::simd::arch;
use crate::sequential::Sequential;

/// An average of the weights, for [`Trainer::average`](crate::trainer::Trainer::average). Validation
/// is of the average, and the model has it when `fit` returns.
///
/// ```text
/// EMA, after each step:    a ← d·a + (1 - d)·w      a = w after the first
/// SWA, after an epoch:     a ← a + (w - a)/n        n = 1, 2, … for the epochs that end past `start`
/// ```
///
/// - **Source**: EMA: B. Polyak, A. Juditsky, "Acceleration of stochastic approximation by averaging",
///   SIAM J. Control Optim. 30, 1992; SWA: P. Izmailov et al., "Averaging weights leads to wider
///   optima and better generalization", UAI 2018. Both as in `torch.optim.swa_utils`.
///
/// ```
/// use chainrule::prelude::*;
///
/// let ema = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.001)).average(Average::ema(0.999));
/// // The mean of the last five of twenty epochs.
/// let swa = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.05)).epochs(20).average(Average::swa(0.75));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Average(Kind);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Ema { decay: f32 },
    Swa { start: f32 },
}

impl Average {
    /// The exponential moving average, which keeps the share `decay` of itself each step, in 0..1;
    /// 0.99 to 0.9999 are usual. It starts as the weights after the first step.
    pub fn ema(decay: f32) -> Self {
        Average(Kind::Ema { decay })
    }

    /// Stochastic weight averaging: the mean of the weights at the ends of the epochs that end later
    /// than the share `start` of the run, in 0..1: 0.75 averages over its last quarter, 0 over all
    /// epochs. Until then there is no average, and validation is of the weights as they are.
    ///
    /// Statistics, such as those of a batch normalization, are not averaged: for each validation
    /// and at the end, they are measured by a forward pass over the training data.
    pub fn swa(start: f32) -> Self {
        Average(Kind::Swa { start })
    }

    /// Returns whether it depends on the number of epochs of the run.
    pub(super) fn depends_on_epochs(&self) -> bool {
        matches!(self.0, Kind::Swa { .. })
    }

    /// Refuses a setting without meaning.
    pub(super) fn check(&self) -> Result<(), TrainError> {
        let wanted = "from 0 up to, but not including, 1";
        match self.0 {
            Kind::Ema { decay } => in_range("the average's decay", decay, 0.0..1.0, wanted),
            Kind::Swa { start } => in_range("the average's start", start, 0.0..1.0, wanted),
        }
    }
}

/// The average of a run so far.
pub(super) struct Running {
    kind: Kind,
    mean: Vec<f32>,
    /// Number of times that weights have entered it.
    count: usize,
}

impl Running {
    pub fn new(average: Average, model: &Sequential) -> Self {
        Running { kind: average.0, mean: vec![0.0; model.param_count()], count: 0 }
    }

    /// Follows a step.
    pub fn step(&mut self, model: &Sequential) {
        if let Kind::Ema { decay } = self.kind {
            self.enter(model.params(), 1.0 - decay);
        }
    }

    /// Follows an epoch, after which the share `done` of the run is over.
    pub fn epoch(&mut self, model: &Sequential, done: f32) {
        if let Kind::Swa { start } = self.kind
            && done > start
        {
            self.enter(model.params(), 1.0 / (self.count + 1) as f32);
        }
    }

    /// Exchanges the average and the model's weights, if there is an average.
    pub fn swap(&mut self, model: &mut Sequential) {
        if self.count > 0 {
            model.update(|params| params.swap_with_slice(&mut self.mean));
        }
    }

    /// The average, and the number of times that weights have entered it, for a checkpoint.
    pub fn state(&self) -> (&[f32], usize) {
        (&self.mean, self.count)
    }

    /// Restores both from a checkpoint.
    pub fn restore(&mut self, mean: Vec<f32>, count: usize) {
        (self.mean, self.count) = (mean, count);
    }

    /// Reports whether the average is of weights from far apart, a model that has never run.
    pub fn is_new(&self) -> bool {
        matches!(self.kind, Kind::Swa { .. }) && self.count > 0
    }

    /// Moves the average by this share of the way to the weights; the first to enter are the average.
    fn enter(&mut self, weights: &[f32], share: f32) {
        const PIECE: usize = 16 * 1024;
        let share = if self.count == 0 { 1.0 } else { share };
        self.count += 1;
        self.mean.par_chunks_mut(PIECE).zip(weights.par_chunks(PIECE)).for_each(
            |(mean, weights)| {
                arch().dispatch(
                    #[inline(always)]
                    || {
                        for (mean, w) in mean.iter_mut().zip(weights) {
                            *mean += share * (w - *mean);
                        }
                    },
                );
            },
        );
    }
}
