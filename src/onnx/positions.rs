//! Positions of steps: a constant that is added.

use ndarray::{ArrayViewD, aview1};

use super::graph::{Graph, Value};
use super::layer::Layer;
use crate::layers::sinusoidal_positions::table;

pub(super) fn sinusoidal(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    let &[steps, d] = layer.input() else {
        return Err("its inputs are no steps of features".to_string());
    };
    let table = table(steps, d);
    let table = aview1(&table).into_shape_with_order(layer.input());
    let table = table.map_err(|error| error.to_string())?;
    Ok(add(graph, layer, x, table))
}

pub(super) fn learned(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    Ok(add(graph, layer, x, layer.param("positions")))
}

fn add(graph: &mut Graph, layer: &Layer<'_>, x: &Value, positions: ArrayViewD<'_, f32>) -> Value {
    let x = graph.last(x);
    let positions = graph.floats("positions", positions);
    Value::last(graph.node("Add", &[&x, &positions], []), layer.output())
}
