//! What can keep training from starting or going on.

use thiserror::Error as ThisError;

use super::{Culprit, Mismatch};
use crate::shape;
use crate::text::shortened;

/// Training could not start or go on.
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum TrainError {
    /// A setting has no meaning.
    #[error("{setting} is {came}: it must be {wanted}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// Its value.
        came: String,
        /// What it may be.
        wanted: &'static str,
    },
    /// Everything that could learn is frozen.
    #[error("all {params} parameters that could learn are frozen: free some with `unfreeze`")]
    AllFrozen {
        /// Number of the parameters.
        params: usize,
    },
    /// The data set holds nothing.
    #[error("the {which} set is empty: there is nothing to learn from or to measure")]
    EmptySet {
        /// `training`, `validation`, `evaluation` or `gradient's`.
        which: &'static str,
    },
    /// The samples of a data set are not inputs of the model.
    #[error(
        "the model takes inputs of shape {}, but the data set's are {}: build the model with `Sequential::new` of the data's shape",
        shape::label(wanted),
        shape::label(came)
    )]
    InputShape {
        /// The model's.
        wanted: Vec<usize>,
        /// The data set's.
        came: Vec<usize>,
    },
    /// The model's outputs cannot be compared with the targets.
    #[error(
        "{loss} cannot compare the model's {outputs} outputs with the data set's targets: {mismatch}"
    )]
    Target {
        /// The loss.
        loss: String,
        /// How many numbers the model gives.
        outputs: usize,
        /// What the loss wanted, and the fix.
        mismatch: Mismatch,
    },
    /// A data set has a class that the model does not have.
    #[error(
        "the {which} set has a class `{class}` that the model does not have. The model's classes: {}. The \
         set's: {}. Leave that class out, or train a model with it",
        listed(wanted),
        listed(came)
    )]
    UnknownClass {
        /// `training`, `validation`, `evaluation` or `gradient's`.
        which: &'static str,
        /// The class.
        class: String,
        /// The model's classes.
        wanted: Vec<String>,
        /// The data set's classes.
        came: Vec<String>,
    },
    /// A data set has not one name for each of its classes.
    #[error(
        "the {which} set announces {classes} classes, but names {names}: mend its `class_names` or its `target_kind`"
    )]
    ClassNames {
        /// `training`, `validation`, `evaluation` or `gradient's`.
        which: &'static str,
        /// Number of names.
        names: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A sample's target is not of the kind that its data set announces.
    #[error(
        "target {index} of the {which} set is {target}, but the set announces {wanted}: mend its `target` or its `target_kind`"
    )]
    BadTarget {
        /// `training`, `validation` or `evaluation`.
        which: &'static str,
        /// The number of the sample.
        index: usize,
        /// Its target.
        target: String,
        /// What `target_kind` tells.
        wanted: String,
    },
    /// The values of a target are not in the domain of the loss.
    #[error("target {index} of the {which} set is {target}, but {loss} {mismatch}")]
    TargetValues {
        /// `training`, `validation`, `evaluation` or `gradient's`.
        which: &'static str,
        /// The number of the sample.
        index: usize,
        /// The loss.
        loss: String,
        /// The target.
        target: String,
        /// The values that the loss wants, and the fix.
        mismatch: Mismatch,
    },
    /// The last layer computes probabilities, and so does the loss.
    #[error(
        "the model ends in {layer}, and {loss} applies the same again: leave the last layer out, as `without_last(1)` does"
    )]
    AppliedTwice {
        /// The last layer.
        layer: String,
        /// The loss.
        loss: String,
    },
    /// A loss gives a sample a weight that no mean can be taken with.
    #[error(
        "{loss} gives target {index} of the {which} set the weight {weight}: it must be finite, and 0 or more"
    )]
    Weight {
        /// `training`, `validation`, `evaluation` or `gradient's`.
        which: &'static str,
        /// The number of the sample.
        index: usize,
        /// The loss.
        loss: String,
        /// Its weight.
        weight: f32,
    },
    /// The loss or its gradient became infinite or NaN. The parameters are those before this batch.
    #[error(
        "training stopped in epoch {epoch}, batch {batch}: {culprit} (the loss is {loss}). The parameters are left as they were before this batch; {}",
        culprit.advice()
    )]
    NotFinite {
        /// The loss of the batch.
        loss: f64,
        /// From 1.
        epoch: usize,
        /// From 1.
        batch: usize,
        /// The first number that is not finite.
        culprit: Culprit,
    },
    /// The loss of a sample is infinite or NaN in an evaluation, although the outputs are finite.
    #[error(
        "the loss of sample {index} is {value}: {loss} gives no finite number for outputs of {outputs} and a target of {target}. A smaller learning rate, or targets scaled to about -1..1, usually helps; a loss of your own must be finite for finite outputs"
    )]
    LossNotFinite {
        /// The loss.
        loss: String,
        /// Number of the sample, from 0.
        index: usize,
        /// The model's outputs.
        outputs: String,
        /// The target.
        target: String,
        /// The loss of the sample.
        value: f32,
    },
    /// The loss or its gradient became infinite or NaN in a loop of one's own.
    #[error(
        "step {step}: {culprit} (the loss is {loss}). The gradient of this step is dropped; {}",
        culprit.advice()
    )]
    NotFiniteStep {
        /// Mean loss of the step so far.
        loss: f64,
        /// Number of the step, from 1.
        step: u64,
        /// The first number that is not finite.
        culprit: Culprit,
    },
    /// A batch without samples.
    #[error("the batch has no samples: give at least one index")]
    EmptyBatch,
    /// A sample that the data set does not have.
    #[error("sample {index} was asked for, but the data set has {samples}, counted from 0")]
    NoSample {
        /// The index.
        index: usize,
        /// Number of samples of the data set.
        samples: usize,
    },
    /// A step without a gradient.
    #[error(
        "there is no gradient to step along: call `accumulate` at least once before each `update`"
    )]
    NoGradient,
    /// A stepper was given another model than it was made for.
    #[error(
        "the stepper was made for a model of {wanted}, but was given one of {came}: make one for each model with `Trainer::stepper`"
    )]
    OtherModel {
        /// Layers of the model that the stepper was made for.
        wanted: String,
        /// Layers of the model that it was given.
        came: String,
    },
    /// A callback goes by a number that the epochs do not have.
    #[error(
        "the {number} is to be watched, but the epochs have none: give the trainer a `validation` set, or watch another number"
    )]
    Monitor {
        /// The number.
        number: &'static str,
    },
    /// Nobody can listen for Ctrl-C.
    #[error("cannot listen for Ctrl-C: {reason}")]
    Interrupt {
        /// What the system, or the handler that is there already, said.
        reason: String,
    },
    /// The threads could not be started.
    #[error("cannot start {threads} threads: {reason}")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// What the system said.
        reason: String,
    },
}

/// `cat, dog, eel`, of many names the first.
fn listed(names: &[String]) -> String {
    shortened(&names.join(", "), 200)
}

/// Refuses a setting that is not in a range; NaN is in none.
pub(crate) fn in_range(
    setting: &'static str,
    value: f32,
    range: impl std::ops::RangeBounds<f32>,
    wanted: &'static str,
) -> Result<(), TrainError> {
    if range.contains(&value) && value.is_finite() {
        return Ok(());
    }
    Err(TrainError::Setting { setting, came: value.to_string(), wanted })
}
