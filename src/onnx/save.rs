//! Models to ONNX files.

use std::path::Path;

use serde::Serialize;

use super::export::Export;
use crate::atomic;
use crate::error::{FileError, Result};
use crate::loss::Outputs;
use crate::sequential::{CLASSES_KEY, ModelFile, Sequential, TRAINING_KEY};

/// Name of a file in memory, in errors.
const IN_MEMORY: &str = "the bytes";

impl Sequential {
    /// Saves the model as an ONNX file, for prediction by other programs: see [`onnx`](crate::onnx). The
    /// names of its classes are in the metadata. [`ModelFile::save_onnx`] adds what else is known of it.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("digits.onnx");
    /// let model = Sequential::new([28, 28, 1])
    ///     .add(Conv2d::new(8, 3))?
    ///     .add(Relu)?
    ///     .add(Flatten)?
    ///     .add(Dense::new(10))?;
    /// model.save_onnx(&path)?; // from (N, 28, 28, 1) to (N, 10)
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`OnnxError`](crate::error::OnnxError) if ONNX has no operator for a layer, such as one of your own,
    /// and for more than 2 GiB of weights; [`FileError`] if the file cannot be written or a weight is not
    /// finite; [`ModelError::Empty`](crate::error::ModelError) without layers. A file that was there is
    /// then left as it was.
    pub fn save_onnx(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        write(path, &bare(self, path)?)
    }

    /// Returns the bytes of the file that [`Sequential::save_onnx`] would write.
    ///
    /// # Errors
    ///
    /// Those of [`Sequential::save_onnx`], with `the bytes` in the place of a path.
    pub fn to_onnx(&self) -> Result<Vec<u8>> {
        bare(self, IN_MEMORY.as_ref())
    }
}

impl ModelFile {
    /// Saves the model and what is known of it as an ONNX file: its [scalings](ModelFile::scaling) come
    /// before the model, and where [`outputs`](ModelFile::outputs) are known to be logits, their softmax
    /// or sigmoid comes behind it, at the file's [`temperature`](ModelFile::temperature). The names of the classes and the facts are in the metadata.
    ///
    /// So the graph takes raw inputs, as [`ModelFile::classify`] does, and gives probabilities:
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("digits.onnx");
    /// let model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
    /// let file = ModelFile::new(model).scaling(Scaling::pixels())?.loss(&SoftmaxCrossEntropy);
    /// file.save_onnx(&path)?; // from 0..255 to probabilities
    /// file.model.save_onnx(&path)?; // from 0..1 to logits
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Sequential::save_onnx`], and [`FileError::BadFact`] for a scaling or a meaning of outputs that
    /// does not fit the model.
    pub fn save_onnx(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        write(path, &whole(self, path)?)
    }

    /// Returns the bytes of the file that [`ModelFile::save_onnx`] would write.
    ///
    /// # Errors
    ///
    /// Those of [`ModelFile::save_onnx`], with `the bytes` in the place of a path.
    pub fn to_onnx(&self) -> Result<Vec<u8>> {
        whole(self, IN_MEMORY.as_ref())
    }
}

/// Returns the bytes of a model by itself.
fn bare(model: &Sequential, path: &Path) -> Result<Vec<u8>> {
    let export = Export { model, scalings: &[], outputs: Outputs::Scores, temperature: 1.0, path };
    export.bytes(class_names(model, path)?)
}

/// Returns the bytes of a model with all that a file knows of it.
fn whole(file: &ModelFile, path: &Path) -> Result<Vec<u8>> {
    let &ModelFile { ref model, ref scalings, outputs, temperature, ref training, .. } = file;
    file.check(path)?;
    let mut facts = class_names(model, path)?;
    if !training.is_empty() {
        facts.push((TRAINING_KEY, json(TRAINING_KEY, training, path)?));
    }
    let outputs = outputs.unwrap_or(Outputs::Scores);
    Export { model, scalings, outputs, temperature, path }.bytes(facts)
}

fn class_names(model: &Sequential, path: &Path) -> Result<Vec<(&'static str, String)>, FileError> {
    match model.class_names() {
        [] => Ok(Vec::new()),
        names => Ok(vec![(CLASSES_KEY, json(CLASSES_KEY, &names, path)?)]),
    }
}

fn json(key: &str, value: &impl Serialize, path: &Path) -> Result<String, FileError> {
    serde_json::to_string(value).map_err(|error| FileError::BadFact {
        path: path.into(),
        key: key.to_string(),
        reason: error.to_string(),
    })
}

/// Writes the file, in one step.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    Ok(atomic::write(path, |writer| writer.write_all(bytes))?)
}
