//! A model as a file: its architecture, its weights by name, and what a user of it must know; and the
//! answer that such a file gives.
//!
//! The container itself, and what it refuses, is in [`file`](mod@crate::file).

mod architecture;
mod classification;
mod classify;
mod content;
mod facts;
mod model_file;
mod partial;
mod save;
pub(crate) mod weights;

pub use classification::{Candidate, Classification};
pub(crate) use content::{check_format, put_model};
pub use model_file::ModelFile;
pub use partial::LoadReport;
