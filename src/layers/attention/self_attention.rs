//! Self-attention: the steps of a sequence read from each other.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::core::{Core, CoreCache, Place};
use super::heads::{Heads, sequence};
use super::projection::Projection;
use crate::init::Init;
use crate::kernels::aligned::Aligned;
use crate::kernels::{flat, flat_mut};
use crate::layer::{Layer, Mismatch, ParamSpec, Params, Pass, Saved};

/// Multi-head scaled dot-product attention of a sequence to itself.
///
/// For each of `h` heads of width `w`, with the columns `q`, `k` and `v` of the head:
///
/// ```text
/// (q, k, v) = x·W + b         P = softmax(q·kᵀ/√w)         o = P·v         y = (o₁, .., oₕ)·U + c
///
/// dv = Pᵀ·do        dP = do·vᵀ        dS[i, j] = P[i, j]·(dP[i, j] - Σₗ dP[i, l]·P[i, l])
/// dq = dS·k/√w      dk = dSᵀ·q/√w     with do = dy·Uᵀ, and W, b, U, c as in a dense layer
/// ```
///
/// With padded sequences, a step sees the steps that count and no others.
///
/// - **Plain twin**: [`reference::self_attention`](crate::reference::self_attention()), to read first.
/// - **Input**: (steps, d), a sequence of features.
/// - **Output**: (steps, d).
/// - **Parameters**: `in_weight` (d, 3·h·w), whose columns are queries, keys and values, each with its heads
///   side by side, and `out_weight` (h·w, d), both Glorot-uniform unless [`SelfAttention::init`] says
///   otherwise; `in_bias` (3·h·w) and `out_bias` (d), zeros, unless [`SelfAttention::bias`] leaves
///   them out. With `w = d/h` these are `4·d·(d + 1)` numbers.
/// - **Errors**: what is no sequence; no heads; heads that do not divide the features, without
///   [`SelfAttention::head_width`].
/// - **Source**: A. Vaswani et al., "Attention is all you need", NIPS 2017.
///
/// # Other libraries
///
/// PyTorch's `MultiheadAttention(d, h, batch_first=True)` has the same arrays, transposed: `in_proj_weight`
/// is `in_weight`ᵀ, and `out_proj.weight` is `out_weight`ᵀ;
/// [`WeightLayout::PyTorch`](crate::file::WeightLayout::PyTorch) loads them. It has no width of a head other
/// than d/h, and may drop weights of attention out, which this layer does not. Keras's `MultiHeadAttention(h, w)` has three
/// kernels (d, h, w), for queries, keys and values, each with its Glorot limits, and one (h, w, d) behind
/// the heads: side by side and as matrices, they are `in_weight` and `out_weight`.
///
/// ```
/// use chainrule::prelude::*;
///
/// // Each of 20 steps reads from itself and the steps before it.
/// let model = Sequential::new([20, 32]).add(SelfAttention::new(4).causal())?;
/// assert_eq!(model.output_shape(), [20, 32]);
/// assert_eq!(model.param_count(), 4 * 32 * 33);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SelfAttention {
    #[serde(flatten)]
    heads: Heads,
    causal: bool,
}

impl SelfAttention {
    /// Creates a layer with this number of heads, which divide the features among them.
    pub fn new(heads: usize) -> Self {
        SelfAttention { heads: Heads::new(heads), causal: false }
    }

    /// Lets no step see a later one.
    #[must_use]
    pub fn causal(self) -> Self {
        SelfAttention { causal: true, ..self }
    }

    /// Gives each head this width, in place of its share of the features.
    #[must_use]
    pub fn head_width(self, width: usize) -> Self {
        SelfAttention { heads: Heads { head_width: Some(width), ..self.heads }, ..self }
    }

    /// Sets whether there are biases, which there are by default.
    #[must_use]
    pub fn bias(self, bias: bool) -> Self {
        SelfAttention { heads: Heads { bias, ..self.heads }, ..self }
    }

    /// Draws the weights from another distribution.
    #[must_use]
    pub fn init(self, init: Init) -> Self {
        SelfAttention { heads: Heads { init, ..self.heads }, ..self }
    }

