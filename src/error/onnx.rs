//! Reasons for which a model cannot become an ONNX file.

use std::path::PathBuf;

use thiserror::Error as ThisError;

/// A model cannot be written as an ONNX file.
///
/// The path of a file in memory is `the bytes`.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum OnnxError {
    /// ONNX has no operator for a layer.
    #[error(
        "{}: layer {index}, {layer}, cannot be saved: ONNX has no operator for it; build it of layers of \
         `chainrule::layers`, or save the layers before it (see `truncate`) and compute the rest where \
         the file is used",
        path.display()
    )]
    NoOperator {
        /// The file that it was to be saved to.
        path: PathBuf,
        /// The place of the layer in the model, from 0.
        index: usize,
        /// The layer.
        layer: String,
    },
    /// A model is larger than a file can be.
    #[error(
        "{}: an ONNX file has at most {largest} bytes, and this one would have {bytes}; use fewer \
         units, or `save`, whose files have no such limit",
        path.display()
    )]
    TooLarge {
        /// The file that it was to be saved to.
        path: PathBuf,
        /// Number of bytes that it would have.
        bytes: usize,
        /// The largest number.
        largest: usize,
    },
}
