//! Largest norms: the weights into a unit are kept within a limit.

use std::ops::Range;

use rayon::prelude::*;

use super::pass::PIECE;
use super::segments::ParamArray;
use crate::kernels::simd::arch;
use crate::kernels::tree::additions;

/// One parameter array as rows of weights, one for each unit, and the limit for its columns.
pub(super) struct MaxNorm {
    range: Range<usize>,
    units: usize,
    limit: f32,
    /// Number of weights, in whole rows, that one thread takes at once.
    piece: usize,
    /// The columns' sums of squares in each piece.
    squares: Vec<f64>,
    /// Factors on the columns.
    scales: Vec<f32>,
}

impl MaxNorm {
    /// For an array whose group sets a limit.
    pub fn new(array: &ParamArray) -> Option<Self> {
        let (limit, units) = (array.settings.max_norm?, array.units);
        let piece = units * (PIECE / units).max(1);
        let pieces = array.range.len().div_ceil(piece);
        let (squares, scales) = (vec![0.0; pieces * units], vec![1.0; units]);
        Some(MaxNorm { range: array.range.clone(), units, limit, piece, squares, scales })
    }

    /// Scales down the columns that are longer than the limit.
    pub fn apply(&mut self, params: &mut [f32]) {
        let MaxNorm { units, limit, piece, squares, scales, .. } = self;
        let (units, limit, piece) = (*units, f64::from(*limit), *piece);
        let weights = &mut params[self.range.clone()];
        let sums = squares.par_chunks_mut(units);
        sums.zip(weights.par_chunks(piece)).for_each(|(sums, weights)| square(weights, sums));
        for (to, from) in additions(squares.len() / units) {
            let (left, right) = squares.split_at_mut(from * units);
            let sums = left[to * units..][..units].iter_mut();
            sums.zip(right).for_each(|(to, from)| *to += *from);
        }
        for (scale, total) in scales.iter_mut().zip(squares) {
            *scale = (limit / total.sqrt()).min(1.0) as f32;
        }
        if scales.iter().any(|&scale| scale < 1.0) {
            weights.par_chunks_mut(piece).for_each(|weights| multiply(weights, scales));
        }
    }
}

/// The sums of squares of the columns.
fn square(weights: &[f32], sums: &mut [f64]) {
    arch().dispatch(
        #[inline(always)]
        || {
            sums.fill(0.0);
            for row in weights.chunks_exact(sums.len()) {
                for (sum, &w) in sums.iter_mut().zip(row) {
                    *sum += f64::from(w) * f64::from(w);
                }
            }
        },
    );
}

fn multiply(weights: &mut [f32], scales: &[f32]) {
    arch().dispatch(
        #[inline(always)]
        || {
            for row in weights.chunks_exact_mut(scales.len()) {
                for (w, scale) in row.iter_mut().zip(scales) {
                    *w *= scale;
                }
            }
        },
    );
}
