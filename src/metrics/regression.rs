//! Regression: how far predicted numbers are from their targets.

use std::fmt;

use ndarray::ArrayView1;

use super::Evaluation;
use super::confusion::name;
use super::table::{LISTED, Table, lowest};
use crate::text::number;

/// Errors of one output, or the mean over all.
///
/// ```text
/// MAE  = (1/n)·Σ |pᵢ - tᵢ|
/// RMSE = √((1/n)·Σ (pᵢ - tᵢ)²)
/// R²   = 1 - Σ (tᵢ - pᵢ)² / Σ (tᵢ - t̄)²        with t̄ = (1/n)·Σ tᵢ
/// ```
///
/// MAE and RMSE are in units of the target. A large RMSE and a small MAE point to a few large
/// errors. R² has no unit: 1 for perfect predictions, 0 for those as good as the mean, and below 0 for
/// worse ones. Targets that are all the same have an R² of 1 if every prediction is right, and else of
/// 0, as in scikit-learn.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RegressionScores {
    /// Mean absolute error.
    pub mae: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Share of the variance of the targets that the predictions explain.
    pub r2: f64,
}

impl RegressionScores {
    /// The scores of one output, over at least one sample.
    fn new(predictions: ArrayView1<f32>, targets: ArrayView1<f32>) -> Self {
        let n = targets.len() as f64;
        let pairs = || predictions.iter().zip(targets).map(|(&p, &t)| (f64::from(p), f64::from(t)));
        let mean = pairs().map(|(_, t)| t).sum::<f64>() / n;
        let squares: f64 = pairs().map(|(p, t)| (p - t) * (p - t)).sum();
        let spread: f64 = pairs().map(|(_, t)| (t - mean) * (t - mean)).sum();
        // Their mean may be rounded, and then the spread of equal numbers is not quite 0.
        let is_constant = targets.iter().all(|&t| t == targets[0]);
        RegressionScores {
            mae: pairs().map(|(p, t)| (p - t).abs()).sum::<f64>() / n,
            rmse: (squares / n).sqrt(),
            r2: match is_constant {
                true => f64::from(u8::from(squares == 0.0)),
                false => 1.0 - squares / spread,
            },
        }
    }

    fn cells(&self) -> [String; 3] {
        [number(self.mae), number(self.rmse), format!("{:.4}", self.r2)]
    }
}

/// Errors of predicted numbers: [`Evaluation::regression`] makes it.
///
/// Its `Display` is a table: of all outputs up to 30, and of more the 30 with the lowest R².
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// // The outputs are the inputs.
/// let x = array![[1.0, 10.0], [2.0, 20.0], [4.0, 30.0]].into_dyn();
/// let t = array![[1.0, 10.0], [2.0, 30.0], [3.0, 20.0]].into_dyn();
/// let model = Sequential::new([2]).add(Flatten)?;
/// let result = model.evaluate(&Arrays::new(x, t)?, &MeanSquaredError)?;
/// let scores = result.regression().unwrap().named(["length", "weight"]);
/// assert_eq!((scores.outputs[0].r2, result.worst(1)), (0.5, vec![2]));
/// assert_eq!(scores.to_string(), "\
/// output         MAE      RMSE        R²
/// length      0.3333    0.5774    0.5000
/// weight       6.667     8.165    0.0000
/// mean           3.5     4.371    0.2500
/// ");
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// Source: T. Hastie, R. Tibshirani, J. Friedman, "The Elements of Statistical Learning", 2009,
/// sections 2.4 and 3.2.
#[derive(Debug, Clone, PartialEq)]
pub struct Regression {
    /// Output by output.
    pub outputs: Vec<RegressionScores>,
    /// Names of the outputs; those without a name go by their numbers.
    pub names: Vec<String>,
}

impl Regression {
    /// Gives the outputs names.
    #[must_use]
    pub fn named<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        Regression { names: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// Computes the mean over the outputs, each counting the same.
    pub fn mean(&self) -> RegressionScores {
        let count = self.outputs.len().max(1) as f64;
        let mean =
            |of: fn(&RegressionScores) -> f64| self.outputs.iter().map(of).sum::<f64>() / count;
        RegressionScores {
            mae: mean(|output| output.mae),
            rmse: mean(|output| output.rmse),
            r2: mean(|output| output.r2),
        }
    }
}

impl Evaluation {
    /// Compares the [predictions](Evaluation::predictions) with targets that are values. `None`
    /// where the targets are classes, or not one value for each output.
    ///
    /// [`Evaluation::worst`] has the samples with the largest errors.
    pub fn regression(&self) -> Option<Regression> {
        if self.targets.is_empty() || self.targets.dim() != self.predictions.dim() {
            return None;
        }
        let columns = self.predictions.columns().into_iter().zip(self.targets.columns());
        let outputs = columns.map(|(p, t)| RegressionScores::new(p, t)).collect();
        Some(Regression { outputs, names: self.class_names.clone() })
    }
}

impl fmt::Display for Regression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new("output", &["MAE", "RMSE", "R²"]);
        for output in lowest(self.outputs.iter().map(|output| output.r2)) {
            table.row(&name(&self.names, output), self.outputs[output].cells());
        }
        if self.outputs.len() > LISTED {
            table.note(format!("{LISTED} of {}: those with the lowest R²", self.outputs.len()));
        }
        if self.outputs.len() > 1 {
            table.row("mean", self.mean().cells());
        }
        write!(f, "{table}")
    }
}
