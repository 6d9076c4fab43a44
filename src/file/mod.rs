//! Model files: what was learned, and what one must know to use it.
//!
//! ```
//! use chainrule::prelude::*;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("m.safetensors");
//! let model = Sequential::new([784]).add(Dense::new(128))?.add(Relu)?.add(Dense::new(10))?;
//! model.save(&path)?;
//! let again = Sequential::load(&path)?; // by a program that knows nothing of its layers
//! assert_eq!(again.params(), model.params());
//! # Ok::<(), chainrule::Error>(())
//! ```
//!
//! A model file is a [safetensors] file, so that other programs read its weights without this one:
//!
//! ```text
//! >>> from safetensors import safe_open
//! >>> file = safe_open("m.safetensors", "numpy")
//! >>> file.keys()
//! ['0.weight', '0.bias', '2.weight', '2.bias']
//! >>> file.get_tensor("0.weight").shape
//! (784, 128)
//! >>> file.metadata()["chainrule.model"]
//! '{"input":[784],"layers":[{"type":"Dense","settings":{"units":128,"init":"GlorotUniform", ...
//! ```
//!
//! A tensor has the number of its layer in the model, from 0, and the name and shape that the layer's
//! documentation tells. In the metadata, which safetensors has as text, is the rest:
//!
//! | key | value |
//! | --- | --- |
//! | `chainrule.format` | the version of this list, and of the names and axes of the tensors: `1`; a reader refuses a larger one |
//! | `chainrule.version` | the version of the library that wrote the file |
//! | `chainrule.model` | JSON: the shape of an input, and the layers with their settings and what is frozen of them |
//! | `chainrule.inputs` | JSON: how raw inputs become the model's, if it is known: each [`Scaling`](crate::data::Scaling) in order |
//! | `chainrule.intake` | JSON: how a picture becomes a raw input, if it is known: [`Intake`](crate::intake::Intake) |
//! | `chainrule.temperature` | JSON: what logits are divided by, unless it is 1 |
//! | `chainrule.prototypes` | JSON: means and spreads of the outputs for each class, if they are known |
//! | `chainrule.rejection` | JSON: when an answer is not good enough, if it is known |
//! | `chainrule.classes` | JSON: the names of the classes, if they are known |
//! | `chainrule.outputs` | JSON: how outputs become probabilities, if it is known: [`Outputs`](crate::loss::Outputs) |
//! | `chainrule.training` | JSON: whatever facts the one who trained the model added |
//!
//! A file of weights alone has the format, the version and the classes. One that has no format is of
//! another program, and is loaded only in a [`WeightLayout`] that the caller names: the `weight` of a
//! square `Dense` has the shape that PyTorch's has, which is its transpose. See
//! [`WeightFile`](crate::sequential::WeightFile).
//!
//! Files are written beside, synced and renamed: whatever happens, a reader finds the old file or
//! the new one. What a reader cannot trust it refuses, as a [`FileError`](crate::error::FileError)
//! that says why: a file that is cut short, tensors that are missing, too many, there twice, of another
//! shape or not finite, a newer version, a layer that it does not know. Layers of your own get a name
//! in a [`Registry`].
//!
//! [safetensors]: https://github.com/huggingface/safetensors

#[cfg(any(feature = "keras", feature = "pytorch"))]
mod archive;
mod floats;
mod header;
#[cfg(feature = "keras")]
mod keras;
pub(crate) mod npz;
#[cfg(feature = "pytorch")]
mod pytorch;
pub(crate) mod registry;
pub(crate) mod source;
pub(crate) mod tensors;
mod weight_layout;

#[cfg(test)]
mod tests;

pub use registry::Registry;
pub use weight_layout::WeightLayout;

/// How the names of tensors begin that a checkpoint has beside its model's.
pub(crate) const RUN: &str = "run.";
