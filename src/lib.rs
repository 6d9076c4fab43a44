//! Neural networks from scratch: layers with hand-written forward and backward passes.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod data;
pub mod error;
