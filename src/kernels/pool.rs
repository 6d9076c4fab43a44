//! Pooling over channels-last images: for each output pixel, loops over contiguous channels.
//!
//! Maximum: `y = max over the window`, and `dx` at the first maximum of a window gets its `dy`. A NaN
//! beats any maximum: passed over, it would make NaN of the gradients and of nothing before them.
//! Mean: `y = Σ window / count`, and every pixel of a window gets `dy / count`; pixels of the
//! padding are never part of a window, nor of the count.

use pulp::{Simd, WithSimd};

use super::Span;
use super::simd::{load, store};

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
    /// Every input pixel is in exactly one window, so that `dx` is written once, and need not be
    /// cleared and then added to.
    pub exact: bool,
}

/// One window: where its output pixel and its first input pixel start, and its taps.
#[derive(Clone, Copy)]
struct Window {
    y: usize,
    x: usize,
    rows: usize,
    cols: usize,
    /// Floats from one row of the input to the next.
    x_row: usize,
}

impl Window {
    /// Where tap `(t / cols, t % cols)` starts in the input, for all taps in order.
    #[inline(always)]
    fn taps(self, channels: usize) -> impl Iterator<Item = usize> {
        (0..self.rows)
            .flat_map(move |i| (0..self.cols).map(move |j| self.x + i * self.x_row + j * channels))
    }
}

impl Pool<'_> {
    #[inline(always)]
    fn for_each_window(&self, mut visit: impl FnMut(Window)) {
        let (c, x_row) = (self.channels, self.x_width * self.channels);
        for image in 0..self.images {
            for r in self.rows {
                for j in 0..r.len {
                    let x_top = image * self.x_size + (r.in_start + j * r.in_step) * x_row;
                    let y_top = image * self.y_size + (r.out_start + j) * self.y_width * c;
                    for s in self.cols {
                        for i in 0..s.len {
                            visit(Window {
                                y: y_top + (s.out_start + i) * c,
                                x: x_top + (s.in_start + i * s.in_step) * c,
                                rows: r.taps,
                                cols: s.taps,
                                x_row,
                            });
                        }
                    }
                }
            }
        }
    }
}

/// The first vector of a slice, or as much as there is of one. (A masked load is a call.)
#[inline(always)]
fn load_some<S: Simd>(simd: S, from: &[f32]) -> S::f32s {
    if from.len() == S::F32_LANES { load::<S, 1>(from)[0] } else { simd.partial_load_f32s(from) }
}

/// Stores a vector, or as much of it as there is room for.
#[inline(always)]
fn store_some<S: Simd>(simd: S, to: &mut [f32], values: S::f32s) {
    if to.len() == S::F32_LANES {
        store::<S, 1>(to, [values]);
    } else {
        simd.partial_store_f32s(to, values);
    }
}

/// Runs `body(start, end)` over `0..channels` in steps of the vector width.
#[inline(always)]
fn for_each_vector<S: Simd>(channels: usize, mut body: impl FnMut(usize, usize)) {
    let mut start = 0;
    while start < channels {
        let end = (start + S::F32_LANES).min(channels);
        body(start, end);
        start = end;
    }
}

/// `y` and, for the backward pass, which tap of its window was the maximum.
pub(crate) struct MaxForward<'a> {
    pub pool: Pool<'a>,
    pub x: &'a [f32],
    pub y: &'a mut [f32],
    pub argmax: &'a mut [u32],
}

impl WithSimd for MaxForward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { pool, x, y, argmax } = self;
        pool.for_each_window(|window| {
            for_each_vector::<S>(pool.channels, |start, end| {
                let mut best = simd.splat_f32s(f32::NEG_INFINITY);
                let mut index = simd.splat_u32s(0);
                for (t, tap) in window.taps(pool.channels).enumerate() {
                    let value = load_some(simd, &x[tap + start..tap + end]);
                    let nan = simd.not_m32s(simd.equal_f32s(value, value));
                    let larger = simd.or_m32s(simd.greater_than_f32s(value, best), nan);
                    best = simd.select_f32s(larger, value, best);
                    index = simd.select_u32s(larger, simd.splat_u32s(t as u32), index);
                }
                store_some(simd, &mut y[window.y + start..window.y + end], best);
                let argmax = &mut argmax[window.y + start..window.y + end];
                if argmax.len() == S::F32_LANES {
                    S::as_mut_simd_u32s(argmax).0[0] = index;
                } else {
                    simd.partial_store_u32s(argmax, index);
                }
            });
        });
    }
}

/// `dx`, overwritten.
pub(crate) struct MaxBackward<'a> {
    pub pool: Pool<'a>,
    pub argmax: &'a [u32],
    pub dy: &'a [f32],
    pub dx: &'a mut [f32],
}

impl WithSimd for MaxBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { pool, argmax, dy, dx } = self;
        if !pool.exact {
            dx.fill(0.0);
        }
        let zero = simd.splat_f32s(0.0);
        pool.for_each_window(|window| {
            for_each_vector::<S>(pool.channels, |start, end| {
                let dy = load_some(simd, &dy[window.y + start..window.y + end]);
                let argmax = &argmax[window.y + start..window.y + end];
                let index = if argmax.len() == S::F32_LANES {
                    S::as_simd_u32s(argmax).0[0]
                } else {
                    simd.partial_load_u32s(argmax)
                };
                for (t, tap) in window.taps(pool.channels).enumerate() {
                    let dx = &mut dx[tap + start..tap + end];
                    let mine = simd.equal_u32s(index, simd.splat_u32s(t as u32));
                    let mut sum = simd.select_f32s(mine, dy, zero);
                    if !pool.exact {
                        sum = simd.add_f32s(load_some(simd, dx), sum);
                    }
                    store_some(simd, dx, sum);
                }
            });
        });
    }
}

/// `y`, the mean of each window.
pub(crate) struct MeanForward<'a> {
    pub pool: Pool<'a>,
    pub x: &'a [f32],
    pub y: &'a mut [f32],
}

impl WithSimd for MeanForward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { pool, x, y } = self;
        pool.for_each_window(|window| {
            let scale = simd.splat_f32s(1.0 / (window.rows * window.cols) as f32);
            for_each_vector::<S>(pool.channels, |start, end| {
                let mut sum = simd.splat_f32s(0.0);
                for tap in window.taps(pool.channels) {
                    sum = simd.add_f32s(sum, load_some(simd, &x[tap + start..tap + end]));
                }
                let mean = simd.mul_f32s(sum, scale);
                store_some(simd, &mut y[window.y + start..window.y + end], mean);
            });
        });
    }
}

/// `dx`, overwritten.
pub(crate) struct MeanBackward<'a> {
    pub pool: Pool<'a>,
    pub dy: &'a [f32],
    pub dx: &'a mut [f32],
}

impl WithSimd for MeanBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { pool, dy, dx } = self;
        if !pool.exact {
            dx.fill(0.0);
        }
        pool.for_each_window(|window| {
            let scale = simd.splat_f32s(1.0 / (window.rows * window.cols) as f32);
            for_each_vector::<S>(pool.channels, |start, end| {
                let dy = load_some(simd, &dy[window.y + start..window.y + end]);
                let share = simd.mul_f32s(dy, scale);
                for tap in window.taps(pool.channels) {
                    let dx = &mut dx[tap + start..tap + end];
                    let mut sum = share;
                    if !pool.exact {
                        sum = simd.add_f32s(load_some(simd, dx), sum);
                    }
                    store_some(simd, dx, sum);
                }
            });
        });
    }
}
