//! The softmax of rows of scores, of which each sees a part, and its gradient.
//!
//! A row has whole vectors of [`ALIGN`] scores. Those that it does not see become -∞, so that all loops run over
//! whole vectors, and `exp` makes 0 of them.

use pulp::{Simd, WithSimd};

use crate::kernels::math::exp;
use crate::kernels::sums::{dot, sum};
use crate::kernels::{ALIGN, simd::arch};

/// Makes weights of the scores of rows of this width, in place. Row `i` sees its first `visible(i)` scores.
pub(super) fn softmax_rows(scores: &mut [f32], width: usize, visible: impl Fn(usize) -> usize) {
    arch().dispatch(Forward { scores, width, visible });
}

/// Makes `dS = P∘(dP - Σ dP∘P)` of `dP`, in place, row by row.
pub(super) fn softmax_rows_backward(p: &[f32], dp: &mut [f32], width: usize) {
    arch().dispatch(Backward { p, dp, width });
}

struct Forward<'a, V> {
    scores: &'a mut [f32],
    width: usize,
    visible: V,
}

impl<V: Fn(usize) -> usize> WithSimd for Forward<'_, V> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        for (i, row) in self.scores.chunks_exact_mut(self.width).enumerate() {
            row[(self.visible)(i)..].fill(f32::NEG_INFINITY);
            let max = max(row);
            for score in &mut *row {
                *score = exp(*score - max);
            }
            let scale = (1.0 / sum(row)) as f32;
            for weight in row {
                *weight *= scale;
            }
        }
    }
}

struct Backward<'a> {
    p: &'a [f32],
    dp: &'a mut [f32],
    width: usize,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let rows = self.p.chunks_exact(self.width).zip(self.dp.chunks_exact_mut(self.width));
        for (p, dp) in rows {
            let mean = dot(dp, p) as f32;
            for (dp, p) in dp.iter_mut().zip(p) {
                *dp = p * (*dp - mean);
            }
        }
    }
}

/// Largest of whole vectors, ignoring NaN.
#[inline(always)]
fn max(row: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; ALIGN];
    for vector in row.as_chunks::<ALIGN>().0 {
        for (lane, &x) in lanes.iter_mut().zip(vector) {
            *lane = if x > *lane { x } else { *lane };
        }
    }
    lanes.into_iter().fold(f32::NEG_INFINITY, |max, x| if x > max { x } else { max })
}
