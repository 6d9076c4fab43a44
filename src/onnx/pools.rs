//! Pools. The operators of ONNX pad by less than the kernel and count the padding in one of two ways, and
//! versions of them disagree about a last window that hangs over the padded image. So:
//!
//! - the number of windows is written as padding, and never as `ceil_mode`;
//! - what an operator cannot pad, a `Pad` before it does;
//! - a mean over windows of which only a part counts is the mean over the whole window, times the size of
//!   the window by that of the part.

use ndarray::Array2;
use serde::Deserialize;

use super::graph::{Graph, Value};
use super::layer::Layer;
use super::proto::AttributeProto;
use super::windows::{attributes, pad};
use crate::layers::window::Window;

#[derive(Deserialize)]
struct Pool {
    window: Window,
    #[serde(default)]
    count_padding: bool,
}

/// The windows along one axis.
struct Along {
    input: usize,
    output: usize,
    kernel: usize,
    stride: usize,
    dilation: usize,
    /// Padding that the layer is given.
    pads: [usize; 2],
    /// Padding with what the last window hangs over.
    reach: [usize; 2],
}

impl Along {
    fn new(window: &Window, layer: &Layer<'_>, axis: usize) -> Result<Self, String> {
        let (input, output) = (layer.input()[axis], layer.output()[axis]);
        let refused = |mismatch: crate::error::Mismatch| mismatch.to_string();
        let extent = window.extent(axis).map_err(refused)?;
        let [before, after] = window.pads(axis, input).map_err(refused)?;
        let (kernel, stride) = (window.kernel[axis], window.stride[axis]);
        let end = (output - 1) * stride + extent;
        let hanging = end.saturating_sub(input + before);
        let (pads, reach) = ([before, after], [before, after.max(hanging)]);
        Ok(Along { input, output, kernel, stride, dilation: window.dilation[axis], pads, reach })
    }

    /// Returns `true` if the operators of ONNX take its padding.
    fn is_narrow(&self) -> bool {
        self.reach.iter().all(|&pad| pad < self.kernel)
    }

    /// Number of taps of each window that count.
    fn counts(&self, padding_counts: bool) -> impl Iterator<Item = usize> {
        let [before, after] = self.pads;
        let counted = match padding_counts {
            true => 0..before + self.input + after,
            false => before..before + self.input,
        };
        (0..self.output).map(move |window| {
            let tap = |tap| window * self.stride + tap * self.dilation;
            (0..self.kernel).filter(|&number| counted.contains(&tap(number))).count()
        })
    }
}

pub(super) fn max_pool2d(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    let Pool { window, .. } = layer.settings()?;
    let along = [Along::new(&window, layer, 0)?, Along::new(&window, layer, 1)?];
    let mut x = graph.first(x);
    let mut pads = along.each_ref().map(|axis| axis.reach);
    if !along.iter().all(Along::is_narrow) {
        x = pad(graph, &x, pads, f32::NEG_INFINITY);
        pads = [[0; 2]; 2];
    }
    let y = graph.node("MaxPool", &[&x], attributes(&window, &[0, 1], &pads));
    Ok(Value::first(y, layer.output()))
}

pub(super) fn avg_pool2d(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    let Pool { window, count_padding } = layer.settings()?;
    let along = [Along::new(&window, layer, 0)?, Along::new(&window, layer, 1)?];
    let mut x = graph.first(x);
    if along.iter().all(|axis| axis.is_narrow() && axis.reach == axis.pads) {
        let pads = along.each_ref().map(|axis| axis.pads);
        let mut settings = attributes(&window, &[0, 1], &pads);
        settings.push(AttributeProto::int("count_include_pad", count_padding.into()));
        return Ok(Value::first(graph.node("AveragePool", &[&x], settings), layer.output()));
    }
    x = pad(graph, &x, along.each_ref().map(|axis| axis.reach), 0.0);
    let mean = graph.node("AveragePool", &[&x], attributes(&window, &[0, 1], &[[0; 2]; 2]));
    let [rows, cols] = along.each_ref().map(|axis| axis.counts(count_padding).collect::<Vec<_>>());
    let size = (along[0].kernel * along[1].kernel) as f32;
    let shares = Array2::from_shape_fn((rows.len(), cols.len()), |(row, col)| {
        size / (rows[row] * cols[col]) as f32
    });
    let shares = graph.floats("shares", shares.into_dyn().view());
    Ok(Value::first(graph.node("Mul", &[&mean, &shares], []), layer.output()))
}

/// The mean over all pixels.
pub(super) fn global_avg(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    Ok(reduce(graph, "ReduceMean", layer, x))
}

/// The maximum over all pixels.
pub(super) fn global_max(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    Ok(reduce(graph, "ReduceMax", layer, x))
}

fn reduce(graph: &mut Graph, operator: &str, layer: &Layer<'_>, x: &Value) -> Value {
    let axes: Vec<i64> = x.inner_axes().map(|axis| axis as i64).collect();
    let axes = graph.ints("axes", &axes);
    let y = graph.node(operator, &[&x.name, &axes], [AttributeProto::int("keepdims", 0)]);
    Value::last(y, layer.output())
}
