//! What a training run leaves behind beside the parameters.

use serde::{Deserialize, Serialize};

use super::Chance;

/// How one epoch went.
///
/// Loss and accuracy of the training set are means over the epoch, taken as the model changed and
/// with dropout at work; those of the validation set are of the model at the epoch's end, or of its
/// averaged weights where there is an [`Average`](crate::trainer::Average). Losses are weighted means,
/// as [`Loss::weight`](crate::loss::Loss::weight) has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// From 1.
    pub epoch: usize,
    /// The mean loss.
    pub loss: f64,
    /// The share of right classes, or strings, in 0..1; `None` where the targets are neither.
    pub accuracy: Option<f64>,
    /// The mean loss on the validation set, if there is one.
    pub validation_loss: Option<f64>,
    /// The share of right classes, or strings, on the validation set.
    pub validation_accuracy: Option<f64>,
    /// The learning rate of its last step.
    pub learning_rate: f32,
    /// How long its steps took, without the validation.
    pub seconds: f64,
}

/// How training went, epoch by epoch.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct History {
    /// In order.
    pub epochs: Vec<Epoch>,
    /// Why training ended before all epochs were done, if it did.
    pub stopped: Option<String>,
    /// Results of a prediction that ignores the input, to compare with; `None` for strings.
    pub chance: Option<Chance>,
}

impl History {
    /// The last epoch.
    pub fn last(&self) -> Option<&Epoch> {
        self.epochs.last()
    }
}
