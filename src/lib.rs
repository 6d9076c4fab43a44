//! Neural networks from scratch: layers with hand-written forward and backward passes.
//!
//! (tour to come)

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod aligned;
pub mod data;
mod erased;
pub mod error;
pub mod gradcheck;
pub mod init;
pub mod kernels;
pub mod layer;
pub mod layers;
pub mod loss;
pub mod metrics;
pub mod optim;
pub mod prelude;
pub mod random;
pub mod schedule;
pub mod sequential;
mod step;
mod summary;
pub mod terminal;
pub mod trainer;
mod workspace;

pub use error::{Error, Result};
