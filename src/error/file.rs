//! What can be wrong with model files, and with what is to become one.

use std::path::PathBuf;

use thiserror::Error as ThisError;

use super::ModelError;
use super::system::Refusal;
use crate::shape;

/// A model file is not what it should be, or a model cannot become one.
///
/// The path of a file in memory is `the bytes`.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system refused to read or write a file.
    #[error("{}", Refusal(path, source))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The folder that a file is to be written to does not exist.
    #[error("{}: there is no folder {}: make the folder first", path.display(), folder.display())]
    MissingFolder {
        /// The file.
        path: PathBuf,
        /// Its folder.
        folder: PathBuf,
    },
    /// Another run trains and writes its checkpoints to this folder at this time.
    #[error(
        "{}: another process trains here at this time; give this run a folder of its own, or wait for \
         the other to end",
        folder.display()
    )]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// A file ends before everything that its header announces.
    #[error(
        "{}: expected {expected} bytes of {part}, but found {found}; the file is cut short, copy \
         or save it again",
        path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The part of the file that is cut short.
        part: &'static str,
        /// The bytes that belong there.
        expected: u64,
        /// The bytes that are there.
        found: u64,
    },
    /// A file is not in the format of safetensors.
    #[error("{}: expected a safetensors file, but {reason}", path.display())]
    NotSafetensors {
        /// The file.
        path: PathBuf,
        /// What speaks against it.
        reason: String,
    },
    /// A name stands for two tensors.
    #[error(
        "{}: tensor `{tensor}` is there twice, and either could be meant; every name must be there \
         once",
        path.display()
    )]
    DuplicateTensor {
        /// The file.
        path: PathBuf,
        /// The name.
        tensor: String,
    },
    /// A tensor is wanted that the file does not have.
    #[error(
        "{}: expected a tensor `{tensor}`, but the file has none of this name; it is the file of \
         another model",
        path.display()
    )]
    MissingTensor {
        /// The file.
        path: PathBuf,
        /// The name.
        tensor: String,
    },
    /// A file has a tensor that nothing wants.
    #[error(
        "{}: the file has a tensor `{tensor}` that nothing wants; it is the file of another model",
        path.display()
    )]
    ExtraTensor {
        /// The file.
        path: PathBuf,
        /// The name.
        tensor: String,
    },
    /// A tensor has another shape than the one wanted.
    #[error(
        "{}: expected tensor `{tensor}` of shape {}, but found {}; it is the file of another model",
        path.display(),
        shape::label(wanted),
        shape::label(came)
    )]
    Shape {
        /// The file.
        path: PathBuf,
        /// The name.
        tensor: String,
        /// The shape wanted.
        wanted: Vec<usize>,
        /// The shape in the file.
        came: Vec<usize>,
    },
    /// A tensor holds numbers of another type than the one wanted.
    #[error(
        "{}: expected tensor `{tensor}` of numbers {wanted}, but found {came}; convert it to {wanted}",
        path.display()
    )]
    Dtype {
        /// The file.
        path: PathBuf,
        /// The name.
        tensor: String,
        /// The type wanted, as safetensors calls it: `F32`.
        wanted: String,
        /// The type in the file.
        came: String,
    },
    /// A tensor of weights has a number that is infinite or NaN.
    #[error(
        "{}: expected finite numbers, but number {index} of tensor `{tensor}` is {value}; the model \
         has diverged: train it with a smaller learning rate, or use a file from before that",
        path.display()
    )]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The name.
        tensor: String,
        /// The place of the first such number, in row-major order.
        index: usize,
        /// The number.
        value: f32,
    },
    /// A file is of a later version of the format than this library knows.
    #[error(
        "{}: expected a model file of version {known} or before, but found version {found}; use a \
         newer version of chainrule",
        path.display()
    )]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// The newest version that can be read.
        known: u64,
    },
    /// A file does not say how the axes of its weights are ordered, as those of this library do.
    #[error(
        "{}: the file does not say in which layout its weights are; name the library that wrote it: \
         `WeightFile::read(..)?.layout(WeightLayout::PyTorch).load_into(&mut model)`, or `Keras`, or \
         `Chainrule` for the axes in the documentation of the layers",
        path.display()
    )]
    NoLayout {
        /// The file.
        path: PathBuf,
    },
    /// The weights of a file cannot be brought into this library's layout.
    #[error(
        "{}: the weights cannot be read in the layout of {layout}: {reason}",
        path.display()
    )]
    Layout {
        /// The file.
        path: PathBuf,
        /// The library whose layout the caller named.
        layout: String,
        /// The reason, and the fix.
        reason: String,
    },
    /// A model file has a layer of a type that is not known.
    #[error(
        "{}: layer {index} is a `{layer}`, which is not known here: load the file with \
         `load_with`, and a `Registry` in which a type has this name",
        path.display()
    )]
    UnknownLayer {
        /// The file.
        path: PathBuf,
        /// The place of the layer in the model, from 0.
        index: usize,
        /// The name of its type in the file.
        layer: String,
    },
    /// The settings of a layer in a model file cannot be understood.
    #[error("{}: the settings of layer {index}, a `{layer}`, make no sense: {reason}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// The place of the layer in the model, from 0.
        index: usize,
        /// The name of its type in the file.
        layer: String,
        /// What is wrong with them.
        reason: String,
    },
    /// The layers in a model file do not fit together.
    #[error("{}: the model in this file cannot be built: {source}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// Which layer does not fit, and why.
        source: ModelError,
    },
    /// A model has a layer that no file can describe.
    #[error("{}: layer {index}, {layer}, cannot be saved: {reason}", path.display())]
    NotSaveable {
        /// The file that it was to be saved to.
        path: PathBuf,
        /// The place of the layer in the model, from 0.
        index: usize,
        /// The layer.
        layer: String,
        /// Why, and the fix.
        reason: String,
    },
    /// A file lacks a fact of its metadata.
    #[error("{}: expected `{key}` in its metadata, but found none; {fix}", path.display())]
    MissingFact {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// What would help.
        fix: &'static str,
    },
    /// A fact of a file's metadata cannot be understood, or does not fit the model.
    #[error("{}: `{key}` of its metadata makes no sense: {reason}", path.display())]
    BadFact {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A checkpoint is of another run than the one that is to go on.
    #[error(
        "{}: this run has the {fact} {wanted}, but the checkpoint's has {came}: {fix}",
        path.display()
    )]
    OtherRun {
        /// The file.
        path: PathBuf,
        /// What differs.
        fact: &'static str,
        /// In the run that is to go on.
        wanted: Box<str>,
        /// In the checkpoint.
        came: Box<str>,
        /// The fix, as a sentence without its capital.
        fix: Box<str>,
    },
    /// A folder for a run's checkpoints has some of another run, or of one that has come further.
    #[error(
        "{}: expected no checkpoint of another run, but found {}: resume from it, or take an empty folder",
        folder.display(),
        found.display()
    )]
    Occupied {
        /// The folder.
        folder: PathBuf,
        /// A checkpoint in it.
        found: PathBuf,
    },
}
