//! The origin of the first number of a step that is not finite, and what to do about it.

use std::fmt;

/// First number of a training step that is infinite or NaN.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Culprit {
    /// A value of an input, as the data set gives it.
    Input {
        /// Number of the sample in the data set, from 0.
        sample: usize,
        /// Place in the input, in row-major order.
        index: usize,
        /// The number.
        value: String,
    },
    /// An input that was finite before it was augmented.
    Augmentation,
    /// The output of a layer.
    Output {
        /// Number of the layer, from 0.
        index: usize,
        /// Name of the layer.
        layer: String,
    },
    /// The gradient of a layer's parameters.
    Gradient {
        /// Number of the layer, from 0.
        index: usize,
        /// Name of the layer.
        layer: String,
    },
    /// The loss of finite outputs.
    Loss {
        /// Name of the loss.
        loss: String,
    },
}

impl Culprit {
    /// Returns what usually helps, as a part of a sentence.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Culprit::Input { .. } => "correct that sample, or leave it out",
            Culprit::Augmentation => "use weaker changes",
            Culprit::Output { .. } | Culprit::Gradient { .. } | Culprit::Loss { .. } => {
                "a smaller learning rate, or inputs and targets scaled to about -1..1, usually helps"
            }
        }
    }
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Culprit::Input { sample, index, value } => {
                write!(f, "value {index} of sample {sample} of the data set is {value}")
            }
            Culprit::Augmentation => f.write_str("an augmented input is not finite"),
            Culprit::Output { index, layer } => {
                write!(f, "the output of layer {index}, {layer}, is not finite")
            }
            Culprit::Gradient { index, layer } => {
                write!(f, "the gradient of layer {index}, {layer}, is not finite")
            }
            Culprit::Loss { loss } => write!(f, "the loss, {loss}, is not finite"),
        }
    }
}
