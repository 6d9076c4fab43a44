//! Exported models: ONNX's checker accepts them, and ONNX Runtime computes what this library does.
//!
//! The tests that run Python need its packages `onnx` and `onnxruntime`; `CHAINRULE_PYTHON` names the
//! Python that has them. Without them these tests say that they are skipped.

#![cfg(feature = "onnx")]

mod files;
mod layers;
mod networks;
mod random;
mod runtime;
