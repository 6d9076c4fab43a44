//! The maximum of each window, and `dy` for the first input that is the maximum.
//!
//! A NaN beats any maximum: passed over, it would make NaN of the gradients and of nothing before
//! them.

use pulp::{Simd, WithSimd};

use super::{Pool, PoolWindow, Visit};
use crate::kernels::simd::{load_part, store_part};

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
        let pool = self.pool;
        pool.for_each_window(simd, false, self);
    }
}

impl Visit for MaxForward<'_> {
    #[inline(always)]
    fn visit<S: Simd, const WHOLE: bool>(&mut self, simd: S, window: PoolWindow) {
        let mut best = simd.splat_f32s(f32::NEG_INFINITY);
        let mut index = simd.splat_u32s(0);
        for i in 0..window.rows {
            for j in 0..window.cols {
                let value = load_part::<S, WHOLE>(simd, &self.x[window.tap(i, j)..], window.len);
                let nan = simd.not_m32s(simd.equal_f32s(value, value));
                let larger = simd.or_m32s(simd.greater_than_f32s(value, best), nan);
                best = simd.select_f32s(larger, value, best);
                index = simd.select_u32s(larger, simd.splat_u32s(window.number(i, j)), index);
            }
        }
        store_part::<S, WHOLE>(simd, &mut self.y[window.y..], window.len, best);
        let argmax = &mut self.argmax[window.y..];
        if WHOLE {
            S::as_mut_simd_u32s(&mut argmax[..S::F32_LANES]).0[0] = index;
        } else {
            simd.partial_store_u32s(&mut argmax[..window.len], index);
        }
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
        if !self.pool.exact {
            self.dx.fill(0.0);
        }
        let pool = self.pool;
        pool.for_each_window(simd, true, self);
    }
}

impl Visit for MaxBackward<'_> {
    #[inline(always)]
    fn visit<S: Simd, const WHOLE: bool>(&mut self, simd: S, window: PoolWindow) {
        let zero = simd.splat_f32s(0.0);
        let dy = load_part::<S, WHOLE>(simd, &self.dy[window.y..], window.len);
        let argmax = &self.argmax[window.y..];
        let index = if WHOLE {
            S::as_simd_u32s(&argmax[..S::F32_LANES]).0[0]
        } else {
            simd.partial_load_u32s(&argmax[..window.len])
        };
        for i in 0..window.rows {
            for j in 0..window.cols {
                let mine = simd.equal_u32s(index, simd.splat_u32s(window.number(i, j)));
                let share = simd.select_f32s(mine, dy, zero);
                self.pool.give::<S, WHOLE>(
                    simd,
                    &mut self.dx[window.tap(i, j)..],
                    window.len,
                    share,
                );
            }
        }
    }
}
