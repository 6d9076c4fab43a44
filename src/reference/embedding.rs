//! Twins of [`Embedding`](crate::layers::Embedding), a row of a table for each token, and of
//! [`Unembedding`](crate::layers::Unembedding), a score by each row.

use ndarray::{Array2, Array3, ArrayView2, ArrayView3};

/// Picks the row of a table for each token.
///
/// ```text
/// y[n, t, j] = w[x[n, t], j]        0 for the padding token
/// ```
///
/// - `x`: (n, steps), tokens; `w`: (vocabulary, width)
/// - returns `y`: (n, steps, width)
pub fn embedding(x: ArrayView2<f32>, w: ArrayView2<f32>, padding: Option<usize>) -> Array3<f32> {
    let (n, steps) = x.dim();
    Array3::from_shape_fn((n, steps, w.ncols()), |(n, t, j)| {
        let token = x[[n, t]] as usize;
        if Some(token) == padding { 0.0 } else { w[[token, j]] }
    })
}

/// Computes the gradient of the table of [`embedding()`].
///
/// A row gets the gradients of all steps that picked it.
///
/// ```text
/// dw[v, j] = Σ dy[n, t, j] over all n and t with x[n, t] = v        0 for the padding token
/// ```
///
/// - `x`: (n, steps), tokens; `dy`: (n, steps, width)
/// - returns `dw`: (vocabulary, width)
pub fn embedding_backward(
    x: ArrayView2<f32>,
    vocabulary: usize,
    dy: ArrayView3<f32>,
    padding: Option<usize>,
) -> Array2<f32> {
    let (n, steps, width) = dy.dim();
    let mut dw = Array2::zeros((vocabulary, width));
    for n in 0..n {
        for t in 0..steps {
            let token = x[[n, t]] as usize;
            for j in 0..width {
                if Some(token) != padding {
                    dw[[token, j]] += dy[[n, t, j]];
                }
            }
        }
    }
    dw
}

/// Computes the scores of all tokens: the products of a vector with the rows of a table.
///
/// ```text
/// y[n, v] = Σⱼ x[n, j]·w[v, j]
/// ```
///
/// - `x`: (n, width), `w`: (vocabulary, width)
/// - returns `y`: (n, vocabulary)
pub fn unembedding(x: ArrayView2<f32>, w: ArrayView2<f32>) -> Array2<f32> {
    let mut y = Array2::zeros((x.nrows(), w.nrows()));
    for n in 0..x.nrows() {
        for ((v, j), w) in w.indexed_iter() {
            y[[n, v]] += x[[n, j]] * w;
        }
    }
    y
}

/// Computes the gradients of [`unembedding()`].
///
/// ```text
/// dx[n, j] = Σᵥ dy[n, v]·w[v, j]        dw[v, j] = Σₙ dy[n, v]·x[n, j]
/// ```
///
/// - `x`: (n, width), `w`: (vocabulary, width), `dy`: (n, vocabulary)
/// - returns `dx`: (n, width), `dw`: (vocabulary, width)
pub fn unembedding_backward(
    x: ArrayView2<f32>,
    w: ArrayView2<f32>,
    dy: ArrayView2<f32>,
) -> (Array2<f32>, Array2<f32>) {
    let (mut dx, mut dw) = (Array2::zeros(x.dim()), Array2::zeros(w.dim()));
    for n in 0..x.nrows() {
        for ((v, j), w) in w.indexed_iter() {
            dx[[n, j]] += dy[[n, v]] * w;
            dw[[v, j]] += dy[[n, v]] * x[[n, j]];
        }
    }
    (dx, dw)
}
