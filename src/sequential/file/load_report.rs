//! A report of the weights of another model: those that fit by name and shape, and the others.

use std::fmt;

use crate::error::FileError;
use crate::shape;

/// Result of [`Sequential::load_matching_weights`](crate::sequential::Sequential::load_matching_weights). Its `Display` is a sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "it says which weights were not loaded"]
pub struct LoadReport {
    /// Arrays of the model that were loaded, such as `0.weight`.
    pub matched: Vec<String>,
    /// Arrays of the model that the file has not.
    pub missing: Vec<String>,
    /// Arrays that the file has in another shape or type, and how they differ.
    pub mismatched: Vec<(String, String)>,
    /// Tensors of the file that the model has no place for.
    pub unused: Vec<String>,
}

impl LoadReport {
    /// Returns `true` if model and file have the same arrays, and all were loaded.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.mismatched.is_empty() && self.unused.is_empty()
    }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LoadReport { matched, missing, mismatched, unused } = self;
        let all = matched.len() + missing.len() + mismatched.len();
        write!(f, "{} of {all} parameter arrays loaded", matched.len())?;
        if !missing.is_empty() {
            write!(f, "; not in the file: {}", missing.join(", "))?;
        }
        for (name, reason) in mismatched {
            write!(f, "; {name} does not fit: {reason}")?;
        }
        if !unused.is_empty() {
            write!(f, "; not in the model: {}", unused.join(", "))?;
        }
        Ok(())
    }
}

impl LoadReport {
    /// Notes how an array of the model was found in a file. Returns its values if it was.
    pub(super) fn note(
        &mut self,
        name: String,
        found: Result<Vec<f32>, FileError>,
    ) -> Result<Option<Vec<f32>>, FileError> {
        match found {
            Ok(values) => {
                self.matched.push(name);
                return Ok(Some(values));
            }
            Err(FileError::MissingTensor { .. }) => self.missing.push(name),
            Err(FileError::Shape { wanted, came, .. }) => {
                let (wanted, came) = (shape::label(&wanted), shape::label(&came));
                let reason = format!("the model has {wanted}, the file {came}");
                self.mismatched.push((name, reason));
            }
            Err(FileError::Dtype { wanted, came, .. }) => {
                let reason = format!("the model has numbers of type {wanted}, the file {came}");
                self.mismatched.push((name, reason));
            }
            Err(error) => return Err(error),
        }
        Ok(None)
    }
}
