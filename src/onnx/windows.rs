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

/// Surrounds the images in a tensor by a number of pixels before and after the height and the width, which
/// are the axes from `height` on.
pub(super) fn pad(
    graph: &mut Graph,
    x: &str,
    height: usize,
    [rows, cols]: [[usize; 2]; 2],
    value: f32,
) -> String {
    let mut pads = [0; 8];
    for (end, start) in [0, 4].into_iter().enumerate() {
        pads[start + height] = rows[end] as i64;
        pads[start + height + 1] = cols[end] as i64;
    }
    let pads = graph.ints("pads", &pads);
    let value = graph.floats("padding", arr0(value).into_dyn().view());
    graph.node("Pad", &[x, &pads, &value], [])
}
