//! Long short-term memory: a second state, the memory c, which is added to and not multiplied with a matrix.
//!
//! The gradient of a simple recurrent layer passes Uᵀ and a derivative below 1 at every step, and dies out over
//! long times. That of the memory passes the forget gate alone, `dcₜ = dcₜ₊₁·f`, which can stay near 1.
//!
//! With `s = tanh(cₜ₊₁)`, the state `hₜ₊₁ = o·s` sends `dh·s` to o and `dh·o·(1 - s²)` to `cₜ₊₁`, and
//! `cₜ₊₁ = f·cₜ + i·g` sends `dc` times the other factor to each of f, cₜ, i and g. Each of the four gates has its
//! own derivative, `σ' = σ·(1 - σ)` or `tanh' = 1 - tanh²`, and then they are one array with four times the units,
//! which goes back as in a [simple recurrent layer](super).

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::settings::Recurrent;
use super::sizes::Sizes;
use super::sweep::Sweep;
use crate::init::Init;
use crate::kernels::aligned::Aligned;
use crate::kernels::{Onto, add_rows, math, simd::arch};
use crate::layer::{ParamSpec, Params};
use crate::layers::product::Product;

/// Long short-term memory, LSTM.
///
/// ```text
/// [i f g o] = xₜ·W + hₜ·U + b,  then σ of i, f and o, and tanh of g
/// cₜ₊₁ = f·cₜ + i·g               hₜ₊₁ = o·tanh(cₜ₊₁)
///
/// dc = dcₜ₊₁ + dhₜ₊₁·o·(1 - tanh²(cₜ₊₁))                          dcₜ = dc·f
/// dz = [dc·g·i·(1-i)   dc·cₜ·f·(1-f)   dc·i·(1-g²)   dhₜ₊₁·tanh(cₜ₊₁)·o·(1-o)]
/// dhₜ = dyₜ₋₁ + dz·Uᵀ             dxₜ = dz·Wᵀ
/// dW = Σₜ xₜᵀ·dz                  dU = Σₜ hₜᵀ·dz                  db = Σₜ dz
/// ```
///
/// - **Plain twin**: [`reference::lstm`](crate::reference::lstm()), to read first.
/// - **Input**: (steps, in).
/// - **Output**: (units), the last state h; (steps, units) with [`Recurrent::every_step`]; twice as wide for both
///   [directions](Recurrent::direction).
/// - **Parameters**: of each direction `weight` (in, 4·units), Glorot-uniform; `recurrent` (units, 4·units),
///   orthogonal; the biases `input_bias`, `forget_bias`, `cell_bias` and `output_bias` (units), zeros, but ones to
///   forget, so that the memory lasts at first; with [`Recurrent::learned_state`] also `memory` and `state`
///   (units), zeros. Those of the reverse direction begin with `reverse_`.
/// - **Errors**: as those of [`SimpleRnn`](super::SimpleRnn).
/// - **Source**: S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 9, 1997; F. Gers,
///   J. Schmidhuber, F. Cummins, "Learning to forget", Neural Computation 12, 2000. Keras's `LSTM` has the same
///   order of gates and the same arrays, with one bias for all gates. PyTorch's has that order too, W and U
///   transposed, and two biases that are added up. ONNX has the order i, o, f, g.
///
/// ```
/// use chainrule::prelude::*;
///
/// let model = Sequential::new([28, 10]).add(Lstm::new(16))?.add(Dense::new(2))?;
/// assert_eq!(model.param_count(), (10 + 16 + 1) * 4 * 16 + 17 * 2);
/// # Ok::<(), chainrule::Error>(())
/// ```
pub type Lstm = Recurrent<LstmCell>;

/// Cell of an [`Lstm`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LstmCell;

impl Lstm {
    /// Creates a layer with this number of units.
    pub fn new(units: usize) -> Self {
        Recurrent::of(LstmCell, units)
    }
}

