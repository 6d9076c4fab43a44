//! Everything that can go wrong, as types.
//!
//! A message names the thing, what was wanted, what came, and the fix. [`Error`] gathers the
//! kinds, so that `?` works across a whole program. Nothing that a caller or a file controls
//! panics.

mod batch;
mod culprit;
mod data;
mod file;
mod idx;
mod intake;
mod model;
#[cfg(feature = "onnx")]
mod onnx;
#[cfg(feature = "images")]
mod picture;
#[cfg(feature = "search")]
mod search;
mod sequence;
mod system;
#[cfg(feature = "csv")]
mod table;
mod train;

use std::fmt;

use thiserror::Error as ThisError;

pub use culprit::Culprit;
pub use data::DataError;
pub use file::FileError;
pub use idx::IdxError;
pub use intake::IntakeError;
pub use model::ModelError;
#[cfg(feature = "onnx")]
pub use onnx::OnnxError;
#[cfg(feature = "images")]
pub use picture::PictureError;
#[cfg(feature = "search")]
pub use search::SearchError;
pub use sequence::SequenceError;
#[cfg(feature = "csv")]
pub use table::TableError;
pub use train::TrainError;
pub(crate) use train::in_range;

/// What `Result` means in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error of this crate.
///
/// Its `Debug` is its `Display`, because `fn main() -> Result<()>` prints an error with `Debug`,
/// and a user should then read a sentence and not a syntax tree. For the variant, match on it.
#[derive(ThisError)]
#[error(transparent)]
#[non_exhaustive]
pub enum Error {
    /// Shapes that do not fit: while a model is built, or when it is called.
    Model(#[from] ModelError),
    /// A sequence does not fit the model that it goes into.
    Sequence(#[from] SequenceError),
    /// A data file or a data set is not what it should be.
    Data(#[from] DataError),
    /// A picture, or a folder of pictures, is not what it should be.
    #[cfg(feature = "images")]
    Picture(#[from] PictureError),
    /// A picture cannot become an input of a model.
    Intake(#[from] IntakeError),
    /// A table of text is not what it should be.
    #[cfg(feature = "csv")]
    Table(#[from] TableError),
    /// A model file is not what it should be, or a model cannot become one.
    File(#[from] FileError),
    /// A model cannot be written as an ONNX file.
    #[cfg(feature = "onnx")]
    Onnx(#[from] OnnxError),
    /// Training could not start or go on.
    Train(#[from] TrainError),
    /// A layer's or a loss's backward pass is not the derivative of its forward pass.
    Gradient(#[from] GradientError),
    /// A search for hyperparameters could not start or go on.
    #[cfg(feature = "search")]
    Search(#[from] SearchError),
}

impl From<IdxError> for Error {
    fn from(error: IdxError) -> Self {
        Error::Data(error.into())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A layer's answer to an input shape that it cannot take: what it wanted, and what would help.
///
/// The model adds the names of the layer and its neighbour, and the shape that came.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("wanted {wanted}; {fix}")]
pub struct Mismatch {
    wanted: String,
    fix: String,
}

impl Mismatch {
    /// `wanted` completes "wanted …", `fix` is a sentence without its capital.
    pub fn new(wanted: impl Into<String>, fix: impl Into<String>) -> Self {
        Mismatch { wanted: wanted.into(), fix: fix.into() }
    }
}

/// A backward pass is not the derivative of its forward pass, or breaks the contract.
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum GradientError {
    /// A derivative differs from the slope that was measured.
    #[error(
        "{layer}: the backward pass says ∂L/∂{what}[{index}] = {analytic:e}, but the slope of the forward pass there is {numeric:e}"
    )]
    Differs {
        /// The layer or loss.
        layer: String,
        /// `x`, or a parameter's name.
        what: String,
        /// Where in it, in row-major order.
        index: usize,
        /// What the backward pass computed.
        analytic: f64,
        /// The measured slope.
        numeric: f64,
    },
    /// Too much of the function is kinked to say anything.
    #[error(
        "{layer}: {skipped} of {total} slopes were measured across a kink: the check says nothing; try inputs of another shape or seed"
    )]
    Kinks {
        /// The layer or loss.
        layer: String,
        /// How many were skipped.
        skipped: usize,
        /// Of how many.
        total: usize,
    },
    /// An array was not written as the contract says.
    #[error("{layer}: {what}")]
    Contract {
        /// The layer or loss.
        layer: String,
        /// Which promise was broken.
        what: String,
    },
}
