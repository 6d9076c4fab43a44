//! How much a model still sees when its inputs get worse.
//!
//! Test images are as tidy as training images. [`Robustness`] asks what becomes of the accuracy when
//! they are turned, moved, blurred or half covered, each more and more: a table, and a plot of a curve
//! for each way. What a model was not trained for, it mostly cannot do: compare one that was trained
//! with [augmentation](crate::data::augment).
//!
//! ```
//! use chainrule::prelude::*;
//! use chainrule::report::robustness::{Corruption, Robustness};
//!
//! let mnist = Mnist::sample();
//! let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
//! Trainer::new(SoftmaxCrossEntropy, Adam::new(0.005)).fit(&mut model, &mnist.train)?;
//!
//! let test = mnist.test.take(500)?;
//! let suite = Robustness::of([Corruption::rotation([15.0, 45.0, 90.0])]);
//! let report = suite.evaluate(&model, &test, &SoftmaxCrossEntropy)?;
//! println!("{report}");
//! # assert!(report.curves[0].points[2].1 < report.clean);
//! # Ok::<(), chainrule::Error>(())
//! ```

mod corrupted;
mod corruption;
mod plot;
mod report;
#[cfg(test)]
mod tests;

pub use corrupted::Corrupted;
pub use corruption::Corruption;
pub use plot::{charts, save_svg, svg};
pub use report::{Curve, RobustnessReport};

use crate::data::Dataset;
use crate::error::{Result, TrainError};
use crate::loss::Loss;
use crate::sequential::Sequential;

/// A suite of corruptions to try a model with.
#[derive(Debug, Clone)]
pub struct Robustness {
    corruptions: Vec<Corruption>,
    seed: u64,
}

impl Default for Robustness {
    fn default() -> Self {
        Robustness::new()
    }
}

impl Robustness {
    /// The suite for digits of 28×28: rotation, shift, noise, blur, loss of contrast, thicker and
    /// thinner strokes, and occlusion, at four to six strengths each.
    pub fn new() -> Self {
        Robustness::of([
            Corruption::rotation([5.0, 10.0, 15.0, 20.0, 30.0, 45.0]),
            Corruption::shift([1.0, 2.0, 3.0, 4.0, 6.0]),
            Corruption::noise([0.1, 0.2, 0.3, 0.4, 0.5]),
            Corruption::blur([0.5, 1.0, 1.5, 2.0, 3.0]),
            Corruption::contrast([0.3, 0.5, 0.7, 0.8, 0.9]),
            Corruption::thicker([0.5, 1.0, 1.5, 2.0]),
            Corruption::thinner([0.25, 0.5, 0.75, 1.0, 1.25]),
            Corruption::occlusion([4, 8, 12, 16]),
        ])
    }

    /// A suite of these.
    pub fn of(corruptions: impl IntoIterator<Item = Corruption>) -> Self {
        Robustness { corruptions: corruptions.into_iter().collect(), seed: 0 }
    }

    /// Adds another corruption.
    #[must_use]
    pub fn corruption(mut self, corruption: Corruption) -> Self {
        self.corruptions.push(corruption);
        self
    }

    /// What noise and occlusion draw from; 0, unless told otherwise.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Robustness { seed, ..self }
    }

    /// The model's accuracy on the data as they are, and on each of their corruptions, on all threads
    /// that rayon has. The same seed gives the same report.
    ///
    /// # Errors
    ///
    /// [`TrainError`] for data that do not fit the model, are no images or have no classes, and for
    /// strengths without meaning; and those of [`Dataset::input`].
    pub fn evaluate(
        &self,
        model: &Sequential,
        data: &dyn Dataset,
        loss: &dyn Loss,
    ) -> Result<RobustnessReport> {
        let accuracy = |data: &dyn Dataset| -> Result<f64> {
            let accuracy = model.evaluate(data, loss)?.accuracy;
            Ok(accuracy.ok_or_else(|| TrainError::Setting {
                setting: "the targets to be robust about",
                came: "values".to_string(),
                wanted: "classes: of values there is no accuracy",
            })?)
        };
        // What cannot be done is refused before an hour of what can.
        for corruption in &self.corruptions {
            corruption.check(data, self.seed)?;
        }
        let clean = accuracy(data)?;
        let curve = |corruption: &Corruption| {
            let points = corruption.strengths().iter().map(|&strength| {
                let recipes = corruption.recipes(strength);
                let mut sum = 0.0;
                for recipe in &recipes {
                    sum += accuracy(&Corrupted::new(data, recipe, self.seed)?)?;
                }
                Ok((strength, sum / recipes.len() as f64))
            });
            let points = points.collect::<Result<_>>()?;
            Ok(Curve { name: corruption.name().to_string(), points })
        };
        let curves = self.corruptions.iter().map(curve).collect::<Result<_>>()?;
        Ok(RobustnessReport { clean, curves })
    }
}
