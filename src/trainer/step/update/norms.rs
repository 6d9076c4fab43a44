//! Clipping by norm: how long the gradient is, and what shortens it.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::pass::PIECE;
use super::segments::Segment;
use crate::kernels::simd::arch;
use crate::kernels::tree::TreeSum;
use crate::optim::Limit;

/// The gradient in fixed pieces, whose sums of squares are added up as a
/// [tree](crate::kernels::tree): so the norm has the same bits on any number of threads.
pub(super) struct Norms {
    pieces: Vec<Piece>,
}

struct Piece {
    segment: usize,
    range: Range<usize>,
    squares: f64,
}

impl Norms {
    pub fn new(segments: &[Segment]) -> Self {
        let pieces = segments.iter().enumerate().flat_map(|(segment, Segment { range, .. })| {
            range.clone().step_by(PIECE).map(move |start| {
                let range = start..range.end.min(start + PIECE);
                Piece { segment, range, squares: 0.0 }
            })
        });
        Norms { pieces: pieces.collect() }
    }

    /// Measures the gradient, and sets the factor on each segment of it.
    pub fn limit(&mut self, limit: Limit, gradient: &[f32], segments: &mut [Segment]) {
        self.pieces.par_iter_mut().for_each(|piece| {
            piece.squares = arch().dispatch(Squares(&gradient[piece.range.clone()]))
        });
        match limit {
            Limit::Value(_) => {}
            Limit::Norm(limit) => {
                for (number, segment) in segments.iter_mut().enumerate() {
                    let own = self.pieces.iter().filter(|piece| piece.segment == number);
                    let squares: TreeSum = own.map(|piece| piece.squares).collect();
                    segment.scale = scale(limit, squares.total());
                }
            }
            Limit::GlobalNorm(limit) => {
                let squares: TreeSum = self.pieces.iter().map(|piece| piece.squares).collect();
                let scale = scale(limit, squares.total());
                segments.iter_mut().for_each(|segment| segment.scale = scale);
            }
        }
    }
}

/// Factor that shortens a vector with this sum of squares to the limit, if it is longer.
fn scale(limit: f32, squares: f64) -> f32 {
    (f64::from(limit) / (squares.sqrt() + 1e-6)).min(1.0) as f32
}

/// The sum of squares in sixteen interleaved sums: as many at any width of vectors.
struct Squares<'a>(&'a [f32]);

impl WithSimd for Squares<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> f64 {
        let mut sums = [0.0; 16];
        let (rows, rest) = self.0.as_chunks::<16>();
        for row in rows {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += f64::from(value) * f64::from(value);
            }
        }
        for (sum, &value) in sums.iter_mut().zip(rest) {
            *sum += f64::from(value) * f64::from(value);
        }
        sums.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_summed_to_the_last_one_and_in_64_bits() {
        let values: Vec<f32> = (1..=37).map(|i| i as f32).collect();
        assert_eq!(arch().dispatch(Squares(&values)), 37.0 * 38.0 * 75.0 / 6.0);
        assert_eq!(arch().dispatch(Squares(&[1e30, -1e30])), 2.0 * f64::from(1e30_f32).powi(2));
        assert_eq!(arch().dispatch(Squares(&[])), 0.0);
    }

    #[test]
    fn a_short_gradient_stays_as_it_is() {
        assert_eq!((scale(2.0, 1.0), scale(2.0, 0.0)), (1.0, 1.0));
        assert!((scale(2.0, 16.0) - 0.5).abs() < 1e-6);
    }
}
