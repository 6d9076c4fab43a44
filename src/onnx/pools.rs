//! Pools. The operators of ONNX take less padding than the kernel, and programs disagree about the details
//! of the others. So:
//!
//! - A last window that hangs over the padded image is written as padding, and never as `ceil_mode`.
//! - A maximum over an image with more padding has a `Pad` before it.
//! - `count_include_pad` is used where the padding is the same on all sides: ONNX Runtime 1.22 to 1.24 miscount
//!   other padding. Another mean in which the padding counts, or which has more padding, is the sum over each
//!   window, a depthwise convolution with ones, divided by the number of taps that count.

use ndarray::ArrayD;
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

/// Axes of windows over images, and over signals: the width alone.
const IMAGE: &[usize] = &[0, 1];
const SIGNAL: &[usize] = &[1];

impl Along {
    /// The windows along some axes, which are all of the input but the channels.
    fn all(window: &Window, layer: &Layer<'_>, axes: &[usize]) -> Result<Vec<Self>, String> {
        let sizes = layer.input().iter().zip(layer.output());
        axes.iter().zip(sizes).map(|(&axis, size)| Along::new(window, size, axis)).collect()
    }

    fn new(
        window: &Window,
        (&input, &output): (&usize, &usize),
        axis: usize,
    ) -> Result<Self, String> {
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
    fn counts(&self, padding_counts: bool) -> Vec<usize> {
        let [before, after] = self.pads;
        let counted = match padding_counts {
            true => 0..before + self.input + after,
            false => before..before + self.input,
        };
        let taps =
            |window| (0..self.kernel).map(move |tap| window * self.stride + tap * self.dilation);
        (0..self.output)
            .map(|window| taps(window).filter(|tap| counted.contains(tap)).count())
            .collect()
    }
}

/// The padding before and after each axis.
fn reach(along: &[Along]) -> Vec<[usize; 2]> {
    along.iter().map(|axis| axis.reach).collect()
}

pub(super) fn max_pool2d(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    max_pool(graph, layer, x, IMAGE)
}

pub(super) fn max_pool1d(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    max_pool(graph, layer, x, SIGNAL)
}

fn max_pool(
    graph: &mut Graph,
    layer: &Layer<'_>,
    x: &Value,
    axes: &[usize],
) -> Result<Value, String> {
    let Pool { window, .. } = layer.settings()?;
    let along = Along::all(&window, layer, axes)?;
    let (mut x, mut pads) = (graph.first(x), reach(&along));
    if !along.iter().all(Along::is_narrow) {
        x = pad(graph, &x, 2, &pads, f32::NEG_INFINITY);
        pads.fill([0; 2]);
    }
    let y = graph.node("MaxPool", &[&x], attributes(&window, axes, &pads));
    Ok(Value::first(y, layer.output()))
}

pub(super) fn avg_pool2d(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    avg_pool(graph, layer, x, IMAGE)
}

pub(super) fn avg_pool1d(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    avg_pool(graph, layer, x, SIGNAL)
}

fn avg_pool(
    graph: &mut Graph,
    layer: &Layer<'_>,
    x: &Value,
    axes: &[usize],
) -> Result<Value, String> {
    let Pool { window, count_padding } = layer.settings()?;
    let along = Along::all(&window, layer, axes)?;
    let (x, pads) = (graph.first(x), reach(&along));
    let is_even = pads.as_flattened().iter().all(|&pad| pad == pads[0][0]);
    let is_counted = is_even && along.iter().all(|axis| axis.reach == axis.pads);
    let mut settings = attributes(&window, axes, &pads);
    let y = if along.iter().all(Along::is_narrow) && (!count_padding || is_counted) {
        settings.push(AttributeProto::int("count_include_pad", count_padding.into()));
        graph.node("AveragePool", &[&x], settings)
    } else {
        let channels = layer.input()[axes.len()];
        settings.push(AttributeProto::int("group", channels));
        let kernel = along.iter().map(|axis| axis.kernel);
        let ones = ArrayD::ones([channels, 1].into_iter().chain(kernel).collect::<Vec<_>>());
        let ones = graph.floats("ones", ones.view());
        let sum = graph.node("Conv", &[&x, &ones], settings);
        let taps: Vec<Vec<usize>> = along.iter().map(|axis| axis.counts(count_padding)).collect();
        let counts = ArrayD::from_shape_fn(&layer.output()[..axes.len()], |at| {
            taps.iter().enumerate().map(|(axis, taps)| taps[at[axis]]).product::<usize>() as f32
        });
        let counts = graph.floats("counts", counts.view());
        graph.node("Div", &[&sum, &counts], [])
    };
    Ok(Value::first(y, layer.output()))
}

/// The mean over all pixels or steps.
pub(super) fn global_avg(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    Ok(reduce(graph, "ReduceMean", layer, x))
}

/// The maximum over all pixels or steps.
pub(super) fn global_max(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    Ok(reduce(graph, "ReduceMax", layer, x))
}

fn reduce(graph: &mut Graph, operator: &str, layer: &Layer<'_>, x: &Value) -> Value {
    let axes: Vec<i64> = x.inner_axes().map(|axis| axis as i64).collect();
    let axes = graph.ints("axes", &axes);
    let y = graph.node(operator, &[&x.name, &axes], [AttributeProto::int("keepdims", 0)]);
    Value::last(y, layer.output())
}
