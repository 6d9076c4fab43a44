//! What convolutions and pools share: the attributes of a window, and padding before it.

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

/// Surrounds images with channels first by a number of pixels before and after the height and the width.
pub(super) fn pad(graph: &mut Graph, x: &str, [rows, cols]: [[usize; 2]; 2], value: f32) -> String {
    let pads = [0, 0, rows[0], cols[0], 0, 0, rows[1], cols[1]].map(|pixels| pixels as i64);
    let pads = graph.ints("pads", &pads);
    let value = graph.floats("padding", ndarray::arr0(value).into_dyn().view());
    graph.node("Pad", &[x, &pads, &value], [])
}
