//! Losses: how far a prediction is from its target, as one number to make small.
//!
//! A loss looks at one sample, and says how much that sample counts. What is minimized is the
//! weighted mean over a batch:
//!
//! ```text
//! L = Σ wᵢ·lᵢ / Σ wᵢ        ∂L/∂predictionᵢ = (wᵢ / Σ w)·∂lᵢ/∂predictionᵢ
//! ```
//!
//! The weights are all 1 unless a loss says otherwise, and then this is the plain mean. They depend
//! on the targets alone, so the engine adds them up before a batch goes forward, and scales each
//! sample's gradient as it starts on its way back.
//!
//! Which one?
//!
//! - One of several classes: [`SoftmaxCrossEntropy`], or with
//!   [label smoothing](SoftmaxCrossEntropy::label_smoothing); [`Hinge`] for scores that are no
//!   probabilities; [class weights](Loss::class_weights) where some classes are rare.
//! - Yes or no, and any number of labels at once: [`BinaryCrossEntropy`].
//! - A distribution, such as another model's: [`KlDivergence`].
//! - Numbers: [`MeanSquaredError`]; [`MeanAbsoluteError`] or [`Huber`] where some targets are wild.

mod binary_cross_entropy;
mod class_weights;
mod cross_entropy;
mod hinge;
mod huber;
mod kl_divergence;
mod label_smoothing;
mod mean_absolute_error;
mod mean_squared_error;
mod outputs;

pub use binary_cross_entropy::BinaryCrossEntropy;
pub use class_weights::ClassWeights;
pub use cross_entropy::SoftmaxCrossEntropy;
pub use hinge::Hinge;
pub use huber::Huber;
pub use kl_divergence::KlDivergence;
pub use label_smoothing::SmoothedCrossEntropy;
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_squared_error::MeanSquaredError;
pub use outputs::Outputs;

use crate::data::{Target, TargetKind};
use crate::error::Mismatch;
use crate::layer::type_label;
use crate::metrics::argmax;

/// A differentiable measure of error.
pub trait Loss: Send + Sync + 'static {
    /// How it reads in errors.
    fn name(&self) -> String {
        type_label::<Self>()
    }

    /// Whether predictions of `outputs` numbers can be compared with targets of this kind.
    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch>;

    /// The loss `l` of one sample. Where a `gradient` is given, it is overwritten by
    /// ∂l/∂prediction; it is as long as the prediction.
    fn loss(&self, prediction: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32;

    /// How much a sample with this target counts in the mean: finite, and 0 or more.
    fn weight(&self, _target: Target<'_>) -> f32 {
        1.0
    }

    /// The class that a prediction stands for, as accuracy counts it: that of the largest output.
    fn class(&self, prediction: &[f32]) -> usize {
        argmax(prediction)
    }

    /// How predictions become probabilities of classes: scores have none.
    fn outputs(&self) -> Outputs {
        Outputs::Scores
    }

    /// Writes `ln pⱼ` of each class `j` to `log_p`, which has room for as many, where a prediction
    /// stands for a distribution over classes; else it returns `false`. Calibration and log loss are
    /// about these, which [`Loss::outputs`] says how to compute.
    fn log_probabilities(&self, prediction: &[f32], log_p: &mut [f32]) -> bool {
        self.outputs().log_probabilities(prediction, log_p)
    }

    /// This loss, with samples that count as much as their class: `weights` holds one for each.
    fn class_weights(self, weights: impl Into<Vec<f32>>) -> ClassWeights<Self>
    where
        Self: Sized,
    {
        ClassWeights::new(self, weights.into())
    }
}

/// The weighted mean, from the sums of `w·l` and of `w`; 0 where nothing counts.
pub(crate) fn weighted_mean(sum: f64, weights: f64) -> f64 {
    if weights > 0.0 { sum / weights } else { 0.0 }
}

/// As many outputs as classes or values.
fn one_output_each(outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
    let (count, what) = match *targets {
        TargetKind::Classes(count) => (count, "classes"),
        TargetKind::Values(count) => (count, "values"),
    };
    if outputs == count {
        return Ok(());
    }
    Err(Mismatch::new(
        format!("{count} outputs for {count} target {what}"),
        format!("let the last layer give {count} numbers"),
    ))
}

/// The same, or one output whose sign tells two classes apart.
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
        _ => one_output_each(outputs, targets),
    }
}

/// The class that a prediction stands for where a single output tells two apart by its sign.
fn sign_or_argmax(prediction: &[f32]) -> usize {
    match prediction {
        [z] => (*z > 0.0) as usize,
        _ => argmax(prediction),
    }
}

/// What a target wants of output `j`. A class wants 1 of its own output, and 0 of the others.
fn wanted(target: Target<'_>, j: usize) -> f32 {
    match target {
        Target::Class(class) => (j == class) as u8 as f32,
        Target::Values(t) => t[j],
    }
}
