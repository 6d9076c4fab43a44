//! What the two pooling layers share: their windows, and how many taps of each count.

use super::window::{Geometry, Window};
use crate::kernels::{Axis, Pool, Span};
use crate::layer::Mismatch;

/// The windows of a pooling layer over images of one size.
#[derive(Debug)]
pub struct PoolCache {
    geometry: Geometry,
    rows: Windows,
    cols: Windows,
}

/// Along one axis: runs of windows that share the same taps, and for each run how many taps a
/// window has, for the mean.
#[derive(Debug)]
struct Windows {
    spans: Vec<Span>,
    counts: Vec<usize>,
}

/// A pool's windows over inputs of this shape, or why they do not fit.
pub(super) fn over(window: &Window, input: &[usize]) -> Result<Geometry, Mismatch> {
    let geometry = window.over(input)?;
    for (index, (axis, name)) in
        [(geometry.rows, "height"), (geometry.cols, "width")].into_iter().enumerate()
    {
        let (extent, [before, after]) = (window.extent(index)?, window.pads(index, axis.input)?);
        // A window wholly inside the padding has no maximum and no mean.
        if before.max(after) >= extent {
            return Err(Mismatch::new(
                format!(
                    "less padding than its kernel; its {name} has {before} + {after} for a kernel of {extent}"
                ),
                "pad by at most kernel - 1 on each side, or put `ZeroPad2d` before it",
            ));
        }
        // Taps further apart than the image is long can miss it: a maximum of nothing.
        if axis.kernel > 1 && axis.dilation > axis.input {
            return Err(Mismatch::new(
                format!("a dilation of at most its {name} of {}", axis.input),
                "use a smaller dilation",
            ));
        }
    }
    Ok(geometry)
}

impl PoolCache {
    /// For a layer with this window, whose shapes have been checked when it was built. Taps in the
    /// padding count if it is so `padded`.
    pub(super) fn new(window: &Window, input: &[usize], padded: bool) -> Self {
        let geometry = window.over(input).expect("output_shape accepted this input");
        let along = |index, axis: Axis| {
            let pads = window.pads(index, axis.input).expect("output_shape accepted this input");
            Windows::new(axis, padded.then(|| pads.iter().sum::<usize>() + axis.input))
        };
        PoolCache { rows: along(0, geometry.rows), cols: along(1, geometry.cols), geometry }
    }

    /// The pooling pass over `images` images.
    pub(super) fn pool(&self, images: usize) -> Pool<'_> {
        let Geometry { rows, cols, channels } = self.geometry;
        Pool {
            images,
            x_size: rows.input * cols.input * channels,
            y_size: rows.output * cols.output * channels,
            x_width: cols.input,
            y_width: cols.output,
            channels,
            rows: &self.rows.spans,
            cols: &self.cols.spans,
            row_counts: &self.rows.counts,
            col_counts: &self.cols.counts,
            exact: [rows, cols].iter().all(|axis| axis.windows_tile_input()),
        }
    }
}

impl Windows {
    /// Of an axis whose taps count if they are in the input or, given the length of the padded
    /// axis, in that.
    fn new(axis: Axis, padded: Option<usize>) -> Self {
        let (mut spans, mut counts) = (Vec::new(), Vec::new());
        for span in axis.forward() {
            let count = |j: usize| match padded {
                Some(end) => axis.taps_before(end, span.out_start + j),
                None => span.taps,
            };
            // With dilation, a run of the same taps may differ in how many lie in the padding.
            let mut j = 0;
            while j < span.len {
                let len = (j..span.len).take_while(|&next| count(next) == count(j)).count();
                let (out_start, in_start) = (span.out_start + j, span.in_start + j * span.in_step);
                spans.push(Span { len, out_start, in_start, ..span });
                counts.push(count(j));
                j += len;
            }
        }
        Windows { spans, counts }
    }
}
