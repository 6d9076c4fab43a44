//! Losses: the distance of a prediction from its target, as one number that training makes small.
//!
//! A loss computes a value and a weight for one sample. Training minimizes the weighted mean over a
//! batch:
//!
//! ```text
//! L = Σ wᵢ·lᵢ / Σ wᵢ        ∂L/∂predictionᵢ = (wᵢ / Σ w)·∂lᵢ/∂predictionᵢ
//! ```
//!
//! The weights are 1 by default, and then this is the plain mean. They depend on the targets alone, so
//! the engine adds them up before the forward pass of a batch, and scales the gradient of each sample
//! at the start of its backward pass.
//!
//! | to predict | loss | classes as targets | values as targets |
//! | --- | --- | --- | --- |
//! | one of several classes | [`SoftmaxCrossEntropy`], also with [label smoothing](SoftmaxCrossEntropy::label_smoothing) | one for each output | distributions |
//! | a distribution, such as another model's | [`KlDivergence`] | one for each output | distributions |
//! | yes or no; any number of labels at once | [`BinaryCrossEntropy`] | two for a single output; each output against the others | from 0 to 1 |
//! | a class by scores that are not probabilities | [`Hinge`] | two for a single output; one for each output | refused |
//! | a string | [`Ctc`] | a string of them, with one output more | refused |
//! | numbers | [`MeanSquaredError`]; [`MeanAbsoluteError`] or [`Huber`] where there are outliers among the targets | refused, but for [`one_hot`](MeanSquaredError::one_hot) | any |
//!
//! [`Loss::per_step`] makes of each a loss for sequences with a class for each step. [`Ctc`] is for sequences whose
//! labels have no known place among the steps, and takes neither that nor class weights.
//!
//! [Class weights](Loss::class_weights) go with each of the others, for classes of which some are rare.

mod binary_cross_entropy;
mod class_weights;
mod cross_entropy;
mod ctc;
mod hinge;
mod huber;
mod kl_divergence;
mod label_smoothing;
mod mean_absolute_error;
mod mean_squared_error;
mod one_hot;
mod outputs;
mod per_step;

pub use binary_cross_entropy::BinaryCrossEntropy;
pub use class_weights::ClassWeights;
pub use cross_entropy::SoftmaxCrossEntropy;
pub use ctc::Ctc;
pub use hinge::Hinge;
pub use huber::Huber;
pub use kl_divergence::KlDivergence;
pub use label_smoothing::SmoothedCrossEntropy;
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_squared_error::MeanSquaredError;
pub use one_hot::OneHot;
pub use outputs::Outputs;
pub(crate) use outputs::temper;
pub use per_step::PerStep;

use std::fmt::Debug;

use crate::data::{Target, TargetKind};
use crate::error::Mismatch;
use crate::kernels::argmax;
use crate::layer::type_label;

/// Differentiable measure of error.
///
/// Its `Debug` shows all settings: a run is resumed with the same ones.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a loss",
    label = "not a loss",
    note = "take one of `chainrule::loss`, such as `SoftmaxCrossEntropy` for classes and `MeanSquaredError` \
            for numbers, or implement `Loss` for it"
)]
pub trait Loss: Debug + Send + Sync + 'static {
    /// Name of the loss in errors.
    fn name(&self) -> String {
        type_label::<Self>()
    }

    /// Checks that predictions of `outputs` numbers can be compared with targets of this kind.
    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch>;

    /// Checks that the values of one target, which are finite, are in the domain of the loss. A class
    /// always is.
    fn check_values(&self, _values: &[f32]) -> Result<(), Mismatch> {
        Ok(())
    }

    /// Checks that a prediction of `outputs` numbers that count can be compared with the classes of the steps of
    /// one sequence, or with one string.
    fn check_classes(&self, _outputs: usize, _classes: &[usize]) -> Result<(), Mismatch> {
        Ok(())
    }

    /// Computes the loss `l` of one sample. A `gradient`, where given, has the length of the
    /// prediction, and is overwritten by ∂l/∂prediction.
    fn loss(&self, prediction: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32;

    /// Weight in the mean of a sample with this target: finite, and 0 or more.
    fn weight(&self, _target: Target<'_>) -> f32 {
        1.0
    }

    /// Returns the predicted class: that of the largest output.
    fn class(&self, prediction: &[f32]) -> usize {
        argmax(prediction)
    }

    /// Returns how many classes of a target are predicted rightly, and how many there are; a string counts as one.
    /// Accuracy is their ratio over a data set.
    fn right(&self, prediction: &[f32], target: Target<'_>) -> [usize; 2] {
        match target {
            Target::Class(class) => [usize::from(class == self.class(prediction)), 1],
            _ => [0, 0],
        }
    }

    /// Returns the string that a prediction reads as, if targets are strings.
    fn read(&self, _prediction: &[f32]) -> Option<Vec<usize>> {
        None
    }

    /// Returns the loss of a step and the number of its outputs, if this is a loss of [each step](PerStep).
    fn of_step(&self) -> Option<(&dyn Loss, usize)> {
        None
    }

    /// Returns the number of outputs of a step, if a prediction is a sequence of steps.
    fn step_outputs(&self) -> Option<usize> {
        None
    }

    /// Returns the rule by which predictions become probabilities of classes. Scores have none.
    fn outputs(&self) -> Outputs {
        Outputs::Scores
    }

    /// Returns `true` if the loss turns outputs into probabilities itself, so that a last layer must not.
    fn takes_logits(&self) -> bool {
        matches!(self.outputs(), Outputs::Softmax | Outputs::Sigmoid)
    }

    /// Writes `ln pⱼ` of each class `j` to `log_p`, where a prediction is a distribution over classes;
    /// returns `false` otherwise. [`Loss::outputs`] says how it is computed. Calibration and log loss
    /// use these.
    fn log_probabilities(&self, prediction: &[f32], log_p: &mut [f32]) -> bool {
        self.outputs().log_probabilities(prediction, log_p)
    }

    /// Compares each step of a sequence with a class of its own; `outputs` is the number of outputs of a step.
    fn per_step(self, outputs: usize) -> PerStep<Self>
    where
        Self: Sized,
    {
        PerStep::new(self, outputs)
    }

    /// Multiplies each sample by the weight of its class: `weights` holds one for each class.
    fn class_weights(self, weights: impl Into<Vec<f32>>) -> ClassWeights<Self>
    where
        Self: Sized,
    {
        ClassWeights::new(self, weights.into())
    }
}

