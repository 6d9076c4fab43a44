//! Twins of [`SelfAttention`](crate::layers::SelfAttention) and
//! [`CrossAttention`](crate::layers::CrossAttention): heads of [`attention()`] between dense layers, of
//! which each step is a row.

use ndarray::{Array1, Array2, Array3, ArrayView2, ArrayView3, Axis, Slice, concatenate};

use super::{attention, attention_backward, dense, dense_backward};

/// Weights of a layer of attention with `h` heads of width `w`, or their gradients.
#[derive(Debug, Clone)]
pub struct AttentionWeights {
    /// Number of heads, which stand side by side in the columns of queries, of keys and of values.
    pub heads: usize,
    /// Weights of the queries: (d, h·w).
    pub query: Array2<f32>,
    /// Biases of the queries: (h·w).
    pub query_bias: Array1<f32>,
    /// Weights of the keys, then of the values: (d, 2·h·w).
    pub memory: Array2<f32>,
    /// Biases of keys and values: (2·h·w).
    pub memory_bias: Array1<f32>,
    /// Weights behind the heads: (h·w, d).
    pub out: Array2<f32>,
    /// Biases behind the heads: (d).
    pub out_bias: Array1<f32>,
}

impl AttentionWeights {
    /// Gradients before the first sample: zeros.
    fn zeros(&self) -> Self {
        AttentionWeights {
            heads: self.heads,
            query: Array2::zeros(self.query.dim()),
            query_bias: Array1::zeros(self.query_bias.dim()),
            memory: Array2::zeros(self.memory.dim()),
            memory_bias: Array1::zeros(self.memory_bias.dim()),
            out: Array2::zeros(self.out.dim()),
            out_bias: Array1::zeros(self.out_bias.dim()),
        }
    }

    /// Queries of `a`, and keys and values of `m`.
    fn project(&self, a: ArrayView2<f32>, m: ArrayView2<f32>) -> (Array2<f32>, Array2<f32>) {
        let q = dense(a, self.query.view(), self.query_bias.view());
        (q, dense(m, self.memory.view(), self.memory_bias.view()))
    }
}

/// The columns of a head: `part` 0 of queries or keys, and 1 of values.
fn columns<'a>(
    of: &'a Array2<f32>,
    (heads, head, part): (usize, usize, usize),
    width: usize,
) -> ArrayView2<'a, f32> {
    let start = (part * heads + head) * width;
    of.slice_axis(Axis(1), Slice::from(start..start + width))
}

/// Puts matrices side by side, or the rows of each behind those before.
fn join(axis: usize, parts: &[Array2<f32>]) -> Array2<f32> {
    let views: Vec<ArrayView2<f32>> = parts.iter().map(|part| part.view()).collect();
    concatenate(Axis(axis), &views).expect("matrices that fit together")
}

/// Computes the outputs of the heads side by side, of queries `q`, and of keys and values `kv`.
fn heads(q: &Array2<f32>, kv: &Array2<f32>, heads: usize, causal: bool) -> Array2<f32> {
    let width = q.ncols() / heads;
    let mut out = Vec::new();
    for head in 0..heads {
        let [q, k, v] =
            [(q, 0), (kv, 0), (kv, 1)].map(|(of, part)| columns(of, (heads, head, part), width));
        out.push(attention(q, k, v, causal));
    }
    join(1, &out)
}

/// Computes what the steps `a` of a sample read from its steps `m`.
///
/// ```text
/// q = a·A + α        (k, v) = m·M + μ        y = (o₁, .., oₕ)·U + c        oₙ: attention of head n
/// ```
///
/// - `a`: (queries, d), `m`: (keys, d)
/// - returns `y`: (queries, d)
fn attend(
    a: ArrayView2<f32>,
    m: ArrayView2<f32>,
    w: &AttentionWeights,
    causal: bool,
) -> Array2<f32> {
    let (q, kv) = w.project(a, m);
    let out = heads(&q, &kv, w.heads, causal);
    dense(out.view(), w.out.view(), w.out_bias.view())
}

