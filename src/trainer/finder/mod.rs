//! Which learning rate? A sweep from a small to a large one, over as many batches.
//!
//! With a rate that is too small the loss stays where it is, with a good one it falls, with one that
//! is too large it grows without end: one sweep shows all three, in the time of a hundred steps.
//! The loss of a single batch is noisy, so what is kept is its running mean; as the moments of Adam,
//! it starts at 0, and dividing by `1 - βᵗ` makes up for that:
//!
//! ```text
//! rateᵢ = from·(to/from)^(i/99)        m ← β·m + (1 - β)·loss        smoothᵢ = m/(1 - βᵗ), t = i + 1
//! ```
//!
//! Source: L. Smith, "Cyclical learning rates for training neural networks", 2017, §3.3; with an
//! exponential sweep and a smooth loss, after S. Gugger, "How do you find a good learning rate",
//! 2018.

mod chart;
mod plot;
mod rates;
#[cfg(feature = "report")]
mod svg;

pub use rates::LearningRates;

use std::ops::Range;

use super::Trainer;
use super::prefetch::Prefetch;
use super::step::{NotFinite, Stepper};
use crate::data::{ByName, Dataset};
use crate::error::{Result, TrainError};
use crate::sequential::Sequential;

/// Number of rates that a sweep tries, one a step.
const STEPS: usize = 100;

/// Share of itself that the mean loss keeps from step to step: it looks back over about ten.
const BETA: f64 = 0.9;

/// The first rates, over which the mean looks back too little to be trusted.
const SETTLING: usize = 10;

impl Trainer<'_> {
    /// Tries a hundred learning rates, from a small to a large one (1e-6 to 1 with Adam, to 10
    /// without, are usual), each for one batch on a clone of the model, and returns the loss at each.
    /// The model itself is left as it is. The sweep ends early where the loss diverges.
    ///
    /// The trainer's loss, optimizer, batch size (with [`Trainer::accumulate`]), seed and threads count;
    /// its learning rate, its schedule and its epochs do not.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let digits = Mnist::sample().train;
    /// let model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
    /// let trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1)).batch_size(32);
    /// let rates = trainer.find_learning_rate(&model, &digits, 1e-5..100.0)?;
    /// println!("{rates}");
    /// assert!((0.01..1.0).contains(&rates.suggestion().unwrap()));
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Trainer::fit`], for the first batch; and [`TrainError::Setting`] unless the rates begin
    /// above 0 and end higher.
    pub fn find_learning_rate(
        &self,
        model: &Sequential,
        data: &dyn Dataset,
        rates: Range<f32>,
    ) -> Result<LearningRates> {
        if !(rates.start > 0.0 && rates.start < rates.end && rates.end.is_finite()) {
            let (setting, came) = ("the range of learning rates", format!("{rates:?}"));
            let wanted = "from above 0 to a larger, finite number";
            return Err(TrainError::Setting { setting, came, wanted }.into());
        }
        self.check(model, data)?;
        let by_name = ByName::new(data, model.class_names(), "training")?;
        self.on_threads(|| self.sweep(model.clone(), by_name.dataset(), rates))
    }

    /// Spoils the model on the way.
    fn sweep(
        &self,
        mut model: Sequential,
        data: &dyn Dataset,
        rates: Range<f32>,
    ) -> Result<LearningRates> {
        let mut stepper = Stepper::new(self, &model);
        let mut order = Vec::with_capacity(data.len());
        let mut found = LearningRates::default();
        let (mut mean, mut weight) = (0.0, 1.0);
        let ratio = f64::from(rates.end) / f64::from(rates.start);
        for epoch in 1.. {
            let key = self.order_of(epoch, data, &mut order);
            for (number, indices) in order.chunks(self.step_size(data)).enumerate() {
                let step = self.samples_of(&model, data, indices, (key, number));
                let read = &mut Prefetch::default();
                if let Some(bad) = self.accumulate_batches(&mut stepper, &model, step, read)? {
                    if found.is_empty() {
                        let NotFinite { loss, culprit } = bad;
                        let batch = number + 1;
                        return Err(TrainError::NotFinite { loss, epoch, batch, culprit }.into());
                    }
                    return Ok(found);
                }
                let done = found.len() as f64 / (STEPS - 1) as f64;
                let rate = (f64::from(rates.start) * ratio.powf(done)) as f32;
                mean = BETA * mean + (1.0 - BETA) * stepper.loss();
                weight *= BETA;
                found.push(rate, mean / (1.0 - weight));
                if found.len() == STEPS || found.diverges() {
                    return Ok(found);
                }
                stepper.step(&mut model, rate);
            }
        }
        Ok(found)
    }
}
