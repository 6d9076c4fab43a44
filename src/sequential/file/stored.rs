//! The arrays of a model as a file of some layout has them.

use super::feature_order::{Order, orders};
use super::weights::check_finite;
use crate::error::FileError;
use crate::file::tensors::Tensors;
use crate::file::{Registry, WeightLayout};
use crate::layer::ParamSpec;
use crate::sequential::Sequential;
use crate::sequential::node::Node;
use crate::shape::len;

/// A parameter array in a file.
pub(super) struct Stored {
    pub name: String,
    pub shape: Vec<usize>,
    /// Number in the file of each value of the model's array; `None` where it is the same.
    places: Option<Vec<usize>>,
}

impl Stored {
    /// Takes the values out of a file, in the order of the model.
    pub fn take(&self, tensors: &mut Tensors) -> Result<Vec<f32>, FileError> {
        let values: Vec<f32> = tensors.take(&self.name, &self.shape)?;
        check_finite(&values, &self.name, tensors.path())?;
        Ok(match &self.places {
            None => values,
            Some(places) => places.iter().map(|&place| values[place]).collect(),
        })
    }
}

impl Stored {
    /// Returns values of the model in the order of the file.
    pub fn there(&self, values: &[f32]) -> Vec<f32> {
        let mut there = values.to_vec();
        for (&place, &value) in self.places.iter().flatten().zip(values) {
            there[place] = value;
        }
        there
    }
}

/// Returns the arrays of a model, in order, as these tensors should hold them. `layers` are the names
/// there of the model's nodes.
pub(super) fn arrays(
    model: &Sequential,
    tensors: &Tensors,
    layout: WeightLayout,
    layers: &[String],
) -> Result<Vec<Stored>, FileError> {
    let (graph, registry) = (&model.graph, Registry::default());
    let refused = |index: usize, reason: &str| {
        let reason = format!(
            "layer {index}, {}, {reason}; bring the arrays into this library's axes, and load them as \
             `WeightLayout::Chainrule`",
            graph.nodes[index].name
        );
        FileError::Layout { path: tensors.path().into(), layout: layout.to_string(), reason }
    };
    let orders = match layout {
        WeightLayout::PyTorch => orders(graph, &registry),
        WeightLayout::Chainrule | WeightLayout::Keras => Ok(Vec::new()),
    };
    let orders = orders.map_err(|index| {
        refused(
            index,
            "has the features of an image, which are there in another order, beside a layer that treats \
             features by their numbers",
        )
    })?;
    let mut arrays = Vec::with_capacity(graph.nodes.len());
    for (index, node) in graph.nodes.iter().enumerate() {
        let kind = node.layer().and_then(|layer| registry.name_of(layer));
        for spec in node.arrays.iter().map(|array| &array.spec) {
            let own = format!("{}.{}", layers[index], spec.name);
            let theirs = format!("{}.{}", layers[index], layout.name(spec.name));
            let name = if tensors.has(&own) && !tensors.has(&theirs) { own } else { theirs };
            let is_unknown = kind.is_none() && spec.shape.len() > 1;
            let (shape, places) = match layout {
                WeightLayout::Chainrule => (spec.shape.clone(), None),
                _ if is_unknown => {
                    return Err(refused(index, "is of another crate, and its axes there unknown"));
                }
                WeightLayout::Keras => (in_keras(spec, node, kind, tensors.shape(&name)), None),
                WeightLayout::PyTorch => {
                    let ends = [orders[node.sources[0]], orders[index + 1]];
                    in_pytorch(spec, node, kind, ends).ok_or_else(|| {
                        refused(index, "normalizes some axes of an image, which stand apart there")
                    })?
                }
            };
            arrays.push(Stored { name, shape, places });
        }
    }
    Ok(arrays)
}

/// Returns the shape of an array in PyTorch, and the number there of each of its values; `None` for
/// an array that PyTorch's layers cannot have.
fn in_pytorch(
    spec: &ParamSpec,
    node: &Node,
    kind: Option<&str>,
    [input, output]: [Order; 2],
) -> Option<(Vec<usize>, Option<Vec<usize>>)> {
    let (shape, values) = (&spec.shape[..], 0..len(&spec.shape));
    match (kind, shape) {
        (Some("Dense"), &[inputs, units]) => {
            let place = |i: usize| output.there(i % units) * inputs + input.there(i / units);
            Some((vec![units, inputs], Some(values.map(place).collect())))
        }
        (Some("Dense"), _) => {
            Some((shape.to_vec(), Some(values.map(|i| output.there(i)).collect())))
        }
        (Some("Conv1d" | "Conv2d" | "ConvTranspose2d"), &[ref window @ .., a, b]) => {
            // (window, a, b) is (b, a, window) there.
            let size = len(window);
            let place = |i: usize| (i % b * a + i / b % a) * size + i / (a * b);
            Some(([&[b, a], window].concat(), Some(values.map(place).collect())))
        }
        // Steps have the same features there.
        (Some("SelfAttention" | "CrossAttention"), &[a, b]) => {
            let place = |i: usize| i % b * a + i / b;
            Some((vec![b, a], Some(values.map(place).collect())))
        }
        // Steps come first there, too.
        (Some("LearnedPositions"), _) => Some((shape.to_vec(), None)),
        // One value for each of a sample.
        (_, &[ref rest @ .., last]) if shape == node.input => {
            let shape = [&[last], rest].concat();
            Some((shape, Some(values.map(|i| input.there(i)).collect())))
        }
        (_, [] | [_]) => Some((shape.to_vec(), None)),
        _ => None,
    }
}

/// Returns the shape of an array in Keras, where it is the one that came or has the same values. Without
/// one that came it is that of a depthwise layer, and of a slope shared by all pixels.
fn in_keras(
    spec: &ParamSpec,
    node: &Node,
    kind: Option<&str>,
    came: Option<&[usize]>,
) -> Vec<usize> {
    let same = match (&spec.shape[..], node.input.last()) {
        // A depthwise kernel, (window, 1, filters), is (window, channels, filters/channels).
        (&[ref window @ .., 1, filters], Some(&channels)) => {
            [window, &[channels, filters / channels]].concat()
        }
        // A slope for each channel, shared by all pixels.
        (&[channels], _) => [vec![1; node.input.len().max(1) - 1], vec![channels]].concat(),
        (shape, _) => shape.to_vec(),
    };
    let is_same = match came {
        Some(came) => came == same,
        None => matches!(
            (kind, &spec.shape[..]),
            (Some("Prelu"), _) | (Some("Conv1d" | "Conv2d"), [_, .., 1, _])
        ),
    };
    if is_same { same } else { spec.shape.clone() }
}
