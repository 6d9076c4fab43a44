//! Windows of convolutions and pools: their attributes, and padding before them.

use ndarray::arr0;

use super::graph::Graph;
use super::proto::AttributeProto;
use crate::layers::window::Window;

/// Attributes of a window along some of its axes, with this padding before and after each.
pub(super) fn attributes(
    window: &Window,
    axes: &[usize],
    pads: &[[usize; 2]],
) -> Vec<AttributeProto> {
    let along = |sizes: [usize; 2]| axes.iter().map(move |&axis| sizes[axis]);
    let (before, after) = (pads.iter().map(|pad| pad[0]), pads.iter().map(|pad| pad[1]));
    vec![
        AttributeProto::ints("kernel_shape", along(window.kernel)),
        AttributeProto::ints("strides", along(window.stride)),
        AttributeProto::ints("dilations", along(window.dilation)),
        AttributeProto::ints("pads", before.chain(after)),
    ]
}

/// Surrounds the images or signals in a tensor by a number of positions before and after each of the axes
/// between samples and channels, of which `first` is the first.
pub(super) fn pad(
    graph: &mut Graph,
    x: &str,
    first: usize,
    inner: &[[usize; 2]],
    value: f32,
) -> String {
    let axes = inner.len() + 2;
    let mut pads = vec![0; 2 * axes];
    for (axis, [before, after]) in inner.iter().enumerate() {
        pads[first + axis] = *before as i64;
        pads[axes + first + axis] = *after as i64;
    }
    let pads = graph.ints("pads", &pads);
    let value = graph.floats("padding", arr0(value).into_dyn().view());
    graph.node("Pad", &[x, &pads, &value], [])
}
