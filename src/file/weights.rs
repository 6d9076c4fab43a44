//! A model's parameters as tensors: `0.weight`, `0.bias`, `3.weight`, ... The number is that of the
//! layer in the model, counted from 0 as in errors and [`ParamGroup`](crate::optim::ParamGroup), with
//! every row of the summary but the input's; the name is what the layer calls the array.

use std::path::Path;

use super::model_file::check_format;
use super::tensors::Tensors;
use crate::error::{FileError, Result};
use crate::layer::ParamSpec;
use crate::sequential::Sequential;

impl Sequential {
    /// Saves the weights alone, statistics included, by name: for [`Sequential::load_weights`], and for
    /// models with layers that [`Sequential::save`] has no name for.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the file cannot be written, or a weight is not finite; a file that was there
    /// is then left as it was.
    pub fn save_weights(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let mut tensors = Tensors::new();
        put(self, &mut tensors, path)?;
        Ok(tensors.write(path)?)
    }

    /// Replaces all weights by those of a file, by name: one that this library saved, or one that
    /// another program did, of 32-bit floats called `0.weight` and so on, in the shapes that the
    /// layers' documentation tells.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("m.safetensors");
    /// let model = Sequential::new([4]).add(Dense::new(3))?.add(Relu)?.add(Dense::new(2))?;
    /// model.save(&path)?; // 0.weight, 0.bias, 2.weight, 2.bias
    /// let mut other = model.clone().initialize(1);
    /// other.load_weights(&path)?;
    /// assert_eq!(other.params(), model.params());
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError`] if the file cannot be read or is damaged, and where a tensor is missing, is
    /// none of the model's, has another shape or type, or a number that is not finite. The model is
    /// then as it was.
    pub fn load_weights(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let mut tensors = Tensors::read(path)?;
        check_format(&tensors)?;
        let params = take(self, &mut tensors)?;
        tensors.finish()?;
        self.set_params(&params)
    }
}

/// What a parameter of layer `index` is called.
pub(super) fn name(index: usize, spec: &ParamSpec) -> String {
    format!("{index}.{}", spec.name)
}

/// Adds the parameters of a model that is to be saved to `path`.
pub(crate) fn put(model: &Sequential, tensors: &mut Tensors, path: &Path) -> Result<(), FileError> {
    for (index, node) in model.nodes.iter().enumerate() {
        let mut rest = &model.params()[node.params.clone()];
        for spec in &node.specs {
            let (values, tail) = rest.split_at(spec.len().unwrap_or(0));
            let name = name(index, spec);
            check_finite(values, &name, path)?;
            tensors.put(name, &spec.shape, values);
            rest = tail;
        }
    }
    Ok(())
}

/// Takes out the parameters of a model, in the order of [`Sequential::params`].
pub(crate) fn take(model: &Sequential, tensors: &mut Tensors) -> Result<Vec<f32>, FileError> {
    let mut params = Vec::with_capacity(model.param_count());
    for (index, node) in model.nodes.iter().enumerate() {
        for spec in &node.specs {
            let name = name(index, spec);
            let values = tensors.take(&name, &spec.shape)?;
            check_finite(&values, &name, tensors.path())?;
            params.extend(values);
        }
    }
    Ok(params)
}

fn check_finite(values: &[f32], tensor: &str, path: &Path) -> Result<(), FileError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(FileError::NotFinite {
            path: path.into(),
            tensor: tensor.to_string(),
            index,
            value: values[index],
        }),
    }
}
