//! Small passes: padding and transposing matrices, sums of vectors and the one behind a bias gradient,
//! and the way back through a fused ReLU.

use pulp::{Simd, WithSimd};

use super::ALIGN;
use super::simd::arch;

/// Length of a matrix whose rows of `width` floats are padded to a multiple of [`ALIGN`].
pub fn padded_len(rows: usize, width: usize) -> usize {
    rows * width.next_multiple_of(ALIGN)
}

/// Copies rows of `width` floats into rows padded with zeros to a multiple of [`ALIGN`].
pub fn pad_rows(from: &[f32], width: usize, to: &mut [f32]) {
    for (to, from) in
        to.chunks_exact_mut(width.next_multiple_of(ALIGN)).zip(from.chunks_exact(width))
    {
        to[..width].copy_from_slice(from);
        to[width..].fill(0.0);
    }
}

/// Writes the transpose of a matrix of rows of `width` floats, its rows padded with zeros to a
/// multiple of [`ALIGN`].
///
/// `to` has the length `padded_len(width, height)`.
pub fn transpose(from: &[f32], width: usize, to: &mut [f32]) {
    // Square by square: a column at a time would fetch a cache line for each of its numbers.
    let height = from.len() / width;
    let ld = height.next_multiple_of(ALIGN);
    for left in (0..width).step_by(ALIGN) {
        for top in (0..height).step_by(ALIGN) {
            let mut square = [[0.0; ALIGN]; ALIGN];
            for i in 0..ALIGN.min(height - top) {
                let row = &from[(top + i) * width + left..(top + i + 1) * width];
                for (j, value) in row.iter().take(ALIGN).enumerate() {
                    square[j][i] = *value;
                }
            }
            for (j, column) in square.iter().enumerate().take(width - left) {
                to[(left + j) * ld + top..][..ALIGN].copy_from_slice(column);
            }
        }
    }
}

/// `sum += values`
pub(crate) fn add(values: &[f32], sum: &mut [f32]) {
    arch().dispatch(
        #[inline(always)]
        || {
            for (sum, value) in sum.iter_mut().zip(values) {
                *sum += value;
            }
        },
    );
}

/// Adds the rows of a matrix to one row: `sum[j] += Σᵢ rows[i, j]`. This is the gradient of a bias.
///
/// A row has the length of `sum`; without any, as in a layer without bias, nothing happens.
///
/// ```
/// let mut sum = [0.0, 10.0];
/// chainrule::kernels::add_rows(&[1.0, 2.0, 3.0, 4.0], &mut sum);
/// assert_eq!(sum, [4.0, 16.0]);
/// ```
pub fn add_rows(rows: &[f32], sum: &mut [f32]) {
    if sum.is_empty() {
        return;
    }
    arch().dispatch(AddRows { rows, sum });
}

/// Rows shorter than a vector are first added up [`ALIGN`] at a time, as if they were one. Then four at
/// a time: a row by itself would wait for the sum of the row before it to come back from memory.
struct AddRows<'a> {
    rows: &'a [f32],
    sum: &'a mut [f32],
}

impl WithSimd for AddRows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let AddRows { rows, sum } = self;
        let width = sum.len();
        if width >= ALIGN {
            return add_fours(rows, sum);
        }
        let mut block = [0.0; ALIGN * ALIGN];
        let block = &mut block[..ALIGN * width];
        let blocks = rows.chunks_exact(block.len());
        let rest = blocks.remainder();
        add_fours(&rows[..rows.len() - rest.len()], block);
        add_fours(block, sum);
        add_fours(rest, sum);
    }
}

#[inline(always)]
fn add_fours(rows: &[f32], sum: &mut [f32]) {
    let width = sum.len();
    let fours = rows.chunks_exact(4 * width);
    let rest = fours.remainder();
    for four in fours {
        let (a, b) = four.split_at(2 * width);
        let ((a, b), (c, d)) = (a.split_at(width), b.split_at(width));
        for ((((sum, a), b), c), d) in sum.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *sum += (a + b) + (c + d);
        }
    }
    for row in rest.chunks_exact(width) {
        for (sum, value) in sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
}

/// The backward pass of a ReLU, in place: no gradient where the output is 0.
pub(crate) fn relu_backward(y: &[f32], dy: &mut [f32]) {
    arch().dispatch(
        #[inline(always)]
        || {
            for (dy, &y) in dy.iter_mut().zip(y) {
                *dy = if y > 0.0 { *dy } else { 0.0 };
            }
        },
    );
}