/// W and U.
fn products(Sizes { inputs, units, .. }: Sizes) -> (Product, Product) {
    (Product { inputs, outputs: 4 * units }, Product { inputs: units, outputs: 4 * units })
}

/// Values of an LSTM between its passes.
#[derive(Debug)]
pub struct LstmCache {
    /// The gates of all steps, i, f, g and o side by side; then the gradients of their sums.
    gates: Aligned,
    /// The memory before each step, and after the last.
    c: Aligned,
    /// Gradient of the memory.
    dc: Aligned,
}

impl Cell for LstmCell {
    type Cache = LstmCache;

    fn name(&self, units: usize) -> String {
        format!("Lstm({units})")
    }

    fn param_specs(&self, Sizes { inputs, units, learned_state }: Sizes) -> Vec<ParamSpec> {
        let mut specs = vec![
            ParamSpec::new("weight", &[inputs, 4 * units], Init::GlorotUniform),
            ParamSpec::new("recurrent", &[units, 4 * units], Init::Orthogonal { gain: 1.0 }),
            ParamSpec::new("input_bias", &[units], Init::Zeros),
            ParamSpec::new("forget_bias", &[units], Init::Constant(1.0)),
            ParamSpec::new("cell_bias", &[units], Init::Zeros),
            ParamSpec::new("output_bias", &[units], Init::Zeros),
        ];
        if learned_state {
            specs.push(ParamSpec::new("memory", &[units], Init::Zeros));
            specs.push(ParamSpec::new("state", &[units], Init::Zeros));
        }
        specs
    }

    fn packed_len(&self, sizes: Sizes) -> usize {
        let (w, u) = products(sizes);
        w.packed_len() + u.packed_len()
    }

    fn pack(&self, sizes: Sizes, params: &[f32], packed: &mut [f32], dx: bool) {
        let (w, u) = products(sizes);
        let (weight, rest) = params.split_at(w.len());
        let (w_packed, u_packed) = packed.split_at_mut(w.packed_len());
        w.pack(weight, w_packed, dx);
        u.pack(&rest[..u.len()], u_packed, true);
    }

    fn new_cache(&self, sizes: Sizes, steps: usize, max_batch: usize) -> LstmCache {
        let block = max_batch * sizes.units;
        LstmCache {
            gates: Aligned::zeros(steps * 4 * block),
            c: Aligned::zeros((steps + 1) * block),
            dc: Aligned::zeros(block),
        }
    }

    fn forward(&self, params: Params<'_>, sweep: &mut Sweep, cache: &mut LstmCache) {
        let (sizes, block) = (sweep.sizes(), sweep.block());
        let (w, u) = products(sizes);
        let (weight, rest) = params.values.split_at(w.len());
        let (recurrent, rest) = rest.split_at(u.len());
        let (bias, memory) = rest.split_at(w.outputs);
        let (w_packed, u_packed) = params.packed.split_at(w.packed_len());
        let LstmCache { gates, c, .. } = cache;
        let gates = &mut gates[..sweep.steps() * 4 * block];
        w.forward(weight, w_packed, sweep.inputs(), Onto::Bias(bias), gates);
        for c in c[..block].chunks_exact_mut(sizes.units) {
            match sizes.learned_state {
                true => c.copy_from_slice(&memory[..sizes.units]),
                false => c.fill(0.0),
            }
        }
        for (t, gates) in gates.chunks_exact_mut(4 * block).enumerate() {
            let step = sweep.step(t);
            u.forward(recurrent, u_packed, step.masked, Onto::Y, gates);
            let (before, after) = c[t * block..].split_at_mut(block);
            next(sizes.units, gates, before, &mut after[..block], step.after);
        }
    }

