//! A model's parameters as tensors: `0.weight`, `0.bias`, `3.weight`, ... The number is that of the
//! layer in the model, counted from 0 as in errors and [`ParamGroup`](crate::optim::ParamGroup), with
//! every row of the summary but the input's; the name is what the layer calls the array.

use std::path::Path;

use crate::error::FileError;
use crate::file::tensors::Tensors;
use crate::layer::ParamSpec;
use crate::sequential::Sequential;
use crate::sequential::node::ParamArray;

/// What a parameter of layer `index` is called.
pub(super) fn name(index: usize, spec: &ParamSpec) -> String {
    format!("{index}.{}", spec.name)
}

/// Adds parameters of a model, its own or others, that are to be saved to `path`.
pub(crate) fn put(
    model: &Sequential,
    params: &[f32],
    tensors: &mut Tensors,
    path: &Path,
) -> Result<(), FileError> {
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

pub(super) fn check_finite(values: &[f32], tensor: &str, path: &Path) -> Result<(), FileError> {
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
