//! Gated recurrent unit: the new state is a mean of the old one and a candidate, with the weights z and 1 - z.
//!
//! The candidate is a simple recurrent step whose old state the gate r may hide. There are two definitions, which
//! differ in whether r comes before the recurrent weights or after them. After them, the products with all three
//! recurrent matrices are one step of reading the old state.
//!
//! With `v = hₜ·V + c` and `n = tanh(a + r·v)`, the mean `hₜ₊₁ = n + z·(hₜ - n)` sends `dh·(1 - z)` to n, `dh·(hₜ - n)`
//! to z and `dh·z` directly to hₜ. What comes to `a + r·v`, `dn`, goes as `dn·v` to r, and as `dn·r` through V to hₜ.

mod arrays;
mod rows;

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::settings::Recurrent;
use super::sizes::Sizes;
use super::sweep::Sweep;
use crate::init::Init;
use crate::kernels::aligned::Aligned;
use crate::kernels::{Onto, add, add_rows, math, simd::arch};
use crate::layer::{ParamSpec, Params};
use arrays::{Products, lens, split, split_mut};
use rows::Rows;

/// Gated recurrent unit, GRU.
///
/// ```text
/// [r z] = σ(xₜ·W + hₜ·U + b)
/// n = tanh(xₜ·Wₙ + bₙ + r·v)    v = hₜ·V + c           hₜ₊₁ = n + z·(hₜ - n)
///
/// dn  = dhₜ₊₁·(1 - z)·(1 - n²)                          dv = dn·r
/// d[r z] = [dn·v·r·(1 - r)   dhₜ₊₁·(hₜ - n)·z·(1 - z)]
/// dhₜ = dyₜ₋₁ + dhₜ₊₁·z + d[r z]·Uᵀ + dv·Vᵀ              dxₜ = d[r z]·Wᵀ + dn·Wₙᵀ
/// dW = Σₜ xₜᵀ·d[r z]    dU = Σₜ hₜᵀ·d[r z]    db = Σₜ d[r z]
/// dWₙ = Σₜ xₜᵀ·dn       dV = Σₜ hₜᵀ·dv        dbₙ = Σₜ dn       dc = Σₜ dv
/// ```
///
/// With [`Gru::reset_before`], the gate r comes before the product: `v = (r·hₜ)·V`, without c, and
/// `n = tanh(xₜ·Wₙ + bₙ + v)`.
///
/// - **Plain twin**: [`reference::gru`](crate::reference::gru()), to read first.
/// - **Input**: (steps, in).
/// - **Output**: (units), the last state; (steps, units) with [`Recurrent::every_step`]; twice as wide for both
///   [directions](Recurrent::direction).
/// - **Parameters**: of each direction, for the gates r and z, `gate_weight` (in, 2·units), `gate_recurrent`
///   (units, 2·units) and `gate_bias` (2·units); for the candidate `weight` (in, units), `recurrent` (units,
///   units), `bias` (units) and, unless r comes before, `recurrent_bias` (units); with
///   [`Recurrent::learned_state`] also `state` (units). Weights are Glorot-uniform, recurrent ones orthogonal, all
///   else zeros. Those of the reverse direction begin with `reverse_`.
/// - **Errors**: as those of [`SimpleRnn`](super::SimpleRnn).
/// - **Source**: K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine
///   translation", EMNLP 2014, with r before the product. Keras's and PyTorch's `GRU` have it after by default, as
///   here. Their arrays hold all three parts side by side, in the order z, r, n (Keras, ONNX) or r, z, n (PyTorch,
///   transposed); PyTorch's has a second bias for r and z, which is added to the first.
///
/// ```
/// use chainrule::prelude::*;
///
/// let model = Sequential::new([28, 10]).add(Gru::new(16))?.add(Dense::new(2))?;
/// assert_eq!(model.param_count(), (10 + 16 + 1) * 3 * 16 + 16 + 17 * 2);
/// # Ok::<(), chainrule::Error>(())
/// ```
pub type Gru = Recurrent<GruCell>;

/// Cell of a [`Gru`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GruCell {
    reset_before: bool,
}

impl Gru {
    /// Creates a layer with this number of units, whose gate r comes after the product.
    pub fn new(units: usize) -> Self {
        Recurrent::of(GruCell { reset_before: false }, units)
    }

    /// Puts the gate r before the product, as in the paper, in Keras with `reset_after=False` and in ONNX by
    /// default.
    #[must_use]
    pub fn reset_before(self) -> Self {
        Recurrent { cell: GruCell { reset_before: true }, ..self }
    }
}

/// Values of a GRU between its passes; each of all steps.
#[derive(Debug)]
pub struct GruCache {
    /// r and z side by side; then the gradients of their sums.
    gates: Aligned,
    /// n; then the gradient of its sum.
    candidate: Aligned,
    /// v, or r·h where r comes before the product; v gives way to its gradient.
    read: Aligned,
    /// Gradient of r·h.
    scratch: Aligned,
}

impl Cell for GruCell {
    type Cache = GruCache;

    fn name(&self, units: usize) -> String {
        format!("Gru({units}{})", if self.reset_before { ", reset before" } else { "" })
    }

    fn param_specs(&self, Sizes { inputs, units, learned_state }: Sizes) -> Vec<ParamSpec> {
        let orthogonal = Init::Orthogonal { gain: 1.0 };
        let mut specs = vec![
            ParamSpec::new("gate_weight", &[inputs, 2 * units], Init::GlorotUniform),
            ParamSpec::new("gate_recurrent", &[units, 2 * units], orthogonal),
            ParamSpec::new("gate_bias", &[2 * units], Init::Zeros),
            ParamSpec::new("weight", &[inputs, units], Init::GlorotUniform),
            ParamSpec::new("recurrent", &[units, units], orthogonal),
            ParamSpec::new("bias", &[units], Init::Zeros),
        ];
        if !self.reset_before {
            specs.push(ParamSpec::new("recurrent_bias", &[units], Init::Zeros));
        }
        specs.extend(learned_state.then(|| ParamSpec::new("state", &[units], Init::Zeros)));
        specs
    }

