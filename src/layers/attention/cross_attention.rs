//! Cross-attention: the first steps of a sequence read from the rest of it, their memory.
//!
//! A model has one input, so queries and memory come one after the other in one sequence, as a decoder's steps
//! and an encoder's outputs do behind [`Branches::append`](crate::sequential::Branches::append).

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::core::{Core, CoreCache};
use super::heads::{Heads, sequence};
use super::parts::Parts;
use super::projection::Projection;
use crate::init::Init;
use crate::kernels::aligned::Aligned;
use crate::kernels::{flat, flat_mut};
use crate::layer::{Layer, Lengths, Mismatch, ParamSpec, Params, Pass, Saved};

/// Multi-head scaled dot-product attention of the first steps of a sequence to those after them.
///
/// With `a`, the first steps of `x`, and `m`, the others, for each of `h` heads of width `w`:
///
/// ```text
/// q = a·A + α         (k, v) = m·M + μ         P = softmax(q·kᵀ/√w)     o = P·v     y = (o₁, .., oₕ)·U + c
///
/// dv = Pᵀ·do        dP = do·vᵀ        dS[i, j] = P[i, j]·(dP[i, j] - Σₗ dP[i, l]·P[i, l])
/// dq = dS·k/√w      dk = dSᵀ·q/√w     with do = dy·Uᵀ, and A, α, M, μ, U, c as in a dense layer
/// ```
///
/// In a padded sequence, all queries count, and the memory ends where the sequence does.
///
/// - **Plain twin**: [`reference::cross_attention`](crate::reference::cross_attention()), to read first.
/// - **Input**: (steps, d), a sequence of features: queries, then memory.
/// - **Output**: (queries, d).
/// - **Parameters**: `query_weight` (d, h·w); `memory_weight` (d, 2·h·w), whose columns are keys and values;
///   and `out_weight` (h·w, d), all Glorot-uniform unless [`CrossAttention::init`] says otherwise;
///   `query_bias` (h·w), `memory_bias` (2·h·w) and `out_bias` (d), zeros, unless [`CrossAttention::bias`]
///   leaves them out. The heads are side by side. With `w = d/h` these are `4·d·(d + 1)` numbers.
/// - **Errors**: what is no sequence; no queries; no step of memory; no heads; heads that do not divide the
///   features, without [`CrossAttention::head_width`].
/// - **Source**: A. Vaswani et al., "Attention is all you need", NIPS 2017.
///
/// PyTorch's `MultiheadAttention` has one `in_proj_weight` for all three: its first `h·w` rows are
/// `query_weight`ᵀ, and the others `memory_weight`ᵀ.
///
/// ```
/// use chainrule::prelude::*;
///
/// // Three steps read from the seven after them.
/// let model = Sequential::new([10, 32]).add(CrossAttention::new(4, 3))?;
/// assert_eq!(model.output_shape(), [3, 32]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CrossAttention {
    #[serde(flatten)]
    heads: Heads,
    queries: usize,
}

impl CrossAttention {
    /// Creates a layer with this number of heads, which divide the features among them, and of steps that
    /// are queries.
    pub fn new(heads: usize, queries: usize) -> Self {
        CrossAttention { heads: Heads::new(heads), queries }
    }

    /// Gives each head this width, in place of its share of the features.
    #[must_use]
    pub fn head_width(self, width: usize) -> Self {
        CrossAttention { heads: Heads { head_width: Some(width), ..self.heads }, ..self }
    }

    /// Sets whether there are biases, which there are by default.
    #[must_use]
    pub fn bias(self, bias: bool) -> Self {
        CrossAttention { heads: Heads { bias, ..self.heads }, ..self }
    }

    /// Draws the weights from another distribution.
    #[must_use]
    pub fn init(self, init: Init) -> Self {
        CrossAttention { heads: Heads { init, ..self.heads }, ..self }
    }

    /// The products before the heads, of queries and of memory, and that after them.
    fn projections(&self, features: usize) -> [Projection; 3] {
        let total = self.heads.total(features);
        let sizes = [[features, total], [features, 2 * total], [total, features]];
        Projection::list(&self.heads, sizes)
    }

    fn core(&self, steps: usize, features: usize) -> Core {
        Core {
            heads: self.heads.heads,
            width: self.heads.width(features),
            queries: self.queries,
            keys: steps - self.queries,
            causal: false,
        }
    }

    /// Refuses a sequence without memory.
    fn check_memory(&self, steps: usize) -> Result<(), Mismatch> {
        if steps <= self.queries {
            return Err(Mismatch::new(
                format!("more than {} steps: {0} queries, and memory behind them", self.queries),
                "give it longer sequences, or fewer queries",
            ));
        }
        Ok(())
    }

