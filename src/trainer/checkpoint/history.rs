//! The history of a run as rows of numbers.

use crate::metrics::Epoch;

/// Number of values of a row.
pub(super) const COLUMNS: usize = 6;

/// An epoch as numbers; NaN for a missing one.
pub(super) fn row(epoch: &Epoch) -> [f64; COLUMNS] {
    let or_nan = |value: Option<f64>| value.unwrap_or(f64::NAN);
    [
        epoch.loss,
        or_nan(epoch.accuracy),
        or_nan(epoch.validation_loss),
        or_nan(epoch.validation_accuracy),
        epoch.learning_rate.into(),
        epoch.seconds,
    ]
}

/// The epoch of a row, by its index.
pub(super) fn unrow((index, row): (usize, &[f64; COLUMNS])) -> Epoch {
    let [loss, accuracy, validation_loss, validation_accuracy, learning_rate, seconds] = *row;
    let some = |value: f64| (!value.is_nan()).then_some(value);
    Epoch {
        epoch: index + 1,
        loss,
        accuracy: some(accuracy),
        validation_loss: some(validation_loss),
        validation_accuracy: some(validation_accuracy),
        learning_rate: learning_rate as f32,
        seconds,
    }
}
