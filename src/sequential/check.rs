//! Checks of a data set against a model and a loss.

use super::Sequential;
use crate::data::{Dataset, Target, TargetKind};
use crate::error::{Mismatch, Result, TrainError};
use crate::loss::Loss;
use crate::shape::{label, len};
use crate::text::shortened;

/// Largest number of characters of a target in an error.
const SHOWN: usize = 60;

/// Checks of the samples of one data set. The code of a data set may be a user's, and its samples are looked at
/// before a batch could go out of bounds.
pub(crate) struct DataCheck<'a> {
    model: &'a Sequential,
    data: &'a dyn Dataset,
    loss: &'a dyn Loss,
    /// Name of the set in errors.
    which: &'static str,
    kind: TargetKind,
}

/// Refuses a data set that is empty, whose inputs or targets do not fit the model, or whose targets
/// the loss gives no sensible weight.
pub(crate) fn check_data(
    model: &Sequential,
    data: &dyn Dataset,
    loss: &dyn Loss,
    which: &'static str,
) -> Result<()> {
    model.check_not_empty()?;
    if data.is_empty() {
        return Err(TrainError::EmptySet { which }.into());
    }
    let check = DataCheck::new(model, data, loss, which)?;
    (0..data.len()).try_for_each(|index| check.sample(index))
}

impl<'a> DataCheck<'a> {
    /// Refuses a data set whose inputs or targets are not of the model's shapes.
    pub fn new(
        model: &'a Sequential,
        data: &'a dyn Dataset,
        loss: &'a dyn Loss,
        which: &'static str,
    ) -> Result<Self> {
        if data.input_shape() != model.input_shape() {
            let (wanted, came) = (model.input_shape().to_vec(), data.input_shape());
            return Err(TrainError::InputShape { wanted, came }.into());
        }
        check_last_layer(model, loss)?;
        let kind = data.target_kind();
        let outputs = len(model.output_shape());
        let steps = || check_steps(model.output_shape(), loss.step_outputs());
        loss.check(outputs, &kind)
            .and_then(|()| steps())
            .map_err(|mismatch| TrainError::Target { loss: loss.name(), outputs, mismatch })?;
        Ok(DataCheck { model, data, loss, which, kind })
    }

    /// Refuses a sample whose length or target does not fit, or to which the loss gives no sensible weight.
    pub fn sample(&self, index: usize) -> Result<()> {
        let DataCheck { model, data, which, .. } = *self;
        let mut outputs = len(model.output_shape());
        if let Some(length) = data.sequence_length(index) {
            let what = match which {
                "training" => "the training set",
                "validation" => "the validation set",
                "evaluation" => "the evaluation set",
                _ => "the set",
            };
            let steps = model.output_shape().first().copied().unwrap_or(1);
            outputs = outputs / steps * model.check_length(what, index, length)?.min(steps);
        }
        check_target(data, self.loss, (index, outputs), &self.kind, which)
    }
}

/// Refuses a last layer that computes probabilities under a loss that computes them itself.
fn check_last_layer(model: &Sequential, loss: &dyn Loss) -> Result<()> {
    match model.graph.nodes.last().map(|node| node.name.as_str()) {
        Some(name @ ("Softmax" | "Sigmoid")) if loss.takes_logits() => {
            Err(TrainError::AppliedTwice { layer: name.to_string(), loss: loss.name() }.into())
        }
        _ => Ok(()),
    }
}

/// Refuses outputs whose last axes, all together or some of them, are not those of a step. A single axis may hold all
/// steps.
fn check_steps(output: &[usize], of_step: Option<usize>) -> Result<(), Mismatch> {
    let Some(width) = of_step.filter(|_| output.len() > 1) else { return Ok(()) };
    if (0..output.len()).any(|axis| len(&output[axis..]) == width) {
        return Ok(());
    }
    let wanted = format!("{width} outputs for each step, and the model gives {}", label(output));
    Err(Mismatch::new(wanted, format!("let the last layer give {width} for each step")))
}

/// Refuses a sample whose target is not of the kind that its data set announces, or to which the loss
/// gives no sensible weight. Of its prediction, `outputs` numbers count.
fn check_target(
    data: &dyn Dataset,
    loss: &dyn Loss,
    (index, outputs): (usize, usize),
    kind: &TargetKind,
    which: &'static str,
) -> Result<()> {
    let target = data.target(index);
    let fits = match (target, kind) {
        (Target::Class(class), TargetKind::Classes(classes)) => class < *classes,
        (Target::Values(values), TargetKind::Values(count)) => values.len() == *count,
        (Target::Classes(all), TargetKind::Sequences { classes, longest }) => {
            let is_class = |class: &usize| class < classes || *class == Target::IGNORED;
            all.len() <= *longest && all.iter().all(is_class)
        }
        _ => false,
    };
    if !fits {
        let target = match target {
            Target::Class(class) => format!("class {class}"),
            Target::Values(values) => format!("{} values", values.len()),
            Target::Classes(all) => {
                let highest = all.iter().filter(|class| **class != Target::IGNORED).max();
                format!("{} classes up to {}", all.len(), highest.copied().unwrap_or(0))
            }
        };
        let wanted = match kind {
            TargetKind::Classes(count) => format!("{count} classes, counted from 0"),
            TargetKind::Values(count) => format!("{count} values"),
            TargetKind::Sequences { classes, longest } => {
                format!("up to {longest} of {classes} classes, counted from 0")
            }
        };
        return Err(TrainError::BadTarget { which, index, target, wanted }.into());
    }
    if let Target::Values(values) = target {
        let finite = || match values.iter().all(|value| value.is_finite()) {
            true => Ok(()),
            false => {
                Err(Mismatch::new("finite numbers", "leave the sample out, or mend its target"))
            }
        };
        finite().and_then(|()| loss.check_values(values)).map_err(|mismatch| {
            let (loss, target) = (loss.name(), shortened(&format!("{values:?}"), SHOWN));
            TrainError::TargetValues { which, index, loss, target, mismatch }
        })?;
    }
    if let Target::Classes(classes) = target {
        loss.check_classes(outputs, classes).map_err(|mismatch| {
            let (loss, target) = (loss.name(), shortened(&format!("{classes:?}"), SHOWN));
            TrainError::TargetValues { which, index, loss, target, mismatch }
        })?;
    }
    let weight = loss.weight(target);
    if !(weight.is_finite() && weight >= 0.0) {
        return Err(TrainError::Weight { which, index, loss: loss.name(), weight }.into());
    }
    Ok(())
}
