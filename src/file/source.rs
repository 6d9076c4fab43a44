//! Weights in a file of any format that is known here, told by its first bytes.

use std::path::Path;

use serde_json::Value;

use super::WeightLayout;
use super::tensors::Tensors;
use crate::error::FileError;

/// First bytes of a zip archive, and of an HDF5 file.
const ZIP: &[u8] = b"PK\x03\x04";
const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";

/// Tensors of a file.
#[derive(Debug)]
pub(crate) struct Source {
    pub tensors: Tensors,
    /// Program that wrote the file, where the format says it. The tensors then have the order of its
    /// layers.
    pub writer: Option<WeightLayout>,
    /// Model that the file describes: Keras's JSON.
    pub config: Option<Value>,
}

impl Source {
    /// Reads a file; errors call it `path`.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, FileError> {
        if bytes.starts_with(ZIP) {
            return zip(bytes, path);
        }
        if bytes.starts_with(HDF5) {
            return hdf5(bytes, path);
        }
        // Protocol 2, and a number of 10 bytes.
        if bytes.starts_with(b"\x80\x02\x8a\x0a") {
            let reason = "PyTorch before version 1.6 wrote it, or `torch.save` without a zip archive; load \
                          and save it with a newer one: `torch.save(torch.load(path), path)`";
            return Err(refusal(path, "PyTorch", reason));
        }
        let tensors = Tensors::from_bytes(bytes, path)?;
        Ok(Source { tensors, writer: None, config: None })
    }
}

fn refusal(path: &Path, format: &'static str, reason: impl Into<String>) -> FileError {
    FileError::Foreign { path: path.into(), format, reason: reason.into() }
}

#[cfg(any(feature = "keras", feature = "pytorch"))]
fn zip(bytes: &[u8], path: &Path) -> Result<Source, FileError> {
    use super::archive::Archive;
    let archive = Archive::open(bytes).map_err(|reason| refusal(path, "zip", reason))?;
    match (archive.has("config.json"), !archive.ending_with("/data.pkl").is_empty()) {
        (true, _) => keras(archive, path),
        (false, true) => pytorch(archive, path),
        (false, false) => {
            let reason = "it has no `data.pkl`, as a file of PyTorch, and no `config.json`, as one of Keras; \
                          write the weights with either, or as safetensors";
            Err(refusal(path, "zip", reason))
        }
    }
}

#[cfg(not(any(feature = "keras", feature = "pytorch")))]
fn zip(_: &[u8], path: &Path) -> Result<Source, FileError> {
    Err(refusal(
        path,
        "zip",
        "chainrule is built without its features `keras` and `pytorch`; add one",
    ))
}

#[cfg(feature = "pytorch")]
fn pytorch(archive: super::archive::Archive, path: &Path) -> Result<Source, FileError> {
    let tensors = super::pytorch::read(archive, path)?;
    Ok(Source { tensors, writer: Some(WeightLayout::PyTorch), config: None })
}

#[cfg(all(feature = "keras", not(feature = "pytorch")))]
fn pytorch(_: super::archive::Archive, path: &Path) -> Result<Source, FileError> {
    Err(refusal(path, "PyTorch", "chainrule is built without its feature `pytorch`; add it"))
}

#[cfg(feature = "keras")]
fn keras(archive: super::archive::Archive, path: &Path) -> Result<Source, FileError> {
    let (tensors, config) = super::keras::read_archive(archive, path)?;
    Ok(Source { tensors, writer: Some(WeightLayout::Keras), config: Some(config) })
}

#[cfg(feature = "keras")]
fn hdf5(bytes: &[u8], path: &Path) -> Result<Source, FileError> {
    let (tensors, config) = super::keras::read_hdf5(bytes, path)?;
    Ok(Source { tensors, writer: Some(WeightLayout::Keras), config })
}

#[cfg(all(feature = "pytorch", not(feature = "keras")))]
fn keras(_: super::archive::Archive, path: &Path) -> Result<Source, FileError> {
    Err(refusal(path, "Keras", "chainrule is built without its feature `keras`; add it"))
}

#[cfg(not(feature = "keras"))]
fn hdf5(_: &[u8], path: &Path) -> Result<Source, FileError> {
    Err(refusal(path, "Keras", "chainrule is built without its feature `keras`; add it"))
}
