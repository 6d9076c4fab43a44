//! Products of matrices: those of dense layers, and the small ones inside Winograd's convolution.
//!
//! ```text
//! MatMul              y[n, o]  = onto[n, o] + Σ_i x[n, i]·w[i, o]     onto: zeros, a bias, or y
//! MatMulTransposed    dw[i, o] += Σ_n x[n, i]·dy[n, o]
//! ```
//!
//! As in `correlate.rs` and `outer.rs`, `R` rows × `C` vectors of the result stay in registers
//! while the products go by, and every sum runs in one order.
//!
//! Measured as in `correlate.rs`, beside a peak of 224 to 236 GFLOP/s: 64×784 by 784×128 comes to 163,
//! its weight gradient to 173. Four rows to a tile of gradients, where there were six: the compiler
//! loads all rows' inputs before it multiplies, and six of them and four vectors leave no registers
//! for two of the sums (54, in place of 160).

use pulp::{Simd, WithSimd};

use super::ALIGN;
use super::simd::{arch, load, store};

/// How many inputs are multiplied at a time: as many weights as stay in the first-level cache while
/// all rows go by. With all 9216 inputs of a layer at once, 64 rows took twice as long.
const DEPTH: usize = 128;

/// A product of matrices, `y = x·w + bias` or `y += x·w`: (n, inputs) by (inputs, outputs).
///
/// `n` is what the length of `x` says. All matrices lie in row-major order.
///
/// ```
/// use chainrule::kernels::{MatMul, Onto, pad_rows, padded_len};
///
/// let mut w = vec![0.0; padded_len(3, 2)];
/// pad_rows(&[1.0, 0.0, 0.0, 1.0, 2.0, 2.0], 2, &mut w);
/// let mut y = [0.0; 2];
/// let x = [1.0, 2.0, 3.0];
/// MatMul { x: &x, inputs: 3, w: &w, onto: Onto::Bias(&[0.5, 0.0]), y: &mut y, outputs: 2 }.run();
/// assert_eq!(y, [7.5, 8.0]);
/// MatMul { x: &x, inputs: 3, w: &w, onto: Onto::Y, y: &mut y, outputs: 2 }.run();
/// assert_eq!(y, [14.5, 16.0]);
/// ```
#[derive(Debug)]
pub struct MatMul<'a> {
    /// (n, inputs)
    pub x: &'a [f32],
    /// Number of columns of `x`, at least 1.
    pub inputs: usize,
    /// (inputs, outputs), each row padded to a multiple of [`ALIGN`], as
    /// [`pad_rows`](crate::kernels::pad_rows) and [`transpose`](crate::kernels::transpose) write it.
    pub w: &'a [f32],
    /// Numbers that the product is added to.
    pub onto: Onto<'a>,
    /// (n, outputs), overwritten or added to.
    pub y: &'a mut [f32],
    /// Number of columns of `y`.
    pub outputs: usize,
}

/// Numbers that a [`MatMul`] is added to.
#[derive(Debug, Clone, Copy)]
pub enum Onto<'a> {
    /// Nothing: `y = x·w`.
    Zeros,
    /// A row (outputs): `y = x·w + bias`.
    Bias(&'a [f32]),
    /// The numbers that `y` holds: `y += x·w`, as in the sum over the inputs of a recurrent layer.
    Y,
}

impl MatMul<'_> {
    /// Computes the product, in the widest vectors of the machine.
    ///
    /// # Panics
    ///
    /// If an array is too short for these numbers of rows and columns.
    pub fn run(self) {
        arch().dispatch(self);
    }
}

impl WithSimd for MatMul<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let ldw = self.outputs.next_multiple_of(ALIGN);
        self.with_rows_of(simd, ldw);
    }
}

impl MatMul<'_> {
    /// Computes the product with the first columns of a matrix whose rows have `ldw` floats.
    #[inline(always)]
    pub(super) fn with_rows_of<S: Simd>(mut self, simd: S, ldw: usize) {
        let mut o = 0;
        while o < self.outputs {
            // R·C sums, C weights and a splat must fit the registers, of which there are 32 or 16.
            o += match (S::REGISTER_COUNT >= 32, (self.outputs - o) / S::F32_LANES) {
                (true, 4..) => self.panel::<S, 6, 2, 4>(simd, o, ldw),
                (true, 2..) => self.panel::<S, 8, 4, 2>(simd, o, ldw),
                (true, _) => self.panel::<S, 12, 4, 1>(simd, o, ldw),
                (false, 2..) => self.panel::<S, 6, 2, 2>(simd, o, ldw),
                (false, _) => self.panel::<S, 8, 2, 1>(simd, o, ldw),
            };
        }
    }

    /// All rows, `R` at a time and then `FEW`, for the outputs from `o` on; returns how many.
    #[inline(always)]
    fn panel<S: Simd, const R: usize, const FEW: usize, const C: usize>(
        &mut self,
        simd: S,
        o: usize,
        ldw: usize,
    ) -> usize {
        let n = self.x.len() / self.inputs;
        for start in (0..self.inputs).step_by(DEPTH) {
            let depth = (self.inputs - start).min(DEPTH);
            let mut first = 0;
            while first < n {
                first += match n - first {
                    left if left <= FEW => {
                        self.tile::<S, FEW, C>(simd, first, left, o, (start, depth), ldw)
                    }
                    left => self.tile::<S, R, C>(simd, first, left.min(R), o, (start, depth), ldw),
                };
            }
        }
        (C * S::F32_LANES).min(self.outputs - o)
    }

    /// `R` rows × `C` vectors of outputs, and the products of `depth` inputs from `start` on. Where
    /// fewer rows are left, the last stands for the rest, and the same bits are written again.
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const C: usize>(
        &mut self,
        simd: S,
        first: usize,
        left: usize,
        o: usize,
        (start, depth): (usize, usize),
        ldw: usize,
    ) -> usize {
        let width = (self.outputs - o).min(C * S::F32_LANES);
        let whole = width == C * S::F32_LANES;
        let mut rows = [self.x; R];
        for r in 0..R {
            let at = (first + r.min(left - 1)) * self.inputs + start;
            rows[r] = &self.x[at..][..depth];
        }
        let mut sums = [[simd.splat_f32s(0.0); C]; R];
        match self.onto {
            Onto::Bias(bias) if start == 0 => {
                sums = [load_part(simd, &bias[o..][..width], whole); R];
            }
            Onto::Zeros if start == 0 => {}
            _ => {
                for r in 0..R {
                    let y = &self.y[(first + r.min(left - 1)) * self.outputs + o..][..width];
                    sums[r] = load_part(simd, y, whole);
                }
            }
        }
        let weights = &self.w[start * ldw + o..];
        for k in 0..depth {
            let w = load::<S, C>(&weights[k * ldw..]);
            for r in 0..R {
                let x = simd.splat_f32s(rows[r][k]);
                for c in 0..C {
                    sums[r][c] = simd.mul_add_f32s(x, w[c], sums[r][c]);
                }
            }
        }
        for r in 0..R {
            let y = &mut self.y[(first + r.min(left - 1)) * self.outputs + o..][..width];
            store_part(simd, y, sums[r], whole);
        }
        left
    }
}