/// Computes the gradients of [`attend()`] by `a` and `m`, and adds those of the weights to `dw`.
fn attend_backward(
    a: ArrayView2<f32>,
    m: ArrayView2<f32>,
    w: &AttentionWeights,
    dy: ArrayView2<f32>,
    causal: bool,
    dw: &mut AttentionWeights,
) -> (Array2<f32>, Array2<f32>) {
    let (q, kv) = w.project(a, m);
    let out = heads(&q, &kv, w.heads, causal);
    let (dout, du, dc) = dense_backward(out.view(), w.out.view(), dy);
    let (heads, width) = (w.heads, q.ncols() / w.heads);
    let (mut dq, mut dk, mut dv) = (Vec::new(), Vec::new(), Vec::new());
    for head in 0..heads {
        let [q, k, v, dout] = [(&q, 0), (&kv, 0), (&kv, 1), (&dout, 0)]
            .map(|(of, part)| columns(of, (heads, head, part), width));
        let gradients = attention_backward(q, k, v, dout, causal);
        dq.push(gradients.0);
        dk.push(gradients.1);
        dv.push(gradients.2);
    }
    let (dq, dkv) = (join(1, &dq), join(1, &[dk, dv].concat()));
    let (da, dquery, dquery_bias) = dense_backward(a, w.query.view(), dq.view());
    let (dm, dmemory, dmemory_bias) = dense_backward(m, w.memory.view(), dkv.view());
    dw.query += &dquery;
    dw.query_bias += &dquery_bias;
    dw.memory += &dmemory;
    dw.memory_bias += &dmemory_bias;
    dw.out += &du;
    dw.out_bias += &dc;
    (da, dm)
}

/// Computes the outputs of a self-attention: all steps of a sample read from all.
///
/// ```text
/// q = x·A + α        (k, v) = x·M + μ        y = (o₁, .., oₕ)·U + c
/// oₙ = softmax(qₙ·kₙᵀ/√w)·vₙ                 head n, by its columns
/// ```
///
/// - `x`: (n, steps, d)
/// - returns `y`: (n, steps, d)
pub fn self_attention(x: ArrayView3<f32>, w: &AttentionWeights, causal: bool) -> Array3<f32> {
    let mut y = Array3::zeros(x.dim());
    for (mut y, x) in y.outer_iter_mut().zip(x.outer_iter()) {
        y.assign(&attend(x, x, w, causal));
    }
    y
}

/// Computes the gradients of [`self_attention()`]. Each step is read twice, by its query and by its key and
/// value, and the two gradients add up.
///
/// ```text
/// dx = dq·Aᵀ + (dk, dv)·Mᵀ        dA = xᵀ·dq        dM = xᵀ·(dk, dv)        dU = (o₁, .., oₕ)ᵀ·dy
/// ```
///
/// - `x`, `dy`: (n, steps, d)
/// - returns `dx`: (n, steps, d), and the gradients of the weights
pub fn self_attention_backward(
    x: ArrayView3<f32>,
    w: &AttentionWeights,
    dy: ArrayView3<f32>,
    causal: bool,
) -> (Array3<f32>, AttentionWeights) {
    let (mut dx, mut dw) = (Array3::zeros(x.dim()), w.zeros());
    for ((mut dx, x), dy) in dx.outer_iter_mut().zip(x.outer_iter()).zip(dy.outer_iter()) {
        let (da, dm) = attend_backward(x, x, w, dy, causal, &mut dw);
        dx.assign(&(da + dm));
    }
    (dx, dw)
}

/// Computes the outputs of a cross-attention: the first steps of a sample read from the others.
///
/// ```text
/// q = a·A + α        (k, v) = m·M + μ        y = (o₁, .., oₕ)·U + c        x = (a, m)
/// oₙ = softmax(qₙ·kₙᵀ/√w)·vₙ                 head n, by its columns
/// ```
///
/// - `x`: (n, queries + keys, d)
/// - returns `y`: (n, queries, d)
pub fn cross_attention(x: ArrayView3<f32>, w: &AttentionWeights, queries: usize) -> Array3<f32> {
    let mut y = Array3::zeros((x.dim().0, queries, x.dim().2));
    for (mut y, x) in y.outer_iter_mut().zip(x.outer_iter()) {
        let (a, m) = x.split_at(Axis(0), queries);
        y.assign(&attend(a, m, w, false));
    }
    y
}

/// Computes the gradients of [`cross_attention()`].
///
/// ```text
/// dx = (dq·Aᵀ, (dk, dv)·Mᵀ)       dA = aᵀ·dq        dM = mᵀ·(dk, dv)        dU = (o₁, .., oₕ)ᵀ·dy
/// ```
///
/// - `x`: (n, queries + keys, d), `dy`: (n, queries, d)
/// - returns `dx`: (n, queries + keys, d), and the gradients of the weights
pub fn cross_attention_backward(
    x: ArrayView3<f32>,
    w: &AttentionWeights,
    dy: ArrayView3<f32>,
) -> (Array3<f32>, AttentionWeights) {
    let queries = dy.dim().1;
    let (mut dx, mut dw) = (Array3::zeros(x.dim()), w.zeros());
    for ((mut dx, x), dy) in dx.outer_iter_mut().zip(x.outer_iter()).zip(dy.outer_iter()) {
        let (a, m) = x.split_at(Axis(0), queries);
        let (da, dm) = attend_backward(a, m, w, dy, false, &mut dw);
        dx.assign(&join(0, &[da, dm]));
    }
    (dx, dw)
}
