//! Layers of weights: the dense one, and the convolutions.
//!
//! The axes of a kernel are turned round, from (height, width, in, out) to (out, in, height, width).

use ndarray::ArrayViewD;
use serde::Deserialize;

use super::graph::{Graph, Value};
use super::layer::Layer;
use super::proto::AttributeProto;
use super::windows::{attributes, pad};
use crate::layers::window::Window;

/// `Gemm` takes matrices alone: the steps of a sequence take `MatMul` and `Add`.
pub(super) fn dense(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    let (x, weight) = (graph.last(x), graph.floats("weight", layer.param("weight")));
    let bias = layer.optional("bias").map(|bias| graph.floats("bias", bias));
    let mut y = match layer.input() {
        [_] => {
            let inputs: Vec<String> = [x, weight].into_iter().chain(bias).collect();
            return Ok(Value::last(product(graph, "Gemm", &inputs, vec![]), layer.output()));
        }
        _ => graph.node("MatMul", &[&x, &weight], []),
    };
    if let Some(bias) = bias {
        y = graph.node("Add", &[&y, &bias], []);
    }
    Ok(Value::last(y, layer.output()))
}

#[derive(Deserialize)]
struct Convolution {
    /// The number of channels if it is `None`.
    groups: Option<usize>,
    window: Window,
}

pub(super) fn conv2d(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    convolution(graph, layer, x, &[0, 1])
}

/// A convolution along the width alone.
pub(super) fn conv1d(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    convolution(graph, layer, x, &[1])
}

fn convolution(
    graph: &mut Graph,
    layer: &Layer<'_>,
    x: &Value,
    axes: &[usize],
) -> Result<Value, String> {
    let Convolution { groups, window } = layer.settings()?;
    let pads = pads(&window, axes, layer.input())?;
    let mut settings = attributes(&window, axes, &pads);
    let channels = layer.input().last().copied().unwrap_or(1);
    settings.push(AttributeProto::int("group", groups.unwrap_or(channels)));
    let inputs = weighted(graph, layer, x);
    Ok(Value::first(product(graph, "Conv", &inputs, settings), layer.output()))
}

#[derive(Deserialize)]
struct Transposed {
    groups: usize,
    window: Window,
}

/// The output may be longer than the kernel reaches. ONNX Runtime takes an `output_padding` of less than
/// the stride. For more, zeros are put behind the input, each of which makes the output longer by the
/// stride.
pub(super) fn conv_transpose2d(
    graph: &mut Graph,
    layer: &Layer<'_>,
    x: &Value,
) -> Result<Value, String> {
    let Transposed { groups, window } = layer.settings()?;
    // Padding is that of the convolution, whose input is this layer's output.
    let whole = layer.input().iter().zip(window.stride).map(|(n, stride)| n * stride);
    let whole: Vec<usize> = whole.collect();
    let mut pads = pads(&window, &[0, 1], &whole)?;
    let (mut longer, mut zeros) = ([0; 2], [[0; 2]; 2]);
    for (axis, [before, after]) in pads.iter_mut().enumerate() {
        let (extent, stride) =
            (window.extent(axis).map_err(|e| e.to_string())?, window.stride[axis]);
        let reach = (layer.input()[axis] - 1) * stride + extent;
        let more = (layer.output()[axis] + *before + *after).saturating_sub(reach);
        if more < stride {
            longer[axis] = more;
        } else {
            zeros[axis][1] = more.div_ceil(stride);
            *after += zeros[axis][1] * stride - more;
        }
    }
    let mut settings = attributes(&window, &[0, 1], &pads);
    settings.push(AttributeProto::ints("output_padding", longer));
    settings.push(AttributeProto::int("group", groups));
    let mut inputs = weighted(graph, layer, x);
    if zeros != [[0; 2]; 2] {
        inputs[0] = pad(graph, &inputs[0], 2, &zeros, 0.0);
    }
    Ok(Value::first(product(graph, "ConvTranspose", &inputs, settings), layer.output()))
}

/// Padding before and after each axis of an input of this shape.
fn pads(window: &Window, axes: &[usize], input: &[usize]) -> Result<Vec<[usize; 2]>, String> {
    let pads = axes.iter().zip(input).map(|(&axis, &size)| window.pads(axis, size));
    pads.collect::<Result<_, _>>().map_err(|mismatch| mismatch.to_string())
}

/// The input of a convolution, its kernel, and its bias if it has one.
fn weighted(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Vec<String> {
    let kernel = layer.param("weight");
    let inner = kernel.ndim() - 2;
    let order: Vec<usize> = [inner + 1, inner].into_iter().chain(0..inner).collect();
    let kernel: ArrayViewD<'_, f32> = kernel.permuted_axes(order);
    let mut inputs = vec![graph.first(x), graph.floats("weight", kernel)];
    inputs.extend(layer.optional("bias").map(|bias| graph.floats("bias", bias)));
    inputs
}

fn product(
    graph: &mut Graph,
    operator: &str,
    inputs: &[String],
    settings: Vec<AttributeProto>,
) -> String {
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    graph.node(operator, &inputs, settings)
}