    fn packed_len(&self, sizes: Sizes) -> usize {
        let Products { w, u, wn, v } = Products::new(sizes);
        w.packed_len() + u.packed_len() + wn.packed_len() + v.packed_len()
    }

    fn pack(&self, sizes: Sizes, params: &[f32], packed: &mut [f32], dx: bool) {
        let p = Products::new(sizes);
        let [weight, recurrent, _, weight_n, recurrent_n, ..] =
            split(params, lens(&p, self.reset_before));
        let (w, rest) = packed.split_at_mut(p.w.packed_len());
        let (u, rest) = rest.split_at_mut(p.u.packed_len());
        let (wn, v) = rest.split_at_mut(p.wn.packed_len());
        p.w.pack(weight, w, dx);
        p.u.pack(recurrent, u, true);
        p.wn.pack(weight_n, wn, dx);
        p.v.pack(recurrent_n, v, true);
    }

    fn new_cache(&self, sizes: Sizes, steps: usize, max_batch: usize) -> GruCache {
        let block = max_batch * sizes.units;
        GruCache {
            gates: Aligned::zeros(steps * 2 * block),
            candidate: Aligned::zeros(steps * block),
            read: Aligned::zeros(steps * block),
            scratch: Aligned::zeros(block),
        }
    }

    fn forward(&self, params: Params<'_>, sweep: &mut Sweep, cache: &mut GruCache) {
        let (p, block) = (Products::new(sweep.sizes()), sweep.block());
        let [weight, recurrent, bias, weight_n, recurrent_n, bias_n, bias_v] =
            split(params.values, lens(&p, self.reset_before));
        let [w, u, wn, v] = p.packed(params.packed);
        let all = sweep.steps() * block;
        let (gates, candidate) = (&mut cache.gates[..2 * all], &mut cache.candidate[..all]);
        p.w.forward(weight, w, sweep.inputs(), Onto::Bias(bias), gates);
        p.wn.forward(weight_n, wn, sweep.inputs(), Onto::Bias(bias_n), candidate);
        let read = cache.read[..all].chunks_exact_mut(block);
        let steps = gates.chunks_exact_mut(2 * block).zip(candidate.chunks_exact_mut(block));
        for (t, ((gates, n), read)) in steps.zip(read).enumerate() {
            let step = sweep.step(t);
            p.u.forward(recurrent, u, step.masked, Onto::Y, gates);
            arch().dispatch(
                #[inline(always)]
                || gates.iter_mut().for_each(|gate| *gate = math::sigmoid(*gate)),
            );
            let mut rows = Rows { units: p.v.outputs, gates, n };
            if self.reset_before {
                rows.hide(step.masked, read);
                p.v.forward(recurrent_n, v, read, Onto::Y, rows.n);
                rows.next(None, step.before, step.after);
            } else {
                p.v.forward(recurrent_n, v, step.masked, Onto::Bias(bias_v), read);
                rows.next(Some(read), step.before, step.after);
            }
        }
    }

    fn backward(
        &self,
        params: Params<'_>,
        sweep: &mut Sweep,
        cache: &mut GruCache,
        dparams: &mut [f32],
        dx: bool,
    ) {
        let (p, block, units) = (Products::new(sweep.sizes()), sweep.block(), sweep.sizes().units);
        let [w, u, wn, v] = p.packed(params.packed);
        let all = sweep.steps() * block;
        let GruCache { gates, candidate, read, scratch } = cache;
        let (gates, candidate) = (&mut gates[..2 * all], &mut candidate[..all]);
        let (read, scratch) = (&mut read[..all], &mut scratch[..block]);
        for t in (0..sweep.steps()).rev() {
            let mut rows = Rows {
                units,
                gates: &mut gates[2 * t * block..][..2 * block],
                n: &mut candidate[t * block..][..block],
            };
            let read = &mut read[t * block..][..block];
            let carries = sweep.carries(t);
            let [(h, before), (_, after)] = sweep.gradients(t);
            if self.reset_before {
                rows.previous(None, h, after, carries.then_some(before));
                p.v.backward(v, rows.n, Onto::Zeros, scratch);
                rows.unhide(sweep.masked_before(t), scratch);
                sweep.carry(t, |_, onto, dh| {
                    p.u.backward(u, rows.gates, onto, dh);
                    add(scratch, dh);
                });
            } else {
                rows.previous(Some(read), h, after, carries.then_some(before));
                sweep.carry(t, |_, onto, dh| {
                    p.u.backward(u, rows.gates, onto, dh);
                    p.v.backward(v, read, Onto::Y, dh);
                });
            }
        }
        let [dw, du, db, dwn, dv, dbn, dc, ..] = split_mut(dparams, lens(&p, self.reset_before));
        p.w.add_gradient(sweep.inputs(), gates, dw);
        p.u.add_gradient(sweep.masked(), gates, du);
        add_rows(gates, db);
        p.wn.add_gradient(sweep.inputs(), candidate, dwn);
        add_rows(candidate, dbn);
        if self.reset_before {
            p.v.add_gradient(read, candidate, dv);
        } else {
            p.v.add_gradient(sweep.masked(), read, dv);
            add_rows(read, dc);
        }
        if dx {
            let (_, dx) = sweep.input_gradients();
            p.w.backward(w, gates, Onto::Zeros, dx);
            p.wn.backward(wn, candidate, Onto::Y, dx);
        }
    }
}