    /// Numbers of queries and of steps of memory of a sample.
    fn counts(&self, lengths: Lengths<'_>, sample: usize, steps: usize) -> [usize; 2] {
        [self.queries, lengths.of(sample, steps) - self.queries]
    }
}

/// Values of the forward pass that the backward pass reads, and scratch buffers.
#[derive(Debug)]
pub struct CrossAttentionCache {
    core: CoreCache,
    /// Steps of all samples that are queries, and those that are memory; then their gradients.
    inputs: [Aligned; 2],
    /// Queries of all samples, then keys and values; then their gradients.
    projected: Aligned,
    /// Outputs of the heads; then their gradients.
    out: Aligned,
}

impl Layer for CrossAttention {
    type Cache = CrossAttentionCache;

    fn name(&self) -> String {
        format!("CrossAttention({}, {} queries)", self.heads.label(), self.queries)
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        let [steps, features] = sequence(input)?;
        if self.queries == 0 {
            return Err(Mismatch::new(
                "at least one query",
                "`CrossAttention::new` takes their number after that of the heads",
            ));
        }
        self.check_memory(steps)?;
        self.heads.check(features, self.queries, steps - self.queries)?;
        Ok(vec![self.queries, features])
    }

    /// All queries count.
    fn output_length(
        &self,
        _input: &[usize],
        _output: &[usize],
        length: usize,
    ) -> Result<Option<usize>, Mismatch> {
        self.check_memory(length).map(|()| None)
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        let [query, memory, out] = self.projections(input[1]);
        [
            query.specs(["query_weight", "query_bias"]),
            memory.specs(["memory_weight", "memory_bias"]),
            out.specs(["out_weight", "out_bias"]),
        ]
        .concat()
    }

    fn packed_len(&self, input: &[usize]) -> usize {
        let [_, _, out] = self.projections(input[1]);
        out.packed_end()
    }

    fn pack(&self, input: &[usize], params: &[f32], packed: &mut [f32], dx: bool) {
        let [query, memory, out] = self.projections(input[1]);
        query.pack(params, packed, dx);
        memory.pack(params, packed, dx);
        out.pack(params, packed, true);
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> CrossAttentionCache {
        let core = self.core(input[0], input[1]);
        let parts = Parts::new(&core, max_batch, input[1]);
        CrossAttentionCache {
            core: core.new_cache(max_batch),
            inputs: parts.inputs.map(Aligned::zeros),
            projected: Aligned::zeros(parts.projected()),
            out: Aligned::zeros(parts.projected[0]),
        }
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut CrossAttentionCache,
        pass: Pass<'_>,
    ) {
        let (n, steps, features) = (x.shape()[0], x.shape()[1], x.shape()[2]);
        let (core, [query, memory, after]) =
            (self.core(steps, features), self.projections(features));
        let parts = Parts::new(&core, n, features);
        let CrossAttentionCache { core: kept, inputs, projected, out } = cache;
        let [queries, memories] = parts.of(inputs);
        parts.split(flat(&x), queries, memories);
        let (projected, out) =
            (&mut projected[..parts.projected()], &mut out[..parts.projected[0]]);
        let (q, kv) = projected.split_at_mut(parts.projected[0]);
        query.forward(params, queries, q);
        memory.forward(params, memories, kv);
        for (sample, out) in out.chunks_exact_mut(parts.projected[0] / n).enumerate() {
            let counts = self.counts(pass.lengths, sample, steps);
            core.forward(kept, sample, counts, parts.places(sample), projected, out);
        }
        after.forward(params, out, flat_mut(&mut y));
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, CrossAttentionCache>,
        dy: ArrayViewMutD<'_, f32>,
        mut dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        let x = &saved.x;
        let (n, steps, features) = (x.shape()[0], x.shape()[1], x.shape()[2]);
        let (core, [query, memory, after]) =
            (self.core(steps, features), self.projections(features));
        let parts = Parts::new(&core, n, features);
        let CrossAttentionCache { core: kept, inputs, projected, out } = saved.cache;
        let projected = &mut projected[..parts.projected()];
        let out = &mut out[..parts.projected[0]];
        after.add_gradient(out, flat(&dy), dparams);
        after.backward(params, flat(&dy), out);
        for (sample, dout) in out.chunks_exact(parts.projected[0] / n).enumerate() {
            let counts = self.counts(saved.lengths, sample, steps);
            core.backward(kept, sample, counts, parts.places(sample), dout, projected);
        }
        let [queries, memories] = parts.of(inputs);
        let (dq, dkv) = projected.split_at(parts.projected[0]);
        query.add_gradient(queries, dq, dparams);
        memory.add_gradient(memories, dkv, dparams);
        if let Some(dx) = &mut dx {
            query.backward(params, dq, queries);
            memory.backward(params, dkv, memories);
            parts.join(queries, memories, flat_mut(dx));
        }
    }
}
