//! A product with the first columns of a matrix, such as scores of queries with the keys before them.

use pulp::{Simd, WithSimd};

use super::dense::MatMul;

/// A [`MatMul`] whose `w` has longer rows than its outputs.
pub(crate) struct Columns<'a> {
    /// `outputs` is the number of columns that are read.
    pub product: MatMul<'a>,
    /// Floats of a row of `w`.
    pub row: usize,
}

impl WithSimd for Columns<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.product.with_rows_of(simd, self.row);
    }
}
