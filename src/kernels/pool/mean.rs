//! The mean of each window, `y = Σ window / count`, and `dy / count` for each of its inputs.

use pulp::{Simd, WithSimd};

use super::{Pool, PoolWindow, Visit};
use crate::kernels::simd::{load_part, store_part};

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
        let pool = self.pool;
        pool.for_each_window(simd, false, self);
    }
}

impl Visit for MeanForward<'_> {
    #[inline(always)]
    fn visit<S: Simd, const WHOLE: bool>(&mut self, simd: S, window: PoolWindow) {
        let mut sum = simd.splat_f32s(0.0);
        for i in 0..window.rows {
            for j in 0..window.cols {
                sum = simd.add_f32s(
                    sum,
                    load_part::<S, WHOLE>(simd, &self.x[window.tap(i, j)..], window.len),
                );
            }
        }
        let mean = simd.mul_f32s(sum, simd.splat_f32s(window.scale));
        store_part::<S, WHOLE>(simd, &mut self.y[window.y..], window.len, mean);
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
        if !self.pool.exact {
            self.dx.fill(0.0);
        }
        let pool = self.pool;
        pool.for_each_window(simd, true, self);
    }
}

impl Visit for MeanBackward<'_> {
    #[inline(always)]
    fn visit<S: Simd, const WHOLE: bool>(&mut self, simd: S, window: PoolWindow) {
        let dy = load_part::<S, WHOLE>(simd, &self.dy[window.y..], window.len);
        let share = simd.mul_f32s(dy, simd.splat_f32s(window.scale));
        for i in 0..window.rows {
            for j in 0..window.cols {
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
