//! Small passes over matrices: padding, transposing, and the sum behind a bias gradient.

use super::ALIGN;
use super::simd::arch;

/// Copies rows of `width` floats into rows padded with zeros to a multiple of [`ALIGN`].
pub(crate) fn pad_rows(from: &[f32], width: usize, to: &mut [f32]) {
    for (to, from) in
        to.chunks_exact_mut(width.next_multiple_of(ALIGN)).zip(from.chunks_exact(width))
    {
        to[..width].copy_from_slice(from);
        to[width..].fill(0.0);
    }
}

/// Writes the transpose of a matrix of rows of `width` floats, its rows padded with zeros to a
/// multiple of [`ALIGN`].
pub(crate) fn transpose(from: &[f32], width: usize, to: &mut [f32]) {
    let height = from.len() / width;
    for (j, to) in to.chunks_exact_mut(height.next_multiple_of(ALIGN)).enumerate() {
        for (to, from) in to.iter_mut().zip(from.chunks_exact(width)) {
            *to = from[j];
        }
        to[height..].fill(0.0);
    }
}

/// `sum[j] += Σᵢ rows[i, j]`, row by row.
pub(crate) fn add_rows(rows: &[f32], sum: &mut [f32]) {
    arch().dispatch(|| {
        for row in rows.chunks_exact(sum.len()) {
            for (sum, value) in sum.iter_mut().zip(row) {
                *sum += value;
            }
        }
    });
}
