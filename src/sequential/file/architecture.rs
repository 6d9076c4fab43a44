//! The layers of a model as JSON, and a model of such JSON.
//!
//! ```text
//! {"input": [28, 28, 1], "layers": [
//!     {"type": "Flatten"},
//!     {"type": "Residual", "branches": [[{"type": "Dense", "settings": {"units": 784, ..}}], []]},
//!     ..
//! ]}
//! ```
//!
//! A model's nodes stand in one list; here branches stand inside of what joins them, as they were
//! written when the model was built. So a model is loaded as it was built, layer by layer, with the
//! same checks, the same fused layers, and the same numbers for each layer to draw from.

use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::weights;
use crate::error::{FileError, Result};
use crate::file::registry::{Description, Registry};
use crate::file::tensors::Tensors;
use crate::sequential::Sequential;
use crate::sequential::build::Branch;
use crate::sequential::join;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Architecture {
    input: Vec<usize>,
    layers: Vec<LayerEntry>,
}

/// A layer, or branches that meet.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LayerEntry {
    #[serde(rename = "type")]
    name: String,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    settings: Value,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    branches: Vec<Vec<LayerEntry>>,
    /// Names of the parameter arrays that are frozen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    frozen: Vec<String>,
    /// Number of the layer whose parameters it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tied: Option<usize>,
}

impl Architecture {
    /// That of a model which is to be saved to `path`.
    pub fn of(model: &Sequential, registry: &Registry, path: &Path) -> Result<Self, FileError> {
        if model.depth > 0 {
            return Err(FileError::NotSaveable {
                path: path.into(),
                index: model.graph.nodes.len(),
                layer: "the end of a branch".to_string(),
                reason: "save the whole model, when its branches have met".to_string(),
            });
        }
        let layers = entries_of(model, 0..model.graph.nodes.len(), registry, path)?;
        Ok(Architecture { input: model.input_shape().to_vec(), layers })
    }

    /// The model, as built from layers with their first parameters. Nothing is made larger than the
    /// tensors in the file are that are to fill it.
    pub fn build(&self, registry: &Registry, tensors: &Tensors) -> Result<Sequential> {
        let loader = Loader { registry, tensors };
        let mut model = loader.append(Sequential::new(&self.input[..]), &self.layers)?;
        model.check_not_empty()?;
        model.graph.update_needs_gradient();
        Ok(model)
    }
}

/// The entries of what these nodes of a model were built from.
fn entries_of(
    model: &Sequential,
    nodes: Range<usize>,
    registry: &Registry,
    path: &Path,
) -> Result<Vec<LayerEntry>, FileError> {
    let mut entries = Vec::new();
    let mut end = nodes.end;
    while end > nodes.start {
        end -= 1;
        let node = &model.graph.nodes[end];
        let entry = if let Some(layer) = node.layer() {
            let Description { name, settings } =
                registry.describe(layer).map_err(|reason| FileError::NotSaveable {
                    path: path.into(),
                    index: end,
                    layer: node.name.clone(),
                    reason,
                })?;
            let frozen = node.arrays.iter().filter(|array| array.frozen);
            let frozen = frozen.map(|array| array.spec.name.to_string()).collect();
            LayerEntry { name, settings, branches: Vec::new(), frozen, tied: node.tied }
        } else {
            let branch = |nodes: &Range<usize>| entries_of(model, nodes.clone(), registry, path);
            let branches: Result<Vec<_>, FileError> = node.branches.iter().map(branch).collect();
            // What stands before it are its branches.
            end = node.branches.first().map_or(end, |first| first.start);
            let (name, settings) = (node.name.clone(), Value::Null);
            LayerEntry { name, settings, branches: branches?, frozen: Vec::new(), tied: None }
        };
        entries.push(entry);
    }
    entries.reverse();
    Ok(entries)
}

#[derive(Clone, Copy)]
struct Loader<'a> {
    registry: &'a Registry,
    tensors: &'a Tensors,
}

impl Loader<'_> {
    fn append(self, model: Sequential, entries: &[LayerEntry]) -> Result<Sequential> {
        entries.iter().try_fold(model, |model, entry| match &entry.branches[..] {
            [] => self.append_layer(model, entry),
            branches => {
                let join = join::named(&entry.name).ok_or_else(|| self.unknown(&model, entry))?;
                let branch = |entries| -> Branch<'_> { Box::new(move |x| self.append(x, entries)) };
                let branches = branches.iter().map(|entries| branch(entries)).collect();
                model.push_branches(&entry.name, branches, join)
            }
        })
    }

    fn append_layer(self, model: Sequential, entry: &LayerEntry) -> Result<Sequential> {
        let index = model.graph.nodes.len();
        let layer = self
            .registry
            .read(&entry.name, &entry.settings)
            .ok_or_else(|| self.unknown(&model, entry))?
            .map_err(|error| FileError::Settings {
                path: self.tensors.path().into(),
                index,
                layer: entry.name.clone(),
                reason: error.to_string(),
            })?;
        if entry.tied.is_none() && layer.output_shape(model.output_shape()).is_ok() {
            for spec in layer.param_specs(model.output_shape()) {
                self.tensors.check(&weights::name(index, &spec), &spec.shape)?;
            }
        }
        let mut model = model.push_layer(layer, entry.tied)?;
        let arrays = &mut model.graph.nodes[index].arrays;
        for name in &entry.frozen {
            let array = arrays.iter_mut().find(|array| array.spec.name == name);
            array.ok_or_else(|| self.no_array(index, entry, name))?.frozen = true;
        }
        Ok(model)
    }

    fn no_array(self, index: usize, entry: &LayerEntry, name: &str) -> FileError {
        FileError::Settings {
            path: self.tensors.path().into(),
            index,
            layer: entry.name.clone(),
            reason: format!("it has no parameter `{name}` to be frozen"),
        }
    }

    fn unknown(self, model: &Sequential, entry: &LayerEntry) -> FileError {
        FileError::UnknownLayer {
            path: self.tensors.path().into(),
            index: model.graph.nodes.len(),
            layer: entry.name.clone(),
        }
    }
}
