//! Windows of the pooling layers, and how many taps of each count.
//!
//! A padded signal is pooled as a signal of its length. Zeros behind it would not do: they would win over
//! negative numbers, count in a mean, and move the windows of [`Padding::Same`](super::Padding::Same).

use std::iter;
use std::ops::Range;

use super::window::{Geometry, Window};
use crate::kernels::{Axis, Pool, Span};
use crate::layer::{Lengths, Mismatch};

/// The windows of a pooling layer over images of one size.
#[derive(Debug)]
pub struct PoolCache {
    geometry: Geometry,
    /// `true` if taps in the padding count.
    padded: bool,
    rows: Windows,
    cols: Windows,
}

/// Along one axis: runs of windows that share the same taps, and for each run how many taps a
/// window has, for the mean.
#[derive(Debug)]
struct Windows {
    spans: Vec<Span>,
    counts: Vec<usize>,
    /// Scratch space: the runs before those are cut whose windows have different counts.
    whole: Vec<Span>,
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
                "pad by at most kernel - 1 on each side, or put `ZeroPad2d` (of signals, `ZeroPad1d`) before it",
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
        let [rows, cols] = [geometry.rows, geometry.cols].map(|axis| Windows::new(axis.output));
        let mut cache = PoolCache { geometry, padded, rows, cols };
        cache.set(window, input);
        cache
    }

    /// Changes the windows to those over inputs of another, smaller shape.
    fn set(&mut self, window: &Window, input: &[usize]) {
        self.geometry = window.over(input).expect("output_shape accepted this input");
        let padded = |index, axis: Axis| {
            let pads = window.pads(index, axis.input).expect("output_shape accepted this input");
            self.padded.then(|| pads.iter().sum::<usize>() + axis.input)
        };
        let Geometry { rows, cols, .. } = self.geometry;
        let [row_end, col_end] = [padded(0, rows), padded(1, cols)];
        self.rows.set(rows, row_end);
        self.cols.set(cols, col_end);
    }

    /// The pooling pass over `signals` signals, given the windows over one of this length.
    pub(super) fn along(&mut self, window: &Window, length: usize, signals: usize) -> Pool<'_> {
        if self.geometry.cols.input != length {
            self.set(window, &[1, length, self.geometry.channels]);
        }
        self.pool(signals)
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
    /// Makes room for this number of windows.
    fn new(windows: usize) -> Self {
        let spans = || Vec::with_capacity(windows);
        Windows { spans: spans(), counts: Vec::with_capacity(windows), whole: spans() }
    }

    /// Changes them to those of an axis whose taps count if they are in the input or, given the
    /// length of the padded axis, in that.
    fn set(&mut self, axis: Axis, padded: Option<usize>) {
        let Windows { spans, counts, whole } = self;
        spans.clear();
        counts.clear();
        axis.forward_into(whole);
        for &span in &*whole {
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
    }
}

/// The signals of a batch that are pooled together, in order, and their length: several where all `steps` count,
/// and otherwise one.
pub(super) fn runs(
    signals: usize,
    steps: usize,
    lengths: Lengths<'_>,
) -> impl Iterator<Item = (Range<usize>, usize)> {
    let mut end = 0;
    iter::from_fn(move || {
        let first = end;
        if first == signals {
            return None;
        }
        let length = lengths.of(first, steps);
        end += 1;
        while length == steps && end < signals && lengths.of(end, steps) == steps {
            end += 1;
        }
        Some((first..end, length))
    })
}
