//! A model as a file: its architecture, its weights by name, and what a user of it must know; and the
//! answer that such a file gives.
//!
//! The container itself, and what it refuses, is in [`file`](mod@crate::file).

mod architecture;
mod calibrate;
mod candidate;
mod classification;
mod classify;
mod content;
mod export;
mod facts;
mod feature_order;
mod keras_settings;
mod layer_names;
mod load_report;
mod model_file;
#[cfg(feature = "pretrained")]
mod pretrained;
mod prototypes;
mod read;
mod rejection;
mod save;
mod stored;
mod weight_file;
pub(crate) mod weights;

pub use candidate::Candidate;
pub use classification::Classification;
pub(crate) use content::put_model;
#[cfg(feature = "onnx")]
pub(crate) use facts::{CLASSES_KEY, TRAINING_KEY};
pub use load_report::LoadReport;
pub use model_file::ModelFile;
pub use prototypes::Prototypes;
pub use rejection::{Rejected, Rejection};
pub use weight_file::WeightFile;
#[cfg(feature = "onnx")]
pub(crate) use weights::check_finite;
pub(crate) use weights::check_format;
