//! A model as a file: its architecture, its weights by name, and what a user of it must know.
//!
//! The container itself, and what it refuses, is in [`file`](mod@crate::file).

mod architecture;
mod model_file;
mod save;
pub(crate) mod weights;

pub use model_file::ModelFile;
pub(crate) use model_file::{check_format, put_model};
