//! Errors of sequences that go into a model.

use thiserror::Error as ThisError;

use super::Mismatch;

/// A sequence does not fit the model that it goes into.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum SequenceError {
    /// There must be one length for each input.
    #[error("{inputs} inputs and {lengths} lengths came: give one length for each input")]
    Count {
        /// Number of inputs.
        inputs: usize,
        /// Number of lengths.
        lengths: usize,
    },
    /// A sequence is empty, or longer than the inputs of the model.
    #[error(
        "sample {sample} of {what} has {length} steps: wanted 1 to {steps}, which is the first axis of the input \
         shape; leave it out, or correct its length"
    )]
    Length {
        /// The set, or the method that was called.
        what: &'static str,
        /// Number of the sample.
        sample: usize,
        /// Its length.
        length: usize,
        /// Number of steps of the inputs.
        steps: usize,
    },
    /// A layer does not take a padded sequence, or not a short one.
    #[error(
        "sample {sample} of {what} has {length} steps that count, but layer {layer} {mismatch}"
    )]
    Padded {
        /// The set, or the method that was called.
        what: &'static str,
        /// Number of the sample.
        sample: usize,
        /// Its length.
        length: usize,
        /// The layer.
        layer: String,
        /// Sequences that the layer takes, and the fix.
        mismatch: Box<Mismatch>,
    },
    /// A number of an input is no token of a layer's vocabulary.
    #[error("sample {sample} of {what} is not for layer {layer}, which {mismatch}")]
    Token {
        /// The set, or the method that was called.
        what: &'static str,
        /// Number of the sample.
        sample: usize,
        /// The layer.
        layer: String,
        /// Numbers that the layer takes, the one that came, and the fix.
        mismatch: Box<Mismatch>,
    },
}
