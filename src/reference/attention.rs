//! Attention of one head: a weighted mean of values, whose weights are a softmax of products.
//!
//! The twins of [`SelfAttention`](crate::layers::SelfAttention) and
//! [`CrossAttention`](crate::layers::CrossAttention) put several heads between dense layers:
//! [`self_attention()`](super::self_attention()), [`cross_attention()`](super::cross_attention()).

use ndarray::{Array2, ArrayView2};

use super::{softmax, softmax_backward};

/// Computes the weights of attention of one head: query `i` gives key `j` the weight `p[i, j]`.
///
/// ```text
/// s[i, j] = Σₐ q[i, a]·k[j, a]/√w        p[i, j] = exp(s[i, j]) / Σₗ exp(s[i, l])
/// ```
///
/// In causal attention, the sum is over `l ≤ i`, and the weights of later keys are 0.
///
/// - `q`: (queries, w), `k`: (keys, w)
/// - returns `p`: (queries, keys)
fn weights(q: ArrayView2<f32>, k: ArrayView2<f32>, causal: bool) -> Array2<f32> {
    let (queries, keys, width) = (q.nrows(), k.nrows(), q.ncols());
    let mut scores = Array2::zeros((queries, keys));
    for i in 0..queries {
        for j in 0..keys {
            for a in 0..width {
                scores[[i, j]] += q[[i, a]] * k[[j, a]] / (width as f32).sqrt();
            }
            if causal && j > i {
                scores[[i, j]] = f32::NEG_INFINITY;
            }
        }
    }
    softmax(scores.view())
}

/// Computes the outputs of one head: means of the values under the weights.
///
/// ```text
/// o[i, a] = Σⱼ p[i, j]·v[j, a]
/// ```
///
/// - `q`: (queries, w), `k` and `v`: (keys, w)
/// - returns `o`: (queries, w)
pub fn attention(
    q: ArrayView2<f32>,
    k: ArrayView2<f32>,
    v: ArrayView2<f32>,
    causal: bool,
) -> Array2<f32> {
    let p = weights(q, k, causal);
    let mut o = Array2::zeros((q.nrows(), v.ncols()));
    for i in 0..q.nrows() {
        for j in 0..v.nrows() {
            for a in 0..v.ncols() {
                o[[i, a]] += p[[i, j]] * v[[j, a]];
            }
        }
    }
    o
}

/// Computes the gradients of [`attention()`].
///
/// Each product `o += p·v` sends `do·v` to its `p` and `do·p` to its `v`; the softmax leads from `dp` to
/// `ds`; and each product `s += q·k/√w` sends `ds·k/√w` to its `q` and `ds·q/√w` to its `k`.
///
/// ```text
/// dp[i, j] = Σₐ do[i, a]·v[j, a]                 dv[j, a] = Σᵢ p[i, j]·do[i, a]
/// ds[i, j] = p[i, j]·(dp[i, j] - Σₗ dp[i, l]·p[i, l])
/// dq[i, a] = Σⱼ ds[i, j]·k[j, a]/√w              dk[j, a] = Σᵢ ds[i, j]·q[i, a]/√w
/// ```
///
/// - `q` and `dout`: (queries, w), `k` and `v`: (keys, w)
/// - returns `dq`: (queries, w), `dk` and `dv`: (keys, w)
pub fn attention_backward(
    q: ArrayView2<f32>,
    k: ArrayView2<f32>,
    v: ArrayView2<f32>,
    dout: ArrayView2<f32>,
    causal: bool,
) -> (Array2<f32>, Array2<f32>, Array2<f32>) {
    let p = weights(q, k, causal);
    let (queries, keys, width) = (q.nrows(), k.nrows(), q.ncols());
    let mut dp = Array2::zeros(p.dim());
    let mut dv = Array2::zeros(v.dim());
    for i in 0..queries {
        for j in 0..keys {
            for a in 0..width {
                dp[[i, j]] += dout[[i, a]] * v[[j, a]];
                dv[[j, a]] += p[[i, j]] * dout[[i, a]];
            }
        }
    }
    let ds = softmax_backward(p.view(), dp.view()) / (width as f32).sqrt();
    let (mut dq, mut dk) = (Array2::zeros(q.dim()), Array2::zeros(k.dim()));
    for ((i, j), &ds) in ds.indexed_iter() {
        for a in 0..width {
            dq[[i, a]] += ds * k[[j, a]];
            dk[[j, a]] += ds * q[[i, a]];
        }
    }
    (dq, dk, dv)
}
