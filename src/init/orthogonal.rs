//! A random orthogonal matrix: the Q of a normal matrix A = Q·R.
//!
//! By the Gram–Schmidt process, each column of A in turn is scaled to length 1, and then what the
//! later columns have of it is taken from them. The diagonal of R is the lengths found, above 0: this
//! makes Q unique, and uniform over all orthogonal matrices (F. Mezzadri, "How to generate random
//! matrices from the classical compact groups", 2007); so do Keras and PyTorch, by turning signs.
//! What rounding leaves of one column in another grows with A's condition number, and is far below
//! an f32's precision in 64 bits.

use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Distribution, StandardNormal};

use crate::kernels::simd::arch;
use crate::layer::checked_len;

/// The shape as a tall matrix: (rows, columns), rows ≥ columns, and whether it was turned for it.
fn tall(shape: &[usize]) -> (usize, usize, bool) {
    let [inputs @ .., outputs] = shape else { return (1, 1, false) };
    let inputs: usize = inputs.iter().product();
    (inputs.max(*outputs), inputs.min(*outputs), inputs < *outputs)
}

/// Whether it takes at most as long as for a matrix of 4096×4096.
pub(super) fn is_feasible(shape: &[usize]) -> bool {
    let (rows, columns, _) = tall(shape);
    checked_len(&[rows, columns, columns]).is_some_and(|products| products <= 1 << 36)
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

/// Gram–Schmidt on the columns of a matrix in row-major order, a row at a time, so that the inner
/// loops run along memory.
fn orthogonalize(q: &mut [f64], columns: usize) {
    let mut products = vec![0.0; columns];
    for k in 0..columns {
        arch().dispatch(
            #[inline(always)]
            || {
                // products = column k times the columns from k on.
                let products = &mut products[k..];
                products.fill(0.0);
                for row in q.chunks_exact(columns) {
                    for (product, value) in products.iter_mut().zip(&row[k..]) {
                        *product += row[k] * value;
                    }
                }
                let length = products[0].sqrt();
                for row in q.chunks_exact_mut(columns) {
                    row[k] /= length;
                    let share = row[k] / length;
                    for (value, product) in row[k + 1..].iter_mut().zip(&products[1..]) {
                        *value -= share * product;
                    }
                }
            },
        );
    }
}