/// Weighted mean, from the sums of `w·l` and of `w`; 0 where all weights are 0.
pub(crate) fn weighted_mean(sum: f64, weights: f64) -> f64 {
    if weights > 0.0 { sum / weights } else { 0.0 }
}

/// Finds the number of classes of the sequences, of up to `longest` targets, that a loss compares with predictions
/// of `outputs` numbers.
pub(crate) fn classes_of_sequences(
    loss: &dyn Loss,
    outputs: usize,
    longest: usize,
) -> Option<usize> {
    let fits =
        |&classes: &usize| loss.check(outputs, &TargetKind::Sequences { classes, longest }).is_ok();
    (1..=outputs.max(2)).find(fits)
}

/// Checks that there is one output for each class or value.
fn one_output_each(outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
    let (count, what) = match *targets {
        TargetKind::Classes(1) => (1, "class"),
        TargetKind::Classes(count) => (count, "classes"),
        TargetKind::Values(1) => (1, "value"),
        TargetKind::Values(count) => (count, "values"),
        TargetKind::Sequences { .. } => {
            let fix = "add `per_step` to the loss, with the number of outputs of a step, or take `Ctc` \
                       for strings";
            return Err(Mismatch::new("one target for each sample, and these are sequences", fix));
        }
    };
    if outputs == count {
        return Ok(());
    }
    let s = if count == 1 { "" } else { "s" };
    Err(Mismatch::new(
        format!("{count} output{s} for {count} target {what}"),
        format!("let the last layer give {count} number{s}"),
    ))
}

/// Checks the same, and refuses classes: the number of a class is only a name.
fn one_output_each_value(outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
    if targets.is_classes() {
        let fix = "use `SoftmaxCrossEntropy` for classes, or `one_hot()` of this loss, which compares \
                   each output with 1 for its class and 0 for the others";
        return Err(Mismatch::new("values as targets, and these are classes", fix));
    }
    one_output_each(outputs, targets)
}

/// Checks that there is one output for each class or value, for a loss that compares classes: a single
/// value is then the number of a class.
fn one_output_each_of_classes(outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
    if outputs > 1 && *targets == TargetKind::Values(1) {
        return Err(Mismatch::new(
            format!("classes, or {outputs} target values"),
            "if each target is the number of a class, make the set with `Arrays::with_classes`",
        ));
    }
    one_output_each(outputs, targets)
}

/// Largest difference of the sum of a distribution from 1: rounding of many probabilities.
const SUM_TOLERANCE: f32 = 1e-3;

/// Checks that values are the probabilities of classes.
fn is_distribution(values: &[f32]) -> Result<(), Mismatch> {
    let sum: f32 = values.iter().sum();
    if values.iter().all(|&p| p >= 0.0) && (sum - 1.0).abs() <= SUM_TOLERANCE {
        return Ok(());
    }
    Err(Mismatch::new(
        "probabilities of the classes: 0 or more, with the sum 1",
        "divide each target by its sum, or use `BinaryCrossEntropy` for several classes at once and \
         `MeanSquaredError` for other values",
    ))
}

/// Checks that there is one output for each class or value, and also accepts one output whose sign separates two classes.
fn one_output_each_or_a_sign(outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
    match (outputs, targets) {
        (1, TargetKind::Classes(2)) => Ok(()),
        (_, TargetKind::Classes(1)) => Err(Mismatch::new(
            "at least 2 target classes",
            "a single class leaves nothing to tell apart",
        )),
        (3.., TargetKind::Classes(2)) => Err(Mismatch::new(
            "1 or 2 outputs for 2 target classes",
            "let the last layer give 1 number, or 2",
        )),
        _ => one_output_each_of_classes(outputs, targets),
    }
}

/// Returns the predicted class, where the sign of a single output separates two classes.
fn sign_or_argmax(prediction: &[f32]) -> usize {
    match prediction {
        [z] => (*z > 0.0) as usize,
        _ => argmax(prediction),
    }
}

/// Target value of output `j`. A class is 1 for its own output, and 0 for the others.
fn wanted(target: Target<'_>, j: usize) -> f32 {
    match target {
        Target::Class(class) => (j == class) as u8 as f32,
        Target::Values(t) => t[j],
        Target::Classes(_) => f32::NAN,
    }
}
