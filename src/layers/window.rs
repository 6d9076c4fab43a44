//! Sliding windows: the shapes that convolution and pooling share.
//!
//! Along an axis of `n` inputs, with `p` and `q` positions of padding before and after, a window
//! of `k` every `s` positions has `⌊(n + p + q - k)/s⌋ + 1` places.

use crate::kernels::{Axis, Pool, Span};
use crate::layer::Misfit;

/// The largest kernel and stride: sums of them cannot overflow, nor loops over them take long.
const LARGEST: usize = 1 << 16;

/// What surrounds an image before windows slide over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// A window over (h, w, c) images, as a layer describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub kernel: (usize, usize),
    pub stride: (usize, usize),
    pub padding: Padding,
}

/// A window over images of one size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Geometry {
    pub rows: Axis,
    pub cols: Axis,
    pub channels: usize,
}

/// The geometry and its spans, kept in a layer's cache.
#[derive(Debug)]
pub struct WindowCache {
    pub(super) geometry: Geometry,
    pub(super) rows: Vec<Span>,
    pub(super) cols: Vec<Span>,
}

impl Window {
    /// `3×3, stride 2, same`, leaving out a stride of `usual`.
    pub fn label(&self, usual: (usize, usize)) -> String {
        let (kh, kw) = self.kernel;
        let stride = match self.stride {
            stride if stride == usual => String::new(),
            (sh, sw) if sh == sw => format!(", stride {sh}"),
            (sh, sw) => format!(", stride {sh}×{sw}"),
        };
        let padding = match self.padding {
            Padding::Valid => String::new(),
            Padding::Same => ", same".to_string(),
            Padding::Explicit { top, bottom, left, right } => {
                format!(", padding {top}+{bottom}×{left}+{right}")
            }
        };
        format!("{kh}×{kw}{stride}{padding}")
    }

    /// The window over inputs of this shape, or why it does not fit.
    pub fn over(&self, input: &[usize]) -> Result<Geometry, Misfit> {
        let &[h, w, channels] = input else {
            return Err(Misfit::new(
                "images of shape height×width×channels",
                match input.len() {
                    2 => "give grey images a channel axis of 1",
                    _ => "put it before Flatten, or reshape the data",
                },
            ));
        };
        let (top, bottom, left, right) = match self.padding {
            Padding::Valid => (0, 0, 0, 0),
            Padding::Same => {
                let (top, bottom) = same(h, self.kernel.0, self.stride.0);
                let (left, right) = same(w, self.kernel.1, self.stride.1);
                (top, bottom, left, right)
            }
            Padding::Explicit { top, bottom, left, right } => (top, bottom, left, right),
        };
        Ok(Geometry {
            rows: axis("height", h, self.kernel.0, self.stride.0, top, bottom)?,
            cols: axis("width", w, self.kernel.1, self.stride.1, left, right)?,
            channels,
        })
    }

    /// The cache of a layer with this window; its shapes have been checked when it was built.
    pub fn cache(&self, input: &[usize]) -> WindowCache {
        let geometry = self.over(input).expect("output_shape accepted this input");
        WindowCache { rows: geometry.rows.forward(), cols: geometry.cols.forward(), geometry }
    }
}

impl WindowCache {
    /// The pooling pass of this window over `images` images.
    pub(super) fn pool(&self, images: usize) -> Pool<'_> {
        let Geometry { rows, cols, channels } = self.geometry;
        Pool {
            images,
            x_size: rows.input * cols.input * channels,
            y_size: rows.output * cols.output * channels,
            x_width: cols.input,
            y_width: cols.output,
            channels,
            rows: &self.rows,
            cols: &self.cols,
            exact: [rows, cols].iter().all(|axis| axis.windows_tile_input()),
        }
    }
}

/// The padding before and after that gives ⌈n/stride⌉ outputs.
fn same(n: usize, kernel: usize, stride: usize) -> (usize, usize) {
    let stride = stride.max(1);
    let outputs = n.div_ceil(stride);
    let total = ((outputs.max(1) - 1) * stride).saturating_add(kernel).saturating_sub(n);
    (total / 2, total - total / 2)
}

fn axis(
    name: &str,
    input: usize,
    kernel: usize,
    stride: usize,
    before: usize,
    after: usize,
) -> Result<Axis, Misfit> {
    if ![kernel, stride].iter().all(|size| (1..=LARGEST).contains(size)) {
        return Err(Misfit::new(
            format!(
                "a kernel and a stride of 1 to {LARGEST}; its {name} has kernel {kernel}, stride {stride}"
            ),
            "use 1 for a window that does not extend or skip",
        ));
    }
    // A window wholly inside the padding would see nothing.
    if before >= kernel || after >= kernel {
        return Err(Misfit::new(
            format!(
                "less padding than its kernel; its {name} has {before} + {after} for a kernel of {kernel}"
            ),
            "pad by at most kernel - 1 on each side",
        ));
    }
    let padded = input.saturating_add(before).saturating_add(after);
    if kernel > padded {
        return Err(Misfit::new(
            format!("a {name} of at least {} for its kernel of {kernel}", kernel - before - after),
            "use a smaller kernel, `Padding::Same`, or fewer pooling layers before it",
        ));
    }
    Ok(Axis { input, kernel, stride, pad: before, output: (padded - kernel) / stride + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_padding_gives_one_output_a_stride() {
        for n in 1..20 {
            for kernel in 1..8 {
                for stride in 1..=kernel {
                    let window = Window {
                        kernel: (kernel, kernel),
                        stride: (stride, stride),
                        padding: Padding::Same,
                    };
                    let geometry = window.over(&[n, n, 1]).unwrap();
                    assert_eq!(geometry.rows.output, n.div_ceil(stride));
                }
            }
        }
    }
}
