//! Prototypes: the usual outputs of a model for the inputs of each class.

use serde::{Deserialize, Serialize};

/// Usual outputs of a model for the inputs of each class: their mean, and their distance from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prototypes {
    /// Prototype of each class; `None` for one of which no sample was seen.
    classes: Vec<Option<Prototype>>,
}

/// Mean of the outputs for samples of a class, and the root of their mean squared distance from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prototype {
    mean: Vec<f32>,
    spread: f32,
}

impl Prototypes {
    /// Measures them from the outputs for samples of each class.
    pub(super) fn of(samples: &[Vec<Vec<f32>>]) -> Self {
        Prototypes { classes: samples.iter().map(|samples| prototype(samples)).collect() }
    }

    /// Distance of the outputs for an input from those that are usual for a class:
    ///
    /// ```text
    /// d = |y - m|/s        m: mean of the class's outputs        s² = mean of |y - m|² over its samples
    /// ```
    ///
    /// `None` where no samples of the class were seen, or all of them gave the same outputs.
    pub fn distance(&self, class: usize, y: &[f32]) -> Option<f32> {
        let Prototype { mean, spread } = self.classes.get(class)?.as_ref()?;
        let square: f32 = mean.iter().zip(y).map(|(m, y)| (y - m) * (y - m)).sum();
        (*spread > 0.0).then(|| square.sqrt() / spread)
    }

    /// Says what is wrong with prototypes that came from a file, for a model of this many outputs.
    pub(super) fn check(&self, outputs: usize) -> Result<(), String> {
        if self.classes.len() != outputs.max(2) {
            let count = self.classes.len();
            return Err(format!("prototypes of {count} classes for a model of {}", outputs.max(2)));
        }
        let is_right = |class: &Prototype| {
            class.mean.len() == outputs
                && class.mean.iter().chain([&class.spread]).all(|x| x.is_finite())
        };
        match self.classes.iter().flatten().all(is_right) {
            true => Ok(()),
            false => Err(format!("a prototype is not {outputs} finite numbers and a spread")),
        }
    }
}

/// Prototype of these outputs, if there are any.
fn prototype(samples: &[Vec<f32>]) -> Option<Prototype> {
    let n = samples.len() as f64;
    let mut mean = vec![0.0f64; samples.first()?.len()];
    for y in samples {
        mean.iter_mut().zip(y).for_each(|(mean, &y)| *mean += f64::from(y) / n);
    }
    let square = |y: &Vec<f32>| -> f64 {
        mean.iter().zip(y).map(|(mean, &y)| (f64::from(y) - mean).powi(2)).sum()
    };
    let spread = (samples.iter().map(square).sum::<f64>() / n).sqrt() as f32;
    Some(Prototype { mean: mean.into_iter().map(|mean| mean as f32).collect(), spread })
}
