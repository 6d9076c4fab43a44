//! The drawing page: what it answers, what it refuses, and its use in a browser.
//!
//! `cargo test` builds the examples before it runs the tests.

#![cfg(unix)]
#![cfg(all(feature = "images", feature = "pretrained", feature = "report", feature = "sample"))]

mod answers;
mod browser;
mod client;
mod refusals;
