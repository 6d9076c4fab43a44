//! Attributes of windows, which convolutions and pools share.

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
