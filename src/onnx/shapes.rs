//! Layers that move numbers or leave some out, and those that do nothing in prediction.

use serde::Deserialize;

use super::graph::{Graph, Value};
use super::layer::Layer;
use super::proto::AttributeProto;
use super::windows::pad;

/// Number in the place of 0 in the frame of an image. ONNX Runtime 1.17 to 1.30 moves a frame of
/// exact zeros into a pool that follows, where padding is no zero.
const ALMOST_ZERO: f32 = f32::MIN_POSITIVE;

/// Adds nothing: the output is the input.
pub(super) fn nothing(_: &mut Graph, _: &Layer<'_>, x: &Value) -> Result<Value, String> {
    Ok(x.clone())
}

pub(super) fn flatten(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    if x.shape == layer.output() {
        return Ok(x.clone());
    }
    let rows = graph.row_major(x);
    let y = graph.node("Flatten", &[&rows], [AttributeProto::int("axis", 1)]);
    Ok(Value::last(y, layer.output()))
}

pub(super) fn reshape(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    if x.shape == layer.output() {
        return Ok(x.clone());
    }
    let rows = graph.row_major(x);
    // 0 keeps the size of the batch.
    let sizes = layer.output().iter().map(|&size| size as i64);
    let sizes: Vec<i64> = std::iter::once(0).chain(sizes).collect();
    let sizes = graph.ints("sizes", &sizes);
    Ok(Value::last(graph.node("Reshape", &[&rows, &sizes], []), layer.output()))
}

pub(super) fn slice(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    #[derive(Deserialize)]
    struct Settings {
        start: usize,
        end: usize,
        #[serde(default)]
        steps: bool,
    }
    let Settings { start, end, steps } = layer.settings()?;
    let axis = if steps { x.inner_axes().start } else { x.channel_axis() };
    let [starts, ends, axes] = [("start", start), ("end", end), ("axis", axis)]
        .map(|(name, number)| graph.ints(name, &[number as i64]));
    let name = graph.node("Slice", &[&x.name, &starts, &ends, &axes], []);
    Ok(Value { name, shape: layer.output().to_vec(), order: x.order })
}

pub(super) fn zero_pad2d(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    #[derive(Deserialize)]
    struct Settings {
        rows: [usize; 2],
        cols: [usize; 2],
    }
    let Settings { rows, cols } = layer.settings()?;
    let name = pad(graph, &x.name, x.inner_axes().start, &[rows, cols], ALMOST_ZERO);
    Ok(Value { name, shape: layer.output().to_vec(), order: x.order })
}

pub(super) fn zero_pad1d(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    #[derive(Deserialize)]
    struct Settings {
        front: usize,
        behind: usize,
    }
    let Settings { front, behind } = layer.settings()?;
    let name = pad(graph, &x.name, x.inner_axes().start, &[[front, behind]], ALMOST_ZERO);
    Ok(Value { name, shape: layer.output().to_vec(), order: x.order })
}
