//! Sliding windows: the shapes that convolution and pooling share.
//!
//! A window of `k` taps, `d` apart, reaches over `e = (k - 1)·d + 1` positions. Along an axis of `n`
//! inputs, with `p` and `q` positions of padding before and after, one every `s` positions has
//! `⌊(n + p + q - e)/s⌋ + 1` places. Pools may ask for the ceiling: a last window then hangs over the
//! padded image, unless it would start behind the image.

use serde::{Deserialize, Serialize};

use super::size::Size2;
use crate::kernels::Axis;
use crate::layer::Mismatch;

/// The largest kernel, stride, dilation and padding: sums and products of them cannot overflow, nor
/// loops over them take long.
pub(super) const LARGEST: usize = 1 << 16;

/// What surrounds an image before windows slide over it.
///
/// Methods that take a padding take `impl Into<Padding>`: `padding(1)` surrounds the image by one pixel
/// on each side, and `padding((1, 2))` by one pixel above and below, and two pixels left and right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Padding {
    /// Nothing: windows stay inside, and a 3×3 window takes a border of one pixel off.
    Valid,
    /// As much as makes the output `⌈n/stride⌉`; an odd pixel goes to the bottom or right.
    Same,
    /// These numbers of pixels.
    Explicit {
        /// Above the first row.
        top: usize,
        /// Below the last row.
        bottom: usize,
        /// Before the first column.
        left: usize,
        /// After the last column.
        right: usize,
    },
}

impl From<usize> for Padding {
    fn from(pixels: usize) -> Self {
        Padding::from((pixels, pixels))
    }
}

impl From<(usize, usize)> for Padding {
    fn from((rows, cols): (usize, usize)) -> Self {
        Padding::Explicit { top: rows, bottom: rows, left: cols, right: cols }
    }
}

/// A window over (h, w, c) images, as a layer describes it: along the height, and the width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Window {
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub dilation: [usize; 2],
    pub padding: Padding,
    /// Whether the number of places is rounded up.
    pub ceil: bool,
}

/// A window over images of one size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Geometry {
    pub rows: Axis,
    pub cols: Axis,
    pub channels: usize,
}

impl Window {
    /// A window that moves by `stride`, without padding.
    pub fn new(kernel: Size2, stride: Size2) -> Self {
        let (kernel, stride) = (kernel.axes(), stride.axes());
        Window { kernel, stride, dilation: [1; 2], padding: Padding::Valid, ceil: false }
    }

    /// `3×3, stride 2, same`, leaving out a stride of `usual`.
    pub fn label(&self, usual: [usize; 2]) -> String {
        let [kh, kw] = self.kernel;
        let setting = |name, size: [usize; 2], usual| match size == usual {
            true => String::new(),
            false => format!(", {name} {}", pair(size)),
        };
        let stride = setting("stride", self.stride, usual);
        let dilation = setting("dilation", self.dilation, [1; 2]);
        let padding = match self.padding {
            Padding::Valid => String::new(),
            Padding::Same => ", same".to_string(),
            Padding::Explicit { top, bottom, left, right } if [top, left] == [bottom, right] => {
                format!(", padding {}", pair([top, left]))
            }
            Padding::Explicit { top, bottom, left, right } => {
                format!(", padding {top}+{bottom}×{left}+{right}")
            }
        };
        let ceil = if self.ceil { ", ceil" } else { "" };
        format!("{kh}×{kw}{stride}{dilation}{padding}{ceil}")
    }

    /// `5, stride 2, padding 4+0`: the settings along the width, for signals, leaving out a stride of
    /// `usual`.
    pub fn signal_label(&self, usual: usize) -> String {
        let setting = |name, size: usize, usual| match size == usual {
            true => String::new(),
            false => format!(", {name} {size}"),
        };
        let stride = setting("stride", self.stride[1], usual);
        let dilation = setting("dilation", self.dilation[1], 1);
        let padding = match self.padding {
            Padding::Valid => String::new(),
            Padding::Same => ", same".to_string(),
            Padding::Explicit { left, right, .. } if left == right => format!(", padding {left}"),
            Padding::Explicit { left, right, .. } => format!(", padding {left}+{right}"),
        };
        let ceil = if self.ceil { ", ceil" } else { "" };
        format!("{}{stride}{dilation}{padding}{ceil}", self.kernel[1])
    }

    /// The window over inputs of this shape, or why it does not fit.
    pub(super) fn over(&self, input: &[usize]) -> Result<Geometry, Mismatch> {
        let [h, w, channels] = image(input)?;
        Ok(Geometry { rows: self.axis(0, h)?, cols: self.axis(1, w)?, channels })
    }

