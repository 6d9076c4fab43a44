//! Files that hold what was learned.
//!
//! | module | promises |
//! | --- | --- |
//! | `atomic` | whatever happens, the file is the old one or the new one |
//! | `tensors` | named arrays and facts in one file, in the format of [safetensors] |
//!
//! [safetensors]: https://github.com/huggingface/safetensors

pub(crate) mod atomic;
mod header;
#[allow(dead_code)] // its first users follow
pub(crate) mod tensors;
