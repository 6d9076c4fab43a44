//! Pooling over channels-last images: for each output pixel, loops over contiguous channels.
//!
//! What all passes share is here: the way through the windows. Pixels of the padding are never part
//! of one.
//!
//! ConvPasses that write in ascending order may load and store whole vectors where there are fewer
//! channels: what spills over into the next pixels is written over in turn. With that, and with
//! constant loops for windows of 2×2, the mean of 28×28×6 takes 0.9 µs an image forward and 1.2
//! backward, after 3.0 and 3.9 in the same net; the maximum of 26×26×32 takes 2.3 forward, after
//! 3.4, and that of 24×24×64 5.2, after 10.2. Their gradients wait for memory: 4.1 and 8.9.

mod max;
mod mean;

use pulp::Simd;

use super::Span;
use super::simd::{load_part, store_part};
pub(crate) use max::{MaxBackward, MaxForward};
pub(crate) use mean::{MeanBackward, MeanForward};

/// The shape of one pooling pass: `channels` and, for each axis, the forward spans.
#[derive(Clone, Copy)]
pub(crate) struct Pool<'a> {
    pub images: usize,
    /// ih·iw·c and oh·ow·c.
    pub x_size: usize,
    pub y_size: usize,
    pub x_width: usize,
    pub y_width: usize,
    pub channels: usize,
    pub rows: &'a [Span],
    pub cols: &'a [Span],
    /// For each of them, over how many taps of a window the mean is taken.
    pub row_counts: &'a [usize],
    pub col_counts: &'a [usize],
    /// Every input pixel is in exactly one window, so that `dx` is written once, and need not be
    /// cleared and then added to.
    pub exact: bool,
}

/// A window, or one row of its taps, and a vector of channels.
#[derive(Clone, Copy)]
struct PoolWindow {
    /// Where its output and its first input stand.
    y: usize,
    x: usize,
    /// The taps of it, and which number the first one has.
    rows: usize,
    cols: usize,
    first_tap: usize,
    /// One over the number of taps that count in the whole window.
    scale: f32,
    /// Floats from one row and one pixel of taps to the next.
    x_row: usize,
    x_col: usize,
    /// Channels of this vector, unless it is whole.
    len: usize,
}

/// What a pass does with a vector of a window: a whole vector, where `WHOLE`, whose last lanes may
/// belong to the pixels after it.
trait Visit {
    fn visit<S: Simd, const WHOLE: bool>(&mut self, simd: S, window: PoolWindow);
}

impl Pool<'_> {
    /// Number of floats in the inputs of all images.
    pub fn x_len(&self) -> usize {
        self.images * self.x_size
    }

    /// Number of floats in their outputs.
    pub fn y_len(&self) -> usize {
        self.images * self.y_size
    }

    /// Goes through all windows in ascending order of their outputs. A backward pass that writes
    /// every input once goes row by row of their taps, which is in ascending order of the inputs.
    #[inline(always)]
    fn for_each_window<S: Simd>(&self, simd: S, backward: bool, mut visit: impl Visit) {
        let (c, x_row) = (self.channels, self.x_width * self.channels);
        // What is added to, rather than overwritten, must not be touched out of turn.
        let spills = !backward || self.exact;
        let by_rows = backward && spills;
        for image in 0..self.images {
            for (r, row_count) in self.rows.iter().zip(self.row_counts) {
                let (parts, rows) = if by_rows { (r.taps, 1) } else { (1, r.taps) };
                for (j, part) in (0..r.len).flat_map(|j| (0..parts).map(move |part| (j, part))) {
                    let x_top = image * self.x_size
                        + (r.in_start + j * r.in_step + part * r.tap_step) * x_row;
                    let y_top = image * self.y_size + (r.out_start + j) * self.y_width * c;
                    for (s, col_count) in self.cols.iter().zip(self.col_counts) {
                        let window = PoolWindow {
                            y: y_top + s.out_start * c,
                            x: x_top + s.in_start * c,
                            rows,
                            cols: s.taps,
                            first_tap: part * s.taps,
                            scale: 1.0 / (row_count * col_count) as f32,
                            x_row: r.tap_step * x_row,
                            x_col: s.tap_step * c,
                            len: 0,
                        };
                        // The usual window, by constants: its loops over the taps unroll.
                        match (rows, s.taps) {
                            (2, 2) => {
                                let window = PoolWindow { rows: 2, cols: 2, ..window };
                                self.row(simd, window, s, spills, &mut visit);
                            }
                            (1, 2) => {
                                let window = PoolWindow { rows: 1, cols: 2, ..window };
                                self.row(simd, window, s, spills, &mut visit);
                            }
                            _ => self.row(simd, window, s, spills, &mut visit),
                        }
                    }
                }
            }
        }
    }

    /// The windows side by side, from the first one on, and all their channels: those that do not
    /// fill a vector first, because they may spill over into the rest.
    #[inline(always)]
    fn row<S: Simd>(
        &self,
        simd: S,
        first: PoolWindow,
        cols: &Span,
        spills: bool,
        visit: &mut impl Visit,
    ) {
        let c = self.channels;
        let whole = c / S::F32_LANES * S::F32_LANES;
        if whole < c {
            let window =
                PoolWindow { y: first.y + whole, x: first.x + whole, len: c - whole, ..first };
            let last = (cols.len - 1) * c;
            let x_end = window.tap(window.rows - 1, window.cols - 1) + last * cols.in_step;
            let inside = x_end + S::F32_LANES <= self.x_len()
                && window.y + last + S::F32_LANES <= self.y_len();
            if inside && spills {
                self.channels::<S, true>(simd, window, cols, visit);
            } else {
                self.channels::<S, false>(simd, window, cols, visit);
            }
        }
        for start in (0..whole).step_by(S::F32_LANES) {
            let window = PoolWindow { y: first.y + start, x: first.x + start, ..first };
            self.channels::<S, true>(simd, window, cols, visit);
        }
    }

    /// One vector of channels of the windows side by side.
    #[inline(always)]
    fn channels<S: Simd, const WHOLE: bool>(
        &self,
        simd: S,
        first: PoolWindow,
        cols: &Span,
        visit: &mut impl Visit,
    ) {
        let (mut y, mut x) = (first.y, first.x);
        for _ in 0..cols.len {
            visit.visit::<S, WHOLE>(simd, PoolWindow { y, x, ..first });
            y += self.channels;
            x += cols.in_step * self.channels;
        }
    }
}

impl Pool<'_> {
    /// Gives a window's share of `dy` to the input in front of `dx`: the only one that it gets, or
    /// one of several.
    #[inline(always)]
    fn give<S: Simd, const WHOLE: bool>(
        &self,
        simd: S,
        dx: &mut [f32],
        len: usize,
        share: S::f32s,
    ) {
        let sum = if self.exact {
            share
        } else {
            simd.add_f32s(load_part::<S, WHOLE>(simd, dx, len), share)
        };
        store_part::<S, WHOLE>(simd, dx, len, sum);
    }
}

impl PoolWindow {
    /// Where tap (i, j) stands in the input.
    #[inline(always)]
    fn tap(self, i: usize, j: usize) -> usize {
        self.x + i * self.x_row + j * self.x_col
    }

    /// The number of tap (i, j).
    #[inline(always)]
    fn number(self, i: usize, j: usize) -> u32 {
        (self.first_tap + i * self.cols + j) as u32
    }
}
