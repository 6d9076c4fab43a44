//! Which number of an epoch tells how good the model is.

use crate::error::TrainError;
use crate::metrics::Epoch;

/// A number of an [`Epoch`] to go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Monitor {
    /// The lower, the better.
    ValidationLoss,
    /// The higher, the better.
    ValidationAccuracy,
    /// Of the training set: for runs without validation. The lower, the better.
    Loss,
}

impl Monitor {
    /// The number, if the epoch has it, turned so that less is better.
    ///
    /// # Errors
    ///
    /// [`TrainError::Monitor`] where it has none.
    pub(super) fn badness(self, epoch: &Epoch) -> Result<f64, TrainError> {
        let number = match self {
            Monitor::ValidationLoss => epoch.validation_loss,
            Monitor::ValidationAccuracy => epoch.validation_accuracy.map(|accuracy| -accuracy),
            Monitor::Loss => Some(epoch.loss),
        };
        number.ok_or(TrainError::Monitor { number: self.name() })
    }

    /// As a sentence has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Monitor::ValidationLoss => "validation loss",
            Monitor::ValidationAccuracy => "validation accuracy",
            Monitor::Loss => "training loss",
        }
    }
}
