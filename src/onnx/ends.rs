//! Steps around a model: scalings of raw inputs, and probabilities of outputs.

use ndarray::{ArrayD, ArrayView};

use super::graph::{Graph, Value};
use super::proto::AttributeProto;
use crate::data::Scaling;
use crate::loss::Outputs;
use crate::shape::len;

/// Adds `(x - mean)·(1/std)`, with channels last.
pub(super) fn scale(graph: &mut Graph, scaling: &Scaling, x: &Value) -> Value {
    let constant = |values: &[f32]| -> ArrayD<f32> {
        let shape = if values.len() == len(&x.shape) { &x.shape[..] } else { &[values.len()] };
        ArrayView::from_shape(shape, values).map(|view| view.to_owned()).unwrap_or_default()
    };
    let mut name = x.name.clone();
    if scaling.mean().iter().any(|&mean| mean != 0.0) {
        let mean = graph.floats("mean", constant(scaling.mean()).view());
        name = graph.node("Sub", &[&name, &mean], []);
    }
    let factors: Vec<f32> = scaling.std().iter().map(|std| 1.0 / std).collect();
    let factors = graph.floats("factor", constant(&factors).view());
    Value { name: graph.node("Mul", &[&name, &factors], []), ..x.clone() }
}

/// Adds the function that makes probabilities of outputs, all of a sample together. Logits are divided by
/// the temperature.
pub(super) fn probabilities(
    graph: &mut Graph,
    outputs: Outputs,
    temperature: f32,
    y: &Value,
) -> Value {
    let is_of_classes = outputs == Outputs::Softmax || len(&y.shape) == 1;
    if temperature != 1.0 && is_of_classes && outputs.are_logits() {
        let temperature =
            graph.floats("temperature", ndarray::arr1(&[temperature]).into_dyn().view());
        let y = Value { name: graph.node("Div", &[&y.name, &temperature], []), ..y.clone() };
        return probabilities(graph, outputs, 1.0, &y);
    }
    match outputs {
        Outputs::Sigmoid => Value { name: graph.node("Sigmoid", &[&y.name], []), ..y.clone() },
        Outputs::Softmax => {
            let axis = [AttributeProto::int("axis", 1)];
            if y.shape.len() == 1 {
                return Value { name: graph.node("Softmax", &[&y.name], axis), ..y.clone() };
            }
            let last = graph.last(y);
            let flat = graph.node("Flatten", &[&last], axis.clone());
            let flat = graph.node("Softmax", &[&flat], axis);
            let sizes = y.shape.iter().map(|&size| size as i64);
            let sizes: Vec<i64> = std::iter::once(0).chain(sizes).collect();
            let sizes = graph.ints("sizes", &sizes);
            Value::last(graph.node("Reshape", &[&flat, &sizes], []), &y.shape)
        }
        Outputs::Probabilities | Outputs::Scores => y.clone(),
    }
}