/// A product with a transposed matrix, `dw += xᵀ·dy`: (inputs, n) by (n, outputs).
///
/// This is the gradient of the weights of [`MatMul`]. All matrices lie in row-major order, and no row is
/// padded.
#[derive(Debug)]
pub struct MatMulTransposed<'a> {
    /// (n, inputs)
    pub x: &'a [f32],
    /// Number of columns of `x`, at least 1.
    pub inputs: usize,
    /// (n, outputs)
    pub dy: &'a [f32],
    /// Number of columns of `dy`, at least 1.
    pub outputs: usize,
    /// (inputs, outputs), added to.
    pub dw: &'a mut [f32],
}

impl MatMulTransposed<'_> {
    /// Computes the product, in the widest vectors of the machine.
    ///
    /// # Panics
    ///
    /// If an array is too short for these numbers of rows and columns.
    pub fn run(self) {
        arch().dispatch(self);
    }
}

impl WithSimd for MatMulTransposed<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let mut o = 0;
        while o < self.outputs {
            o += match (S::REGISTER_COUNT >= 32, (self.outputs - o) / S::F32_LANES) {
                (true, 4..) => self.panel::<S, 4, 4, false>(simd, o),
                (true, 2..) => self.panel::<S, 8, 2, false>(simd, o),
                (false, 2..) => self.panel::<S, 4, 2, false>(simd, o),
                (_, 1) => self.panel::<S, 8, 1, false>(simd, o),
                _ => self.panel::<S, 8, 1, true>(simd, o),
            };
        }
    }
}

impl MatMulTransposed<'_> {
    /// All of `dw` for the outputs from `o` on; returns how many it did.
    #[inline(always)]
    fn panel<S: Simd, const R: usize, const C: usize, const PARTIAL: bool>(
        &mut self,
        simd: S,
        o: usize,
    ) -> usize {
        let mut first = 0;
        while first < self.inputs {
            first += match self.inputs - first {
                left if left >= R => self.tile::<S, R, C, PARTIAL>(simd, first, o),
                2.. => self.tile::<S, 2, C, PARTIAL>(simd, first, o),
                _ => self.tile::<S, 1, C, PARTIAL>(simd, first, o),
            };
        }
        if PARTIAL { self.outputs - o } else { C * S::F32_LANES }
    }

    /// Adds the outer products of `R` inputs and `C` vectors of outputs, over all rows.
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const C: usize, const PARTIAL: bool>(
        &mut self,
        simd: S,
        first: usize,
        o: usize,
    ) -> usize {
        let width = if PARTIAL { self.outputs - o } else { C * S::F32_LANES };
        let mut sums = [[simd.splat_f32s(0.0); C]; R];
        for r in 0..R {
            let dw = &self.dw[(first + r) * self.outputs + o..][..width];
            sums[r] = load_part(simd, dw, !PARTIAL);
        }
        for (x, dy) in self.x.chunks_exact(self.inputs).zip(self.dy.chunks_exact(self.outputs)) {
            let x = &x[first..first + R];
            let dy: [_; C] = load_part(simd, &dy[o..o + width], !PARTIAL);
            for r in 0..R {
                let x = simd.splat_f32s(x[r]);
                for c in 0..C {
                    sums[r][c] = simd.mul_add_f32s(x, dy[c], sums[r][c]);
                }
            }
        }
        for r in 0..R {
            let dw = &mut self.dw[(first + r) * self.outputs + o..][..width];
            store_part(simd, dw, sums[r], !PARTIAL);
        }
        R
    }
}

/// `C` whole vectors, or a part of one (which is a call: slow).
#[inline(always)]
fn load_part<S: Simd, const C: usize>(simd: S, from: &[f32], whole: bool) -> [S::f32s; C] {
    if whole { load::<S, C>(from) } else { [simd.partial_load_f32s(from); C] }
}

#[inline(always)]
fn store_part<S: Simd, const C: usize>(simd: S, to: &mut [f32], from: [S::f32s; C], whole: bool) {
    if whole { store::<S, C>(to, from) } else { simd.partial_store_f32s(to, from[0]) }
}