    /// The products before and after the heads.
    fn projections(&self, features: usize) -> [Projection; 2] {
        let total = self.heads.total(features);
        Projection::list(&self.heads, [[features, 3 * total], [total, features]])
    }

    fn core(&self, steps: usize, features: usize) -> Core {
        Core {
            heads: self.heads.heads,
            width: self.heads.width(features),
            queries: steps,
            keys: steps,
            causal: self.causal,
        }
    }
}

/// Values of the forward pass that the backward pass reads, and scratch buffers.
#[derive(Debug)]
pub struct SelfAttentionCache {
    core: CoreCache,
    /// Queries, keys and values of all steps; then their gradients.
    projected: Aligned,
    /// Outputs of the heads; then their gradients.
    out: Aligned,
}

/// Places of queries, keys and values of a sample.
fn places(sample: usize, steps: usize, total: usize) -> [Place; 3] {
    [0, 1, 2].map(|part| Place { start: (sample * steps * 3 + part) * total, row: 3 * total })
}

impl Layer for SelfAttention {
    type Cache = SelfAttentionCache;

    fn name(&self) -> String {
        let causal = if self.causal { ", causal" } else { "" };
        format!("SelfAttention({}{causal})", self.heads.label())
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        let [steps, features] = sequence(input)?;
        self.heads.check(features, steps, steps)?;
        Ok(input.to_vec())
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        let [before, after] = self.projections(input[1]);
        let before = before.specs(["in_weight", "in_bias"]);
        [before, after.specs(["out_weight", "out_bias"])].concat()
    }

    fn packed_len(&self, input: &[usize]) -> usize {
        let [_, after] = self.projections(input[1]);
        after.packed_end()
    }

    fn pack(&self, input: &[usize], params: &[f32], packed: &mut [f32], dx: bool) {
        let [before, after] = self.projections(input[1]);
        before.pack(params, packed, dx);
        after.pack(params, packed, true);
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> SelfAttentionCache {
        let (rows, total) = (max_batch * input[0], self.heads.total(input[1]));
        SelfAttentionCache {
            core: self.core(input[0], input[1]).new_cache(max_batch),
            projected: Aligned::zeros(rows * 3 * total),
            out: Aligned::zeros(rows * total),
        }
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut SelfAttentionCache,
        pass: Pass<'_>,
    ) {
        let (n, steps, features) = (x.shape()[0], x.shape()[1], x.shape()[2]);
        let ([before, after], core) = (self.projections(features), self.core(steps, features));
        let total = self.heads.total(features);
        let projected = &mut cache.projected[..n * steps * 3 * total];
        before.forward(params, flat(&x), projected);
        let out = &mut cache.out[..n * steps * total];
        for (sample, out) in out.chunks_exact_mut(steps * total).enumerate() {
            let length = pass.lengths.of(sample, steps);
            let places = places(sample, steps, total);
            core.forward(&mut cache.core, sample, [length; 2], places, projected, out);
        }
        after.forward(params, out, flat_mut(&mut y));
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, SelfAttentionCache>,
        dy: ArrayViewMutD<'_, f32>,
        mut dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        let x = &saved.x;
        let (n, steps, features) = (x.shape()[0], x.shape()[1], x.shape()[2]);
        let ([before, after], core) = (self.projections(features), self.core(steps, features));
        let total = self.heads.total(features);
        let SelfAttentionCache { core: kept, projected, out } = saved.cache;
        let projected = &mut projected[..n * steps * 3 * total];
        let out = &mut out[..n * steps * total];
        after.add_gradient(out, flat(&dy), dparams);
        after.backward(params, flat(&dy), out);
        for (sample, dout) in out.chunks_exact(steps * total).enumerate() {
            let length = saved.lengths.of(sample, steps);
            let places = places(sample, steps, total);
            core.backward(kept, sample, [length; 2], places, dout, projected);
        }
        before.add_gradient(flat(x), projected, dparams);
        if let Some(dx) = &mut dx {
            before.backward(params, projected, flat_mut(dx));
        }
    }
}
