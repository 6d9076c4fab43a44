//! Activations: functions of single numbers, in any order of axes, and the softmax.

use ndarray::Axis;
use serde::Deserialize;

use super::graph::{Graph, Order, Value};
use super::layer::Layer;
use super::proto::AttributeProto;

/// Adds an operator that computes each number of its output from the same number of its input.
fn elementwise(
    graph: &mut Graph,
    operator: &str,
    x: &Value,
    attributes: impl Into<Vec<AttributeProto>>,
) -> Value {
    Value { name: graph.node(operator, &[&x.name], attributes), ..x.clone() }
}

/// The operator whose name in ONNX is `layer`'s in files, without settings.
pub(super) fn same_name(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    Ok(elementwise(graph, layer.view.name(), x, []))
}

pub(super) fn elu(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    #[derive(Deserialize)]
    struct Settings {
        alpha: f32,
    }
    let Settings { alpha } = layer.settings()?;
    Ok(elementwise(graph, "Elu", x, [AttributeProto::float("alpha", alpha)]))
}

pub(super) fn leaky_relu(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    #[derive(Deserialize)]
    struct Settings {
        slope: f32,
    }
    let Settings { slope } = layer.settings()?;
    Ok(elementwise(graph, "LeakyRelu", x, [AttributeProto::float("alpha", slope)]))
}

pub(super) fn gelu(graph: &mut Graph, _: &Layer<'_>, x: &Value) -> Result<Value, String> {
    Ok(elementwise(graph, "Gelu", x, []))
}

pub(super) fn gelu_tanh(graph: &mut Graph, _: &Layer<'_>, x: &Value) -> Result<Value, String> {
    Ok(elementwise(graph, "Gelu", x, [AttributeProto::text("approximate", "tanh")]))
}

pub(super) fn hardswish(graph: &mut Graph, _: &Layer<'_>, x: &Value) -> Result<Value, String> {
    Ok(elementwise(graph, "HardSwish", x, []))
}

/// `x·σ(x)`: ONNX has no operator for it before version 24.
pub(super) fn silu(graph: &mut Graph, _: &Layer<'_>, x: &Value) -> Result<Value, String> {
    let share = graph.node("Sigmoid", &[&x.name], []);
    Ok(Value { name: graph.node("Mul", &[&x.name, &share], []), ..x.clone() })
}

/// One slope for each channel, as broadcast along the axes behind the channels.
pub(super) fn prelu(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    let mut slope = layer.param("slope");
    if x.order == Order::ChannelsFirst {
        x.inner_axes().for_each(|_| slope.insert_axis_inplace(Axis(1)));
    }
    let slope = graph.floats("slope", slope);
    Ok(Value { name: graph.node("PRelu", &[&x.name, &slope], []), ..x.clone() })
}

pub(super) fn softmax(graph: &mut Graph, _: &Layer<'_>, x: &Value) -> Result<Value, String> {
    Ok(elementwise(graph, "Softmax", x, [AttributeProto::int("axis", x.channel_axis())]))
}
