//! A model's parameters as tensors: `0.weight`, `0.bias`, `3.weight`, ... The number is that of the
//! layer in the model, counted from 0 as in errors and [`ParamGroup`](crate::optim::ParamGroup), with
//! every row of the summary but the input's; the name is what the layer calls the array.

use std::path::Path;

use super::facts::{CLASSES_KEY, FORMAT_KEY, VERSION_KEY, bad_fact, json, put_json};
use crate::error::FileError;
use crate::file::tensors::Tensors;
use crate::layer::ParamSpec;
use crate::sequential::Sequential;
use crate::sequential::node::ParamArray;

/// The version of the format that is written, and the newest that is read.
const FORMAT: u64 = 1;

/// What a parameter of layer `index` is called.
pub(super) fn name(index: usize, spec: &ParamSpec) -> String {
    format!("{index}.{}", spec.name)
}

/// Adds parameters of a model, its own or others, that are to be saved to `path`, the version of their
/// layout, and the names of the classes.
pub(crate) fn put(
    model: &Sequential,
    params: &[f32],
    tensors: &mut Tensors,
    path: &Path,
) -> Result<(), FileError> {
    tensors.put_fact(FORMAT_KEY, FORMAT.to_string());
    tensors.put_fact(VERSION_KEY, env!("CARGO_PKG_VERSION"));
    if !model.class_names().is_empty() {
        put_json(tensors, CLASSES_KEY, &model.class_names(), path)?;
    }
    for (index, node) in model.graph.nodes.iter().enumerate() {
        for ParamArray { spec, range, .. } in &node.arrays {
            let (values, name) = (&params[range.clone()], name(index, spec));
            check_finite(values, &name, path)?;
            tensors.put(name, &spec.shape, values);
        }
    }
    Ok(())
}

/// Takes out the parameters of a model, in the order of [`Sequential::params`].
pub(crate) fn take(model: &Sequential, tensors: &mut Tensors) -> Result<Vec<f32>, FileError> {
    let mut params = Vec::with_capacity(model.param_count());
    for (index, node) in model.graph.nodes.iter().enumerate() {
        for ParamArray { spec, .. } in &node.arrays {
            let name = name(index, spec);
            let values = tensors.take(&name, &spec.shape)?;
            check_finite(&values, &name, tensors.path())?;
            params.extend(values);
        }
    }
    Ok(params)
}

/// Returns `true` if a file says that its weights are in this library's layout. Refuses one that a
/// newer version has written.
pub(super) fn is_ours(tensors: &Tensors) -> Result<bool, FileError> {
    match json::<u64>(tensors, FORMAT_KEY)? {
        Some(found) if found > FORMAT => {
            Err(FileError::NewerVersion { path: tensors.path().into(), found, known: FORMAT })
        }
        format => Ok(format.is_some()),
    }
}

/// Refuses a file that a newer version of this library has written, or another program.
pub(crate) fn check_format(tensors: &Tensors) -> Result<(), FileError> {
    if is_ours(tensors)? {
        return Ok(());
    }
    let fix = "every file of this library says its format";
    tensors.required_fact(FORMAT_KEY, fix).map(|_| ())
}

/// Returns the names of the classes in a file; empty where it has none.
pub(crate) fn class_names(tensors: &Tensors) -> Result<Vec<String>, FileError> {
    Ok(json(tensors, CLASSES_KEY)?.unwrap_or_default())
}

/// Gives a model the names of the classes in a file, which its weights belong to.
pub(super) fn take_class_names(model: &mut Sequential, tensors: &Tensors) -> Result<(), FileError> {
    let names = class_names(tensors)?;
    if !names.is_empty() {
        let fit = model.set_class_names(names);
        fit.map_err(|error| bad_fact(tensors.path(), CLASSES_KEY, error.to_string()))?;
    }
    Ok(())
}

pub(crate) fn check_finite(values: &[f32], tensor: &str, path: &Path) -> Result<(), FileError> {
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
