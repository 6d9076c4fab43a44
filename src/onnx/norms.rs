//! Normalizations, in prediction: batch normalization uses its running statistics.

use ndarray::{Array1, Axis};
use serde::Deserialize;

use super::graph::{Graph, Value};
use super::layer::Layer;
use super::proto::AttributeProto;

pub(super) fn batch_norm(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    #[derive(Deserialize)]
    struct Settings {
        epsilon: f32,
    }
    let Settings { epsilon } = layer.settings()?;
    let x = graph.first(x);
    let [scale, shift, mean, variance] = ["scale", "shift", "running_mean", "running_variance"]
        .map(|name| graph.floats(name, layer.param(name)));
    let inputs: [&str; 5] = [&x, &scale, &shift, &mean, &variance];
    let y = graph.node("BatchNormalization", &inputs, [AttributeProto::float("epsilon", epsilon)]);
    Ok(Value::first(y, layer.output()))
}

pub(super) fn layer_norm(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    #[derive(Deserialize)]
    struct Settings {
        axes: usize,
        epsilon: f32,
    }
    let Settings { axes, epsilon } = layer.settings()?;
    let x = graph.last(x);
    let [scale, shift] = ["scale", "shift"].map(|name| graph.floats(name, layer.param(name)));
    let first = layer.input().len() + 1 - axes;
    let settings = [AttributeProto::int("axis", first), AttributeProto::float("epsilon", epsilon)];
    let y = graph.node("LayerNormalization", &[&x, &scale, &shift], settings);
    Ok(Value::last(y, layer.output()))
}

/// The operator of this name came with version 21. What it does is an instance normalization of images
/// whose channels are the groups.
pub(super) fn group_norm(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    #[derive(Deserialize)]
    struct Settings {
        groups: usize,
        epsilon: f32,
    }
    let Settings { groups, epsilon } = layer.settings()?;
    let &[height, width, channels] = layer.input() else {
        return Err("its inputs are no images".to_string());
    };
    let x = graph.first(x);
    // 0 keeps the size of the batch, and -1 is what is left.
    let grouped = graph.ints("groups", &[0, groups as i64, -1]);
    let x = graph.node("Reshape", &[&x, &grouped], []);
    let ones = graph.floats("ones", Array1::ones(groups).into_dyn().view());
    let zeros = graph.floats("zeros", Array1::zeros(groups).into_dyn().view());
    let settings = [AttributeProto::float("epsilon", epsilon)];
    let x = graph.node("InstanceNormalization", &[&x, &ones, &zeros], settings);
    let images = graph.ints("images", &[0, channels as i64, height as i64, width as i64]);
    let x = graph.node("Reshape", &[&x, &images], []);
    let [scale, shift] = ["scale", "shift"].map(|name| {
        let param = layer.param(name).insert_axis(Axis(1)).insert_axis(Axis(2));
        graph.floats(name, param)
    });
    let x = graph.node("Mul", &[&x, &scale], []);
    Ok(Value::first(graph.node("Add", &[&x, &shift], []), layer.output()))
}
