//! Evaluation of a model on a data set: its loss, and what it predicts.

use ndarray::Array2;
use rayon::prelude::*;

use super::Sequential;
use super::check::check_data;
use crate::data::{ByName, Dataset, Target, TargetKind, counted};
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
    /// Takes about 90 bytes for each sample, or each step with a target, and 8 bytes more for each target value,
    /// or each label of a string.
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
            TargetKind::Classes(classes) | TargetKind::Sequences { classes, .. } => classes,
            TargetKind::Values(_) => 0,
        };
        let outputs = len(self.output_shape());
        // A sample is judged as a whole, or by each of its steps that count.
        let of_step = loss.of_step();
        let (loss, width) = of_step.unwrap_or((loss, outputs));
        let items = |index: usize| items(data.target(index), of_step.is_some());
        let counts: Vec<usize> = match of_step {
            Some(_) => (0..n).map(|index| items(index).count()).collect(),
            None => Vec::new(),
        };
        let all_items = || (0..n).flat_map(items);
        let room = match (width, classes) {
            (1, 2) => 2,
            (outputs, classes) if outputs == classes => classes,
            _ => 0,
        };
        let values = if data.target_kind() == TargetKind::Values(outputs) { outputs } else { 0 };
        let mut judged =
            vec![Judgement::default(); if of_step.is_some() { counts.iter().sum() } else { n }];
        let mut predictions = Array2::zeros((n, values));
        let mut values_left = predictions.as_slice_mut().expect("a new array is contiguous");
        let mut judged_left = &mut judged[..];
        let mut shards = Vec::with_capacity(n.div_ceil(shard));
        for first in (0..n).step_by(shard) {
            let samples = first..n.min(first + shard);
            let count = counts.get(samples.clone()).map_or(samples.len(), |own| own.iter().sum());
            let judged = judged_left.split_off_mut(..count).expect("room for all");
            let rows = values_left.split_off_mut(..samples.len() * values);
            shards.push((samples, judged, rows.expect("a row for each sample")));
        }
        shards.into_par_iter().try_for_each_init(
            || (self.spare_workspace(), vec![0.0; room]),
            |(workspace, log_p), (samples, judged, predictions)| {
                self.load_inputs("the evaluated set", data, samples.clone(), workspace)?;
                self.forward(workspace, samples.len(), Mode::Infer);
                let mut judged = judged.iter_mut();
                let outputs = self.counted_outputs(workspace, samples.len());
                for (i, (index, output)) in samples.zip(outputs).enumerate() {
                    refuse_not_finite(output, data, index, len(self.input_shape()))?;
                    let mut judge = |output: &[f32], target: Target<'_>| {
                        let judgement = Judgement::new(loss, output, target, log_p);
                        if !judgement.loss.is_finite() {
                            return Err(loss_not_finite(
                                loss,
                                index,
                                output,
                                target,
                                judgement.loss,
                            ));
                        }
                        *judged.next().expect("room for all") = judgement;
                        Ok(())
                    };
                    match of_step {
                        None => judge(output, data.target(index))?,
                        Some(_) => {
                            let steps =
                                output.chunks_exact(width).zip(data.target(index).classes());
                            let mut counted = steps.filter(|(_, class)| **class != Target::IGNORED);
                            counted.try_for_each(|(output, &class)| {
                                judge(output, Target::Class(class))
                            })?;
                        }
                    }
                    if values > 0 {
                        let prediction = &mut predictions[i * values..][..values];
                        loss.outputs().predicted_values(output, prediction);
                    }
                }
                Result::<()>::Ok(())
            },
        )?;
        let class = |target| if let Target::Class(class) = target { Some(class) } else { None };
        let actual: Vec<usize> = all_items().filter_map(class).collect();
        let right = actual.iter().zip(&judged).filter(|(a, j)| **a == j.predicted).count();
        let weight = |target| f64::from(loss.weight(target));
        let weights: TreeSum = all_items().map(weight).collect();
        let losses = all_items().zip(&judged);
        let sum: TreeSum = losses.map(|(target, j)| weight(target) * f64::from(j.loss)).collect();
        let of_classes = classes > 0 && actual.len() == judged.len();
        let read: Vec<Vec<usize>> = judged.iter_mut().filter_map(|j| j.read.take()).collect();
        let of_strings = !read.is_empty();
        let evaluation = Evaluation {
            loss: weighted_mean(sum.total(), weights.total()),
            accuracy: of_classes.then(|| right as f64 / judged.len().max(1) as f64),
            classes,
            class_names: match data.class_names() {
                [] if classes > 0 => self.class_names.clone(),
                names => names.to_vec(),
            },
            steps: counts,
            losses: judged.iter().map(|j| j.loss).collect(),
            predicted: match of_strings {
                true => Vec::new(),
                false => judged.iter().map(|j| j.predicted).collect(),
            },
            actual,
            written: (0..read.len()).map(|index| data.target(index).classes().to_vec()).collect(),
            read,
            ranks: all(&judged, |j| j.rank),
            log_likelihoods: all(&judged, |j| j.belief.map(|(log_p, _)| log_p)),
            confidences: all(&judged, |j| j.belief.map(|(_, p)| p)),
            scores: all(&judged, |j| j.score),
            predictions,
            targets: target_values(data, values),
        };
        let accuracy = evaluation.accuracy.or_else(|| evaluation.sequence_accuracy());
        Ok(Evaluation { accuracy, ..evaluation })
    }
}

/// Targets by which a sample is judged: its own, or the class of each step that counts.
fn items(target: Target<'_>, of_steps: bool) -> impl Iterator<Item = Target<'_>> {
    let (whole, steps) = if of_steps { (None, target.classes()) } else { (Some(target), &[][..]) };
    let steps = steps.iter().filter(|class| **class != Target::IGNORED);
    whole.into_iter().chain(steps.map(|&class| Target::Class(class)))
}

/// Refuses an output that is not finite, of a sample of which `size` values went in: they are looked at
/// only then.
fn refuse_not_finite(output: &[f32], data: &dyn Dataset, sample: usize, size: usize) -> Result<()> {
    let first = |values: &[f32]| values.iter().position(|value| !value.is_finite());
    let (what, Some(index)) = ("evaluate", first(output)) else { return Ok(()) };
    let mut x = vec![0.0; size];
    data.input(sample, &mut x)?;
    x.truncate(counted(data, sample, size));
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
        Target::Classes(classes) => shortened(&format!("{classes:?}"), SHOWN),
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
