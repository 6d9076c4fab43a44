//! The facts of a model file: JSON in the metadata, by key.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::FileError;
use crate::file::tensors::Tensors;

pub(super) const FORMAT_KEY: &str = "chainrule.format";
pub(super) const VERSION_KEY: &str = "chainrule.version";
pub(super) const MODEL_KEY: &str = "chainrule.model";
pub(super) const INPUTS_KEY: &str = "chainrule.inputs";
pub(super) const INTAKE_KEY: &str = "chainrule.intake";
pub(super) const TEMPERATURE_KEY: &str = "chainrule.temperature";
pub(super) const PROTOTYPES_KEY: &str = "chainrule.prototypes";
pub(super) const REJECTION_KEY: &str = "chainrule.rejection";
pub(crate) const CLASSES_KEY: &str = "chainrule.classes";
pub(crate) const TRAINING_KEY: &str = "chainrule.training";
pub(super) const OUTPUTS_KEY: &str = "chainrule.outputs";

/// Adds a fact as JSON.
pub(super) fn put_json(
    tensors: &mut Tensors,
    key: &str,
    value: &impl Serialize,
    path: &Path,
) -> Result<(), FileError> {
    let text = serde_json::to_string(value);
    tensors.put_fact(key, text.map_err(|error| bad_fact(path, key, error.to_string()))?);
    Ok(())
}

/// Reads a fact that need not be there.
pub(super) fn json<T: DeserializeOwned>(
    tensors: &Tensors,
    key: &str,
) -> Result<Option<T>, FileError> {
    tensors.fact(key).map(|text| parse(tensors, key, text)).transpose()
}

/// Reads the text of a fact.
pub(super) fn parse<T: DeserializeOwned>(
    tensors: &Tensors,
    key: &str,
    text: &str,
) -> Result<T, FileError> {
    serde_json::from_str(text).map_err(|error| bad_fact(tensors.path(), key, error.to_string()))
}

/// Says what is wrong with a fact.
pub(super) fn bad_fact(path: &Path, key: &str, reason: String) -> FileError {
    FileError::BadFact { path: path.into(), key: key.into(), reason }
}
