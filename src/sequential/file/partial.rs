//! Weights of another model: those that fit by name and shape, and a report of the others.

use std::fmt;
use std::path::Path;

use super::content::check_format;
use super::model_file::IN_MEMORY;
use super::weights::{check_finite, name};
use crate::error::{FileError, Result};
use crate::file::RUN;
use crate::file::tensors::Tensors;
use crate::sequential::Sequential;
use crate::sequential::node::ParamArray;
use crate::shape;

/// Result of [`Sequential::load_matching_weights`]. Its `Display` is a sentence.
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

impl Sequential {
    /// Replaces those weights that a file has under the same name and in the same shape, and leaves the
    /// others as they are: the body of another model, for a head of one's own. A name begins with the
    /// number of the layer.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("m.safetensors");
    /// let digits = Sequential::new([4]).add(Dense::new(3))?.add(Relu)?.add(Dense::new(10))?;
    /// digits.initialize(42).save(&path)?;
    ///
    /// let mut even_odd = Sequential::new([4]).add(Dense::new(3))?.add(Relu)?.add(Dense::new(2))?;
    /// let report = even_odd.load_matching_weights(&path)?;
    /// assert_eq!(report.matched, ["0.weight", "0.bias"]);
    /// println!("{report}");
    /// // 2 of 4 parameter arrays loaded; 2.weight does not fit: the model has 3×2, the file 3×10; ..
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError`] if the file cannot be read or is damaged, and where a number that would be loaded
    /// is not finite. The model is then as it was.
    pub fn load_matching_weights(&mut self, path: impl AsRef<Path>) -> Result<LoadReport> {
        self.set_matching(Tensors::read(path)?)
    }

    /// Does the same as [`Sequential::load_matching_weights`], from the bytes of such a file.
    ///
    /// # Errors
    ///
    /// Those of [`Sequential::load_matching_weights`], with `the bytes` in place of a path.
    pub fn load_matching_weights_from_bytes(&mut self, bytes: &[u8]) -> Result<LoadReport> {
        self.set_matching(Tensors::from_bytes(bytes, Path::new(IN_MEMORY))?)
    }

    fn set_matching(&mut self, mut tensors: Tensors) -> Result<LoadReport> {
        check_format(&tensors)?;
        tensors.forget(RUN);
        let mut report = LoadReport::default();
        let mut params = self.params().to_vec();
        for (index, node) in self.graph.nodes.iter().enumerate() {
            for ParamArray { spec, range, .. } in &node.arrays {
                let name = name(index, spec);
                match tensors.take::<f32>(&name, &spec.shape) {
                    Ok(values) => {
                        check_finite(&values, &name, tensors.path())?;
                        params[range.clone()].copy_from_slice(&values);
                        report.matched.push(name);
                    }
                    Err(FileError::MissingTensor { .. }) => report.missing.push(name),
                    Err(FileError::Shape { wanted, came, .. }) => {
                        let (wanted, came) = (shape::label(&wanted), shape::label(&came));
                        let reason = format!("the model has {wanted}, the file {came}");
                        report.mismatched.push((name, reason));
                    }
                    Err(FileError::Dtype { wanted, came, .. }) => {
                        let reason =
                            format!("the model has numbers of type {wanted}, the file {came}");
                        report.mismatched.push((name, reason));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        let is_unused = |name: &&str| report.mismatched.iter().all(|(own, _)| own != name);
        let unused: Vec<String> = tensors.names().filter(is_unused).map(String::from).collect();
        report.unused = unused;
        self.set_params(&params)?;
        Ok(report)
    }
}
