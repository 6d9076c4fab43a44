//! A model as the message of an ONNX file.

use std::path::Path;

use prost::Message;

use super::ends;
use super::graph::{Graph, INPUT, Value};
use super::joins::join;
use super::layer::Layer;
use super::operators::operator;
use super::proto::*;
use crate::data::Scaling;
use crate::error::{FileError, OnnxError, Result};
use crate::file::Registry;
use crate::layer::erased::ErasedLayer;
use crate::loss::Outputs;
use crate::sequential::{LayerView, Operation, Sequential, check_finite};

/// Version of the operators.
pub(super) const OPERATORS: i64 = 20;
/// Version of the format of files that came with these operators.
const FORMAT: i64 = 9;
/// Largest message of Protocol Buffers.
const LARGEST: usize = (1 << 31) - 1;

/// A model with what is known of its inputs and outputs, to be written to `path`.
pub(super) struct Export<'a> {
    pub model: &'a Sequential,
    /// Steps before the model.
    pub scalings: &'a [Scaling],
    /// Meaning of the outputs, which makes probabilities of them; [`Outputs::Scores`] leaves them as they are.
    pub outputs: Outputs,
    /// Number by which logits are divided before.
    pub temperature: f32,
    pub path: &'a Path,
}

impl Export<'_> {
    /// Returns the bytes of the file, with these facts in its metadata.
    pub fn bytes(&self, facts: Vec<(&str, String)>) -> Result<Vec<u8>> {
        let model = ModelProto {
            ir_version: FORMAT,
            producer_name: "chainrule".to_string(),
            producer_version: env!("CARGO_PKG_VERSION").to_string(),
            graph: Some(self.graph()?),
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPERATORS }],
            metadata_props: facts
                .into_iter()
                .map(|(key, value)| StringStringEntryProto { key: key.to_string(), value })
                .collect(),
        };
        check_size(model.encoded_len(), self.path)?;
        Ok(model.encode_to_vec())
    }

    /// Returns the graph.
    pub fn graph(&self) -> Result<GraphProto> {
        self.model.check_not_empty()?;
        let Some(output) = self.model.output_value() else {
            let reason = "save the whole model, when its branches have met".to_string();
            let end = self.model.layers().len();
            return Err(self.not_saveable(end, "the end of a branch", reason).into());
        };
        let (mut graph, registry) = (Graph::default(), Registry::default());
        let mut x = Value::last(INPUT.to_string(), self.model.input_shape());
        for (number, scaling) in self.scalings.iter().enumerate() {
            graph.prefix = format!("scaling{number}");
            x = ends::scale(&mut graph, scaling, &x);
        }
        let mut values = vec![x];
        for step in self.model.steps() {
            graph.prefix = step.view.index().to_string();
            let sources: Vec<&Value> =
                step.sources.iter().filter_map(|&source| values.get(source)).collect();
            let value = match (step.operation, &sources[..]) {
                (Operation::Layer(layer), [x]) => {
                    self.add_layer(&mut graph, step.view, layer, x, &registry)?
                }
                (Operation::Join(name), branches) => {
                    join(&mut graph, name, branches, step.view.output_shape())
                }
                _ => None,
            };
            values.push(value.ok_or_else(|| self.no_operator(step.view))?);
        }
        graph.prefix = "probabilities".to_string();
        let y = ends::probabilities(&mut graph, self.outputs, self.temperature, &values[output]);
        Ok(graph.finish(self.model.input_shape(), &y))
    }

    /// Adds a layer and returns its output; `None` where ONNX has no operator for it.
    fn add_layer(
        &self,
        graph: &mut Graph,
        view: LayerView<'_>,
        layer: &dyn ErasedLayer,
        x: &Value,
        registry: &Registry,
    ) -> Result<Option<Value>, FileError> {
        let Some(operator) = registry.name_of(layer).and_then(operator) else { return Ok(None) };
        self.check_finite(view)?;
        let layer = Layer::new(view, layer, registry);
        let value = layer.and_then(|layer| operator(graph, &layer, x));
        value.map(Some).map_err(|reason| self.not_saveable(view.index(), view.name(), reason))
    }

    fn check_finite(&self, layer: LayerView<'_>) -> Result<(), FileError> {
        layer.params().try_for_each(|param| {
            let name = format!("{}.{}", layer.index(), param.name);
            check_finite(&self.model.params()[param.range], &name, self.path)
        })
    }

    fn no_operator(&self, layer: LayerView<'_>) -> OnnxError {
        OnnxError::NoOperator {
            path: self.path.into(),
            index: layer.index(),
            layer: layer.name().to_string(),
        }
    }

    fn not_saveable(&self, index: usize, layer: &str, reason: String) -> FileError {
        FileError::NotSaveable { path: self.path.into(), index, layer: layer.to_string(), reason }
    }
}

/// Refuses a file that no program could read.
fn check_size(bytes: usize, path: &Path) -> Result<(), OnnxError> {
    if bytes > LARGEST {
        return Err(OnnxError::TooLarge { path: path.into(), bytes, largest: LARGEST });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_at_most_two_gibibytes() {
        assert!(check_size(LARGEST, Path::new("m.onnx")).is_ok());
        let error = check_size(LARGEST + 1, Path::new("m.onnx")).unwrap_err().to_string();
        assert!(error.starts_with("m.onnx: an ONNX file has at most 2147483647 bytes"), "{error}");
    }
}
