//! Attention in products of matrices: the operator `Attention` came with version 23.
//!
//! The heads are an axis of their own, (n, h, steps, w), so that one product computes the scores of all. The
//! weights before the heads are split into those of queries, keys and values.

use ndarray::{Array2, ArrayViewD, Axis, Slice, arr0};
use serde::Deserialize;

use super::graph::{Graph, Value};
use super::layer::Layer;
use super::proto::AttributeProto;

#[derive(Deserialize)]
struct Settings {
    heads: usize,
    #[serde(default)]
    causal: bool,
    #[serde(default)]
    queries: usize,
}

/// Queries, keys or values of some steps.
struct Part<'a> {
    name: &'a str,
    /// Name of the tensor that holds the steps, and their number.
    x: &'a str,
    steps: usize,
    weight: ArrayViewD<'a, f32>,
    bias: Option<ArrayViewD<'a, f32>>,
    /// Order of the axes (n, steps, h, w) of the result.
    order: [usize; 4],
}

/// Order of the axes (n, steps, h, w) in which each head is a matrix, and in which it is a transposed one.
const ROWS: [usize; 4] = [0, 2, 1, 3];
const COLUMNS: [usize; 4] = [0, 2, 3, 1];

/// The columns of an array of parameters that belong to one of several parts.
fn part<'a>(array: ArrayViewD<'a, f32>, number: usize, parts: usize) -> ArrayViewD<'a, f32> {
    let axis = Axis(array.ndim() - 1);
    let size = array.len_of(axis) / parts;
    array.slice_axis_move(axis, Slice::from(number * size..(number + 1) * size))
}

pub(super) fn self_attention(
    graph: &mut Graph,
    layer: &Layer<'_>,
    x: &Value,
) -> Result<Value, String> {
    let Settings { heads, causal, .. } = layer.settings()?;
    let (x, steps) = (graph.last(x), layer.input()[0]);
    let own = |name, number, order| Part {
        name,
        x: &x,
        steps,
        weight: part(layer.param("in_weight"), number, 3),
        bias: layer.optional("in_bias").map(|bias| part(bias, number, 3)),
        order,
    };
    let parts = [own("query", 0, ROWS), own("key", 1, COLUMNS), own("value", 2, ROWS)];
    Ok(attend(graph, layer, heads, parts, causal))
}

pub(super) fn cross_attention(
    graph: &mut Graph,
    layer: &Layer<'_>,
    x: &Value,
) -> Result<Value, String> {
    let Settings { heads, queries, .. } = layer.settings()?;
    let (x, steps) = (graph.last(x), layer.input()[0]);
    let [first, rest] = [(0, queries), (queries, steps)].map(|(start, end)| {
        let [starts, ends, axes] = [("start", start), ("end", end), ("axis", 1)]
            .map(|(name, number)| graph.ints(name, &[number as i64]));
        graph.node("Slice", &[&x, &starts, &ends, &axes], [])
    });
    let query = Part {
        name: "query",
        x: &first,
        steps: queries,
        weight: layer.param("query_weight"),
        bias: layer.optional("query_bias"),
        order: ROWS,
    };
    let memory = |name, number, order| Part {
        name,
        x: &rest,
        steps: steps - queries,
        weight: part(layer.param("memory_weight"), number, 2),
        bias: layer.optional("memory_bias").map(|bias| part(bias, number, 2)),
        order,
    };
    let parts = [query, memory("key", 0, COLUMNS), memory("value", 1, ROWS)];
    Ok(attend(graph, layer, heads, parts, false))
}

/// Adds attention, and the product behind the heads.
fn attend(
    graph: &mut Graph,
    layer: &Layer<'_>,
    heads: usize,
    parts: [Part<'_>; 3],
    causal: bool,
) -> Value {
    let total = parts[0].weight.len_of(Axis(1));
    let (queries, width) = (parts[0].steps, total / heads);
    let [q, k, v] = parts.map(|part| {
        let Part { name, x, steps, weight, bias, order } = part;
        let y =
            product(graph, [&format!("{name}_weight"), &format!("{name}_bias")], x, weight, bias);
        let sizes = [0, steps, heads, width].map(|size| size as i64);
        let sizes = graph.ints("heads", &sizes);
        let y = graph.node("Reshape", &[&y, &sizes], []);
        graph.node("Transpose", &[&y], [AttributeProto::ints("perm", order)])
    });
    let scale = graph.floats("scale", arr0(1.0 / (width as f32).sqrt()).into_dyn().view());
    let scores = graph.node("MatMul", &[&q, &k], []);
    let mut scores = graph.node("Mul", &[&scores, &scale], []);
    if causal {
        let later = |(i, j)| if j > i { f32::NEG_INFINITY } else { 0.0 };
        let mask = Array2::from_shape_fn((queries, queries), later);
        let mask = graph.floats("mask", mask.into_dyn().view());
        scores = graph.node("Add", &[&scores, &mask], []);
    }
    let weights = graph.node("Softmax", &[&scores], [AttributeProto::int("axis", 3)]);
    let out = graph.node("MatMul", &[&weights, &v], []);
    let out = graph.node("Transpose", &[&out], [AttributeProto::ints("perm", ROWS)]);
    let sizes = graph.ints("steps", &[0, queries as i64, total as i64]);
    let out = graph.node("Reshape", &[&out, &sizes], []);
    let (weight, bias) = (layer.param("out_weight"), layer.optional("out_bias"));
    Value::last(product(graph, ["out_weight", "out_bias"], &out, weight, bias), layer.output())
}

/// Adds a product of steps with weights, and a bias.
fn product(
    graph: &mut Graph,
    names: [&str; 2],
    x: &str,
    weight: ArrayViewD<'_, f32>,
    bias: Option<ArrayViewD<'_, f32>>,
) -> String {
    let weight = graph.floats(names[0], weight);
    let y = graph.node("MatMul", &[x, &weight], []);
    match bias {
        None => y,
        Some(bias) => {
            let bias = graph.floats(names[1], bias);
            graph.node("Add", &[&y, &bias], [])
        }
    }
}