    /// How many positions the taps reach over along an axis, or why its settings make no sense.
    pub fn extent(&self, axis: usize) -> Result<usize, Mismatch> {
        let (name, kernel, stride) = (NAMES[axis], self.kernel[axis], self.stride[axis]);
        let dilation = self.dilation[axis];
        let sizes = [kernel, stride, dilation];
        if sizes.iter().all(|size| (1..=LARGEST).contains(size)) {
            return Ok((kernel - 1) * dilation + 1);
        }
        let dilated = match dilation {
            1 => String::new(),
            _ => format!(", dilation {dilation}"),
        };
        Err(Mismatch::new(
            format!(
                "a kernel and a stride of 1 to {LARGEST}, as any dilation; its {name} has kernel {kernel}, stride {stride}{dilated}"
            ),
            "use 1 for a window that does not extend or skip",
        ))
    }

    /// The padding before and after `n` positions along an axis.
    pub fn pads(&self, axis: usize, n: usize) -> Result<[usize; 2], Mismatch> {
        let extent = self.extent(axis)?;
        let [before, after] = match (self.padding, axis) {
            (Padding::Valid, _) => [0, 0],
            (Padding::Same, _) => same(n, extent, self.stride[axis]),
            (Padding::Explicit { top, bottom, .. }, 0) => [top, bottom],
            (Padding::Explicit { left, right, .. }, _) => [left, right],
        };
        if before > LARGEST || after > LARGEST {
            let name = NAMES[axis];
            return Err(Mismatch::new(
                format!(
                    "padding of at most {LARGEST} on each side; its {name} has {before} + {after}"
                ),
                "check its settings",
            ));
        }
        Ok([before, after])
    }

    /// The windows along an axis of this length.
    pub(super) fn axis(&self, axis: usize, input: usize) -> Result<Axis, Mismatch> {
        let (extent, [before, after]) = (self.extent(axis)?, self.pads(axis, input)?);
        let padded = input.saturating_add(before + after);
        if extent > padded {
            let (name, least) = (NAMES[axis], extent.saturating_sub(before + after));
            return Err(Mismatch::new(
                format!("a {name} of at least {least} for its kernel of {extent}"),
                "use a smaller kernel, `Padding::Same`, or fewer pooling layers before it",
            ));
        }
        let (kernel, stride, dilation) =
            (self.kernel[axis], self.stride[axis], self.dilation[axis]);
        let mut output = (padded - extent) / stride + 1;
        let one_more = !(padded - extent).is_multiple_of(stride);
        if self.ceil && one_more && output.saturating_mul(stride) < input.saturating_add(before) {
            output += 1;
        }
        Ok(Axis { input, kernel, stride, dilation, pad: before, output })
    }
}

/// The names of the axes.
const NAMES: [&str; 2] = ["height", "width"];

/// `3`, or `3×2` where the sizes along the axes differ.
fn pair([height, width]: [usize; 2]) -> String {
    if height == width { height.to_string() } else { format!("{height}×{width}") }
}

/// The three sizes of an image.
pub(super) fn image(input: &[usize]) -> Result<[usize; 3], Mismatch> {
    input.try_into().map_err(|_| {
        let fix = match input {
            [a, b] => format!(
                "`Reshape::new([{a}, {b}, 1])` before it gives grey images an axis of channels, and \
                 `Reshape::new([1, {a}, {b}])` makes images of signals"
            ),
            _ => "put it before `Flatten`, or give the data this shape with `Reshape`".to_string(),
        };
        Mismatch::new("images of shape height×width×channels", fix)
    })
}

/// The padding before and after that gives ⌈n/stride⌉ outputs.
fn same(n: usize, extent: usize, stride: usize) -> [usize; 2] {
    let outputs = n.div_ceil(stride);
    let total = ((outputs.max(1) - 1) * stride).saturating_add(extent).saturating_sub(n);
    [total / 2, total - total / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_padding_gives_one_output_a_stride() {
        for (n, kernel, dilation) in
            (1..20).flat_map(|n| [(n, 1, 1), (n, 4, 1), (n, 7, 1), (n, 3, 2)])
        {
            for (stride, ceil) in (1..=kernel).flat_map(|stride| [(stride, false), (stride, true)])
            {
                let window = Window {
                    dilation: [dilation; 2],
                    padding: Padding::Same,
                    ceil,
                    ..Window::new(kernel.into(), stride.into())
                };
                let geometry = window.over(&[n, n, 1]).unwrap();
                assert_eq!(geometry.rows.output, n.div_ceil(stride));
            }
        }
    }

    #[test]
    fn the_ceiling_adds_a_window_that_starts_in_the_image() {
        let outputs = |n, pad| {
            let padding = Padding::from(pad);
            let window = Window { padding, ceil: true, ..Window::new(3.into(), 3.into()) };
            window.over(&[n, n, 1]).unwrap().rows.output
        };
        // One more for 1 or 2 pixels left over; with padding they may be no pixels of the image.
        assert_eq!([3, 4, 5, 6].map(|n| outputs(n, 0)), [1, 2, 2, 2]);
        assert_eq!([3, 4, 5, 6].map(|n| outputs(n, 1)), [2, 2, 2, 3]);
    }
}
