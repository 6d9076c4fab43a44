//! Everything that the crate offers, one entry each (`registry/`), and what every entry must pass:
//!
//! - `forward.rs`: forward passes against ONNX's conformance tests;
//! - `gradients.rs`: gradients against JAX, and against slopes measured here;
//! - `files.rs`: what is saved is what is loaded;
//! - `traces.rs`: fifty steps of each optimizer and schedule against PyTorch;
//! - `training.rs`: what surrounds a step (clipping, groups, averages), and batch normalization,
//!   against PyTorch;
//! - `twins/`: both passes of layers and losses against the plain loops of `chainrule::reference`;
//! - `complete.rs`: nothing public without an entry, no entry without its cases.
//!
//! `../fixtures/README.md` tells whose values these are, and which programs made the files.

mod case;
mod complete;
mod files;
mod forward;
mod gradients;
mod registry;
mod traces;
mod training;
mod twins;