    fn backward(
        &self,
        params: Params<'_>,
        sweep: &mut Sweep,
        cache: &mut LstmCache,
        dparams: &mut [f32],
        dx: bool,
    ) {
        let (sizes, block) = (sweep.sizes(), sweep.block());
        let (w, u) = products(sizes);
        let (dw, rest) = dparams.split_at_mut(w.len());
        let (du, rest) = rest.split_at_mut(u.len());
        let (db, dmemory) = rest.split_at_mut(w.outputs);
        let (w_packed, u_packed) = params.packed.split_at(w.packed_len());
        let LstmCache { gates, c, dc } = cache;
        let (dz, dc) = (&mut gates[..sweep.steps() * 4 * block], &mut dc[..block]);
        dc.fill(0.0);
        for (t, dz) in dz.chunks_exact_mut(4 * block).enumerate().rev() {
            let [_, (_, dh)] = sweep.gradients(t);
            let (before, after) = c[t * block..].split_at(block);
            previous(sizes.units, dz, before, &after[..block], dh, dc);
            sweep.carry(t, |_, onto, dh| u.backward(u_packed, dz, onto, dh));
            if !sweep.carries(t) {
                dc.fill(0.0);
            }
        }
        w.add_gradient(sweep.inputs(), dz, dw);
        u.add_gradient(sweep.masked(), dz, du);
        add_rows(dz, db);
        if sizes.learned_state {
            add_rows(dc, &mut dmemory[..sizes.units]);
        }
        if dx {
            let (_, dx) = sweep.input_gradients();
            w.backward(w_packed, dz, Onto::Zeros, dx);
        }
    }
}

/// Computes the gates from their sums, the memory and the state.
fn next(units: usize, gates: &mut [f32], before: &[f32], after: &mut [f32], h: &mut [f32]) {
    let rows = gates.chunks_exact_mut(4 * units).zip(before.chunks_exact(units));
    let rows = rows.zip(after.chunks_exact_mut(units)).zip(h.chunks_exact_mut(units));
    arch().dispatch(
        #[inline(always)]
        || {
            for (((gates, before), after), h) in rows {
                let (i, rest) = gates.split_at_mut(units);
                let (f, rest) = rest.split_at_mut(units);
                let (g, o) = rest.split_at_mut(units);
                // The known length spares the loop its checks.
                let o = &mut o[..units];
                for j in 0..units {
                    i[j] = math::sigmoid(i[j]);
                    f[j] = math::sigmoid(f[j]);
                    g[j] = math::tanh(g[j]);
                    o[j] = math::sigmoid(o[j]);
                    after[j] = f[j].mul_add(before[j], i[j] * g[j]);
                    h[j] = o[j] * math::tanh(after[j]);
                }
            }
        },
    );
}

/// Computes the gradients of the sums in place of the gates, and that of the memory before the step in place of
/// the one after it.
fn previous(
    units: usize,
    gates: &mut [f32],
    before: &[f32],
    after: &[f32],
    dh: &[f32],
    dc: &mut [f32],
) {
    let rows = gates.chunks_exact_mut(4 * units).zip(before.chunks_exact(units));
    let rows = rows.zip(after.chunks_exact(units)).zip(dh.chunks_exact(units));
    let rows = rows.zip(dc.chunks_exact_mut(units));
    arch().dispatch(
        #[inline(always)]
        || {
            for ((((gates, before), after), dh), dc) in rows {
                let (i, rest) = gates.split_at_mut(units);
                let (f, rest) = rest.split_at_mut(units);
                let (g, o) = rest.split_at_mut(units);
                // The known length spares the loop its checks.
                let o = &mut o[..units];
                for j in 0..units {
                    let (ij, fj, gj, oj) = (i[j], f[j], g[j], o[j]);
                    let s = math::tanh(after[j]);
                    let d = (dh[j] * oj).mul_add(1.0 - s * s, dc[j]);
                    i[j] = d * gj * ij * (1.0 - ij);
                    f[j] = d * before[j] * fj * (1.0 - fj);
                    g[j] = d * ij * (1.0 - gj * gj);
                    o[j] = dh[j] * s * oj * (1.0 - oj);
                    dc[j] = d * fj;
                }
            }
        },
    );
}
