//! Weights that Keras saved, and the model that its file describes.
//!
//! An `.h5` file lists its layers, and the arrays of each by name. A `.keras` file is a zip archive of a
//! `config.json`, which describes the model, and of an HDF5 file whose arrays have numbers: the layer
//! of the config says what they are. In both, tensors are called `layer.array` here, such as
//! `dense_1.kernel`.

mod archived;
mod hdf5;

use std::path::Path;

use serde_json::Value;

use super::archive::Archive;
use super::tensors::Tensors;
use crate::error::FileError;

/// Reads an `.h5` file: the tensors, and the model's description if it has one.
pub(super) fn read_hdf5(bytes: &[u8], path: &Path) -> Result<(Tensors, Option<Value>), FileError> {
    let (parts, config) = hdf5::read(bytes).map_err(refused(path))?;
    Ok((Tensors::of_parts(path, parts)?, config))
}

/// Reads a `.keras` file: the tensors, and the model's description.
pub(super) fn read_archive(archive: Archive, path: &Path) -> Result<(Tensors, Value), FileError> {
    let (parts, config) = archived::read(archive).map_err(refused(path))?;
    Ok((Tensors::of_parts(path, parts)?, config))
}

fn refused(path: &Path) -> impl Fn(String) -> FileError {
    move |reason| FileError::Foreign { path: path.into(), format: "Keras", reason }
}
