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

mod cross_entropy;
mod mean_squared_error;

pub use cross_entropy::SoftmaxCrossEntropy;
pub use mean_squared_error::MeanSquaredError;

use crate::data::{Target, TargetKind};
use crate::error::Misfit;
use crate::layer::type_label;
use crate::metrics::argmax;

/// A differentiable measure of error.
pub trait Loss: Send + Sync + 'static {
    /// How it reads in errors.
    fn name(&self) -> String {
        type_label::<Self>()
    }

    /// Whether predictions of `outputs` numbers can be compared with targets of this kind.
    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Misfit>;

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
}

/// The weighted mean, from the sums of `w·l` and of `w`; 0 where nothing counts.
pub(crate) fn weighted_mean(sum: f64, weights: f64) -> f64 {
    if weights > 0.0 { sum / weights } else { 0.0 }
}

/// The check that suits both losses here: as many outputs as classes or values.
fn one_output_each(outputs: usize, targets: &TargetKind) -> Result<(), Misfit> {
    let (count, what) = match *targets {
        TargetKind::Classes(count) => (count, "classes"),
        TargetKind::Values(count) => (count, "values"),
    };
    if outputs == count {
        return Ok(());
    }
    Err(Misfit::new(
        format!("{count} outputs for {count} target {what}"),
        format!("let the last layer give {count} numbers"),
    ))
}
