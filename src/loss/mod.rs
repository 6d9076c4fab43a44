//! Losses: how far a prediction is from its target, as one number to make small.
//!
//! A loss looks at one sample. What is minimized is the mean over a batch of `n`,
//! `L = (1/n)·Σ lᵢ`, so the gradient that flows back into the model is `(1/n)·∂lᵢ/∂prediction`;
//! the engine takes care of the mean.

mod cross_entropy;
mod mean_squared_error;

pub use cross_entropy::SoftmaxCrossEntropy;
pub use mean_squared_error::MeanSquaredError;

use crate::data::{Target, TargetKind};
use crate::error::Misfit;
use crate::layer::type_label;

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
