//! Evaluation of a model on a data set: its loss, and what it predicts.

use ndarray::Array2;
use rayon::prelude::*;

use super::Sequential;
use super::check::check_data;
use crate::data::{ByName, Dataset, Target, TargetKind};
use crate::error::{Error, ModelError, Result, TrainError};
use crate::kernels::tree::TreeSum;
use crate::layer::Mode;
use crate::loss::{Loss, weighted_mean};
use crate::metrics::{Evaluation, Judgement};
use crate::shape::len;
use crate::text::shortened;

/// Largest number of characters of the outputs in an error.
const SHOWN: usize = 60;

impl Sequential {
    /// Predicts all of a data set and compares with its targets, on all threads that rayon has. Classes
    /// with names are matched by them: see [`Sequential::class_names`].
    ///
    /// Takes about 60 bytes a sample, and 8 bytes more for each target value.
    ///
    /// # Errors
    ///
    /// [`TrainError`] when the data set is empty, or its inputs or targets do
    /// not fit the model; [`ModelError::NotFiniteOutput`] for an output that is infinite or NaN, and
    /// [`ModelError::NotFiniteInput`] where that comes of the input; [`TrainError::LossNotFinite`] for a
    /// loss that is; and those of [`Dataset::input`].
    pub fn evaluate(&self, data: &dyn Dataset, loss: &dyn Loss) -> Result<Evaluation> {
        let by_name = ByName::new(data, &self.class_names, "evaluation")?;
        let data = by_name.dataset();
        check_data(self, data, loss, "evaluation")?;
        let (n, shard) = (data.len(), self.shard_size().min(data.len()));
        let classes = match data.target_kind() {
            TargetKind::Classes(classes) => classes,
            TargetKind::Values(_) => 0,
        };
        let outputs = len(self.output_shape());
        let room = match (outputs, classes) {
            (1, 2) => 2,
            (outputs, classes) if outputs == classes => classes,
            _ => 0,
        };
        let values = if data.target_kind() == TargetKind::Values(outputs) { outputs } else { 0 };
        let mut judged = vec![Judgement::default(); n];
        let mut predictions = Array2::zeros((n, values));
        let mut rest = predictions.as_slice_mut().expect("a new array is contiguous");
        let shards: Vec<(&mut [Judgement], &mut [f32])> = judged
            .chunks_mut(shard)
            .map(|judged| {
                let rows = rest.split_off_mut(..judged.len() * values);
                (judged, rows.expect("a row for each sample"))
            })
            .collect();
        shards.into_par_iter().enumerate().try_for_each_init(
            || (self.spare_workspace(), vec![0.0; room]),
            |(workspace, log_p), (number, (judged, predictions))| {
                let (first, n) = (number * shard, judged.len());
                self.load_inputs(data, first..first + n, workspace)?;
                self.forward(workspace, n, Mode::Infer);
                let outputs = self.output(workspace, n).chunks_exact(outputs);
                for ((i, judged), output) in judged.iter_mut().enumerate().zip(outputs) {
                    let (index, target) = (first + i, data.target(first + i));
                    refuse_not_finite(output, data, index, len(self.input_shape()))?;
                    *judged = Judgement::new(loss, output, target, log_p);
                    if !judged.loss.is_finite() {
                        return Err(loss_not_finite(loss, index, output, target, judged.loss));
                    }
                    if values > 0 {
                        let prediction = &mut predictions[i * values..][..values];
                        loss.outputs().predicted_values(output, prediction);
                    }
                }
                Result::<()>::Ok(())
            },
        )?;
        let actual: Vec<usize> = (0..n)
            .filter_map(|index| match data.target(index) {
                Target::Class(class) => Some(class),
                Target::Values(_) => None,
            })
            .collect();
        let right = actual.iter().zip(&judged).filter(|(a, j)| **a == j.predicted).count();
        let weight_of = |index: usize| f64::from(loss.weight(data.target(index)));
        let weights: TreeSum = (0..n).map(weight_of).collect();
        let losses = judged.iter().enumerate();
        let sum: TreeSum = losses.map(|(i, j)| weight_of(i) * f64::from(j.loss)).collect();
        Ok(Evaluation {
            loss: weighted_mean(sum.total(), weights.total()),
            accuracy: (actual.len() == n).then(|| right as f64 / n as f64),
            classes,
            class_names: match data.class_names() {
                [] if classes > 0 => self.class_names.clone(),
                names => names.to_vec(),
            },
            losses: judged.iter().map(|j| j.loss).collect(),
            predicted: judged.iter().map(|j| j.predicted).collect(),
            actual,
            ranks: all(&judged, |j| j.rank),
            log_likelihoods: all(&judged, |j| j.belief.map(|(log_p, _)| log_p)),
            confidences: all(&judged, |j| j.belief.map(|(_, p)| p)),
            scores: all(&judged, |j| j.score),
            predictions,
            targets: target_values(data, values),
        })
    }
}

/// Refuses an output that is not finite, of a sample of which `size` values went in: they are looked at
/// only then.
fn refuse_not_finite(output: &[f32], data: &dyn Dataset, sample: usize, size: usize) -> Result<()> {
    let first = |values: &[f32]| values.iter().position(|value| !value.is_finite());
    let (what, Some(index)) = ("evaluate", first(output)) else { return Ok(()) };
    let mut x = vec![0.0; size];
    data.input(sample, &mut x)?;
    Err(match first(&x) {
        Some(index) => {
            let value = x[index].to_string();
            ModelError::NotFiniteInput { what, sample, index, value }
        }
        None => {
            let value = output[index].to_string();
            ModelError::NotFiniteOutput { what, sample, index, value }
        }
    }
    .into())
}

/// Describes a loss that is not finite, although the outputs are.
fn loss_not_finite(
    loss: &dyn Loss,
    index: usize,
    outputs: &[f32],
    target: Target<'_>,
    value: f32,
) -> Error {
    let target = match target {
        Target::Class(class) => format!("class {class}"),
        Target::Values(values) => shortened(&format!("{values:?}"), SHOWN),
    };
    let outputs = shortened(&format!("{outputs:?}"), SHOWN);
    TrainError::LossNotFinite { loss: loss.name(), index, outputs, target, value }.into()
}

/// Copies the targets, (n, values).
fn target_values(data: &dyn Dataset, values: usize) -> Array2<f32> {
    let mut targets = Array2::zeros((data.len(), values));
    for (index, mut row) in targets.rows_mut().into_iter().enumerate() {
        if let Target::Values(values) = data.target(index) {
            row.iter_mut().zip(values).for_each(|(target, &value)| *target = value);
        }
    }
    targets
}

/// A number of every sample, or nothing where one has none.
fn all<T>(judged: &[Judgement], number: impl Fn(&Judgement) -> Option<T>) -> Vec<T> {
    judged.iter().map(number).collect::<Option<_>>().unwrap_or_default()
}
