//! A recurrent layer in a model: both directions, the last step or all, padding and dropout.

use ndarray::{ArrayViewD, ArrayViewMutD};

use super::cell::Cell;
use super::order::Order;
use super::settings::{Direction, Recurrent};
use super::sizes::Sizes;
use super::sweep::Sweep;
use crate::kernels::{add_rows, flat, flat_mut};
use crate::layer::{Layer, Mismatch, Mode, ParamSpec, Params, Pass, Saved};

/// A sweep of each direction, with the cache of its cell.
type Sweeps<C> = Vec<(Sweep, <C as Cell>::Cache)>;

impl<C: Cell> Recurrent<C> {
    fn sizes(&self, input: &[usize]) -> Sizes {
        let Recurrent { units, learned_state, .. } = *self;
        Sizes { inputs: input[1], units, learned_state }
    }

    /// Width of the output.
    fn width(&self) -> usize {
        self.units * self.directions().len()
    }
}

impl<C: Cell> Layer for Recurrent<C> {
    type Cache = Sweeps<C>;

    fn name(&self) -> String {
        let name = self.cell.name(self.units);
        let mut settings = String::new();
        if self.every_step {
            settings += ", every step";
        }
        match self.direction {
            Direction::Forward => {}
            Direction::Reverse => settings += ", reverse",
            Direction::Both => settings += ", both directions",
        }
        if self.dropout > 0.0 {
            settings += &format!(", dropout {}", self.dropout);
        }
        if let Some(steps) = self.truncate {
            settings += &format!(", truncated to {steps} steps");
        }
        if self.learned_state {
            settings += ", learned state";
        }
        format!("{}{settings})", name.trim_end_matches(')'))
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        self.check()?;
        match input {
            [steps, _] if self.every_step => Ok(vec![*steps, self.width()]),
            [_, _] => Ok(vec![self.width()]),
            [_] => Err(Mismatch::new(
                "steps of features, of shape (steps, features)",
                "add `Embedding` before it for tokens, `Reshape` for steps of single numbers, or \
                 `.every_step()` to a recurrent layer before it",
            )),
            _ => Err(Mismatch::new(
                "steps of features, of shape (steps, features)",
                "add `Reshape` before it: the rows of an image are steps",
            )),
        }
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        let specs = self.cell.param_specs(self.sizes(input));
        let reverse =
            specs.iter().map(|spec| ParamSpec { name: reverse(spec.name), ..spec.clone() });
        match self.direction {
            Direction::Forward => specs,
            Direction::Reverse => reverse.collect(),
            Direction::Both => specs.iter().cloned().chain(reverse).collect(),
        }
    }

    fn packed_len(&self, input: &[usize]) -> usize {
        self.cell.packed_len(self.sizes(input)) * self.directions().len()
    }

    fn pack(&self, input: &[usize], params: &[f32], packed: &mut [f32], dx: bool) {
        let (sizes, count) = (self.sizes(input), self.directions().len());
        let params = params.chunks_exact(params.len() / count);
        let packed_len = packed.len() / count;
        for (params, packed) in params.zip(packed.chunks_exact_mut(packed_len)) {
            self.cell.pack(sizes, params, packed, dx);
        }
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> Sweeps<C> {
        let (sizes, steps) = (self.sizes(input), input[0]);
        let sweep = |_: &bool| {
            let sweep = Sweep::new(sizes, steps, max_batch, self.dropout > 0.0, self.truncate);
            (sweep, self.cell.new_cache(sizes, steps, max_batch))
        };
        self.directions().iter().map(sweep).collect()
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut Sweeps<C>,
        pass: Pass<'_>,
    ) {
        let (steps, count, width) = (x.shape()[1], self.directions().len(), self.width());
        let noise = match pass.mode {
            Mode::Train(noise) => Some(noise),
            Mode::Infer => None,
        };
        for (number, (sweep, cell)) in cache.iter_mut().enumerate() {
            let order = Order { steps, lengths: pass.lengths, reverse: self.directions()[number] };
            let params = part(params, number, count);
            let state = if self.learned_state { self.units } else { 0 };
            let state = &params.values[params.values.len() - state..];
            sweep.load(order, flat(&x), state);
            sweep.draw_masks(self.dropout, number as u64, noise);
            self.cell.forward(params, sweep, cell);
            sweep.write(order, self.every_step, number * self.units, width, flat_mut(&mut y));
        }
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, Sweeps<C>>,
        dy: ArrayViewMutD<'_, f32>,
        mut dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        let (steps, count, width) = (saved.x.shape()[1], self.directions().len(), self.width());
        if let Some(dx) = &mut dx {
            dx.fill(0.0);
        }
        let own = dparams.len() / count;
        for (number, (sweep, cell)) in saved.cache.iter_mut().enumerate() {
            let order = Order { steps, lengths: saved.lengths, reverse: self.directions()[number] };
            let dparams = &mut dparams[number * own..][..own];
            sweep.load_gradient(order, self.every_step, number * self.units, width, flat(&dy));
            self.cell.backward(part(params, number, count), sweep, cell, dparams, dx.is_some());
            if self.learned_state {
                add_rows(sweep.first_gradient(), &mut dparams[own - self.units..]);
            }
            if let Some(dx) = &mut dx {
                sweep.add_input_gradients(order, flat_mut(dx));
            }
        }
    }
}

/// Parameters of a direction.
fn part(params: Params<'_>, number: usize, count: usize) -> Params<'_> {
    let (values, packed) = (params.values.len() / count, params.packed.len() / count);
    Params {
        values: &params.values[number * values..][..values],
        packed: &params.packed[number * packed..][..packed],
    }
}

/// Name of a parameter in the reverse direction.
fn reverse(name: &'static str) -> &'static str {
    match name {
        "weight" => "reverse_weight",
        "recurrent" => "reverse_recurrent",
        "bias" => "reverse_bias",
        "recurrent_bias" => "reverse_recurrent_bias",
        "gate_weight" => "reverse_gate_weight",
        "gate_recurrent" => "reverse_gate_recurrent",
        "gate_bias" => "reverse_gate_bias",
        "input_bias" => "reverse_input_bias",
        "forget_bias" => "reverse_forget_bias",
        "cell_bias" => "reverse_cell_bias",
        "output_bias" => "reverse_output_bias",
        "memory" => "reverse_memory",
        "state" => "reverse_state",
        other => other,
    }
}
