//! A random orthogonal matrix: the Q of a normal matrix A = Q·R.
//!
//! By the Gram–Schmidt process, each column of A in turn is scaled to length 1, and then what the
//! later columns have of it is taken from them. The diagonal of R is the lengths found, above 0: this
//! makes Q unique, and uniform over all orthogonal matrices (F. Mezzadri, "How to generate random
//! matrices from the classical compact groups", 2007); so do Keras and PyTorch, by turning signs.
//! What rounding leaves of one column in another grows with A's condition number, and is far below
//! an f32's precision in 64 bits.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Distribution, StandardNormal};

use crate::kernels::simd::arch;

/// The shape as a tall matrix: (rows, columns), rows ≥ columns, and whether it was turned for it.
fn tall(shape: &[usize]) -> (usize, usize, bool) {
    let [inputs @ .., outputs] = shape else { return (1, 1, false) };
    let inputs: usize = inputs.iter().product();
    (inputs.max(*outputs), inputs.min(*outputs), inputs < *outputs)
}

/// Largest number of products: those of 3,000 columns of as many numbers, which take some 20 seconds.
const MOST_PRODUCTS: u64 = 3000 * 3000 * 3000;

/// Returns `true` if a matrix of this shape takes at most [`MOST_PRODUCTS`].
pub(super) fn is_feasible(shape: &[usize]) -> bool {
    let (rows, columns, _) = tall(shape);
    // In 64 bits on every machine: the largest number is more than 32 bits hold.
    let products =
        (rows as u64).checked_mul(columns as u64).and_then(|n| n.checked_mul(columns as u64));
    products.is_some_and(|products| products <= MOST_PRODUCTS)
}

pub(super) fn fill(gain: f32, shape: &[usize], rng: &mut Xoshiro256PlusPlus, values: &mut [f32]) {
    let (rows, columns, turned) = tall(shape);
    let mut q: Vec<f64> = (0..rows * columns).map(|_| StandardNormal.sample(rng)).collect();
    orthogonalize(&mut q, columns);
    for (i, value) in values.iter_mut().enumerate() {
        let at = if turned { i % rows * columns + i / rows } else { i };
        *value = (f64::from(gain) * q[at]) as f32;
    }
}

/// How many columns are done before what the later ones have of them is taken away, and how many
/// later ones are in hand at a time: their products stay in the first-level cache.
const BLOCK: usize = 32;
const TILE: usize = 64;

/// Gram–Schmidt on the columns of a matrix in row-major order.
fn orthogonalize(q: &mut [f64], columns: usize) {
    for start in (0..columns).step_by(BLOCK) {
        let end = columns.min(start + BLOCK);
        for k in start..end {
            let length = q.chunks_exact(columns).map(|row| row[k] * row[k]).sum::<f64>().sqrt();
            q.chunks_exact_mut(columns).for_each(|row| row[k] /= length);
            subtract(q, columns, k..k + 1, k + 1..end);
        }
        for tile in (end..columns).step_by(TILE) {
            subtract(q, columns, start..end, tile..columns.min(tile + TILE));
        }
    }
}

fn subtract(q: &mut [f64], columns: usize, of: Range<usize>, from: Range<usize>) {
    arch().dispatch(Subtract { q, columns, of, from });
}

/// Takes from some columns what they have of others, which are orthonormal.
struct Subtract<'a> {
    q: &'a mut [f64],
    columns: usize,
    of: Range<usize>,
    from: Range<usize>,
}

impl WithSimd for Subtract<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Subtract { q, columns, of, from } = self;
        let mut products = [[0.0; TILE]; BLOCK];
        for row in q.chunks_exact(columns) {
            for (products, share) in products.iter_mut().zip(&row[of.clone()]) {
                for (product, value) in products.iter_mut().zip(&row[from.clone()]) {
                    *product += share * value;
                }
            }
        }
        for row in q.chunks_exact_mut(columns) {
            let (done, later) = row.split_at_mut(from.start);
            let later = &mut later[..from.len()];
            for (products, share) in products.iter().zip(&done[of.clone()]) {
                for (value, product) in later.iter_mut().zip(products) {
                    *value -= share * product;
                }
            }
        }
    }
}
