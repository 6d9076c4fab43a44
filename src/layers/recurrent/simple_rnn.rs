//! The simple recurrent layer: each state is a dense layer's output, whose input is the step and the last state.
//!
//! The head of [this module](super) derives the backward pass. `tanh' = 1 - tanh²`, so it needs no more than the
//! states themselves.

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::settings::Recurrent;
use super::sizes::Sizes;
use super::sweep::Sweep;
use crate::init::Init;
use crate::kernels::{Onto, add_rows, math, simd::arch};
use crate::layer::{ParamSpec, Params};
use crate::layers::product::Product;

/// Simple recurrent layer, or Elman network.
///
/// ```text
/// hₜ₊₁ = tanh(xₜ·W + hₜ·U + b)
/// daₜ = dhₜ₊₁·(1 - hₜ₊₁²)         dhₜ = dyₜ₋₁ + daₜ·Uᵀ          dxₜ = daₜ·Wᵀ
/// dW = Σₜ xₜᵀ·daₜ                 dU = Σₜ hₜᵀ·daₜ                db = Σₜ daₜ
/// ```
///
/// - **Plain twin**: [`reference::simple_rnn`](crate::reference::simple_rnn()), to read first.
/// - **Input**: (steps, in).
/// - **Output**: (units), the last state; (steps, units) with [`Recurrent::every_step`]; twice as wide for both
///   [directions](Recurrent::direction).
/// - **Parameters**: of each direction `weight` (in, units), Glorot-uniform; `recurrent` (units, units),
///   orthogonal; `bias` (units), zeros; and `state` (units), zeros, with [`Recurrent::learned_state`]. Those of
///   the reverse direction begin with `reverse_`.
/// - **Errors**: inputs of another shape than (steps, features); no units; a dropout rate outside 0..1; a gradient
///   that stops at every 0 steps.
/// - **Source**: J. Elman, "Finding structure in time", Cognitive Science 14, 1990. Keras's `SimpleRNN` has the
///   same arrays; PyTorch's `RNN` has W and U transposed, and two biases that are added up.
///
/// ```
/// use chainrule::prelude::*;
///
/// let model = Sequential::new([28, 10]).add(SimpleRnn::new(16))?.add(Dense::new(2))?;
/// assert_eq!(model.param_count(), (10 + 16 + 1) * 16 + 17 * 2);
/// # Ok::<(), chainrule::Error>(())
/// ```
pub type SimpleRnn = Recurrent<RnnCell>;

/// Cell of a [`SimpleRnn`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RnnCell {
    relu: bool,
}

impl SimpleRnn {
    /// Creates a layer with this number of units, and tanh.
    pub fn new(units: usize) -> Self {
        Recurrent::of(RnnCell { relu: false }, units)
    }

    /// Takes ReLU in place of tanh.
    ///
    /// Source: Q. Le, N. Jaitly, G. Hinton, "A simple way to initialize recurrent networks of rectified linear
    /// units", 2015.
    #[must_use]
    pub fn relu(self) -> Self {
        Recurrent { cell: RnnCell { relu: true }, ..self }
    }
}

/// W and U.
fn products(Sizes { inputs, units, .. }: Sizes) -> (Product, Product) {
    (Product { inputs, outputs: units }, Product { inputs: units, outputs: units })
}

impl Cell for RnnCell {
    type Cache = ();

    fn name(&self, units: usize) -> String {
        format!("SimpleRnn({units}{})", if self.relu { ", ReLU" } else { "" })
    }

    fn param_specs(&self, Sizes { inputs, units, learned_state }: Sizes) -> Vec<ParamSpec> {
        let mut specs = vec![
            ParamSpec::new("weight", &[inputs, units], Init::GlorotUniform),
            ParamSpec::new("recurrent", &[units, units], Init::Orthogonal { gain: 1.0 }),
            ParamSpec::new("bias", &[units], Init::Zeros),
        ];
        specs.extend(learned_state.then(|| ParamSpec::new("state", &[units], Init::Zeros)));
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

    fn new_cache(&self, _sizes: Sizes, _steps: usize, _max_batch: usize) {}

    fn forward(&self, params: Params<'_>, sweep: &mut Sweep, _cache: &mut ()) {
        let (w, u) = products(sweep.sizes());
        let (weight, rest) = params.values.split_at(w.len());
        let (recurrent, rest) = rest.split_at(u.len());
        let (w_packed, u_packed) = params.packed.split_at(w.packed_len());
        let (x, a) = sweep.inputs_and_states();
        w.forward(weight, w_packed, x, Onto::Bias(&rest[..w.outputs]), a);
        for t in 0..sweep.steps() {
            let step = sweep.step(t);
            u.forward(recurrent, u_packed, step.masked, Onto::Y, step.after);
            self.activate(step.after);
        }
    }

    fn backward(
        &self,
        params: Params<'_>,
        sweep: &mut Sweep,
        _cache: &mut (),
        dparams: &mut [f32],
        dx: bool,
    ) {
        let (w, u) = products(sweep.sizes());
        let (dw, rest) = dparams.split_at_mut(w.len());
        let (du, rest) = rest.split_at_mut(u.len());
        let (w_packed, u_packed) = params.packed.split_at(w.packed_len());
        for t in (0..sweep.steps()).rev() {
            let [_, (h, dh)] = sweep.gradients(t);
            self.derive(h, dh);
            sweep.carry(t, |da, onto, dh| u.backward(u_packed, da, onto, dh));
        }
        // In place of the gradients of the states, there are those of their sums now.
        let da = sweep.state_gradients();
        w.add_gradient(sweep.inputs(), da, dw);
        u.add_gradient(sweep.masked(), da, du);
        add_rows(da, &mut rest[..w.outputs]);
        if dx {
            let (da, dx) = sweep.input_gradients();
            w.backward(w_packed, da, Onto::Zeros, dx);
        }
    }
}

impl RnnCell {
    /// `h = f(a)`, in place.
    fn activate(&self, h: &mut [f32]) {
        let relu = self.relu;
        arch().dispatch(
            #[inline(always)]
            || {
                for h in h {
                    *h = match relu {
                        true if *h < 0.0 => 0.0,
                        true => *h,
                        false => math::tanh(*h),
                    };
                }
            },
        );
    }

    /// `da = dh·f'(a)`, in place.
    fn derive(&self, h: &[f32], dh: &mut [f32]) {
        let relu = self.relu;
        arch().dispatch(
            #[inline(always)]
            || {
                for (dh, &h) in dh.iter_mut().zip(h) {
                    let slope = if relu { f32::from(u8::from(h > 0.0)) } else { 1.0 - h * h };
                    *dh *= slope;
                }
            },
        );
    }
}
