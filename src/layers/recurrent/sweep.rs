//! The steps of a shard in the order in which they are computed.
//!
//! In memory, the steps of a sample lie together. A sweep wants the samples of a step together, for one product
//! with the recurrent weights: so the inputs are copied from (n, steps, ..) to (steps, n, ..), and the states and
//! the gradients back. Block `t` of an array here holds step `t` of all samples. The states have a block more: block
//! `t` is the state before step `t`.

use super::order::Order;
use super::sizes::Sizes;
use crate::kernels::aligned::Aligned;
use crate::kernels::{Onto, simd::arch};
use crate::layer::Noise;
use crate::layers::dropout::draw_mask;

/// Inputs and states of one direction, and their gradients.
#[derive(Debug)]
pub struct Sweep {
    sizes: Sizes,
    /// Number of steps of the longest sequence of the shard.
    steps: usize,
    /// Number of samples of the shard.
    batch: usize,
    truncate: Option<usize>,
    /// Mask of each sample, and the states that it was put on; both empty without dropout.
    mask: Aligned,
    masked: Aligned,
    /// `true` if this pass has dropout.
    drops: bool,
    x: Aligned,
    h: Aligned,
    dh: Aligned,
    dx: Aligned,
    /// Gradient of a masked state.
    scratch: Aligned,
}

/// States of a step.
pub(super) struct Step<'a> {
    /// State before the step.
    pub before: &'a [f32],
    /// The same after dropout, which the recurrent weights multiply.
    pub masked: &'a [f32],
    /// State after the step, to be written.
    pub after: &'a mut [f32],
}

impl Sweep {
    pub(super) fn new(
        sizes: Sizes,
        steps: usize,
        max_batch: usize,
        dropout: bool,
        truncate: Option<usize>,
    ) -> Self {
        let (block, masks) = (max_batch * sizes.units, usize::from(dropout));
        Sweep {
            sizes,
            steps,
            batch: 0,
            truncate,
            mask: Aligned::zeros(masks * block),
            masked: Aligned::zeros(masks * steps * block),
            drops: false,
            x: Aligned::zeros(steps * max_batch * sizes.inputs),
            h: Aligned::zeros((steps + 1) * block),
            dh: Aligned::zeros((steps + 1) * block),
            dx: Aligned::zeros(steps * max_batch * sizes.inputs),
            scratch: Aligned::zeros(masks * block),
        }
    }

    pub(super) fn sizes(&self) -> Sizes {
        self.sizes
    }

    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// Number of rows of all steps.
    pub(super) fn rows(&self) -> usize {
        self.steps * self.batch
    }

    /// Length of a block of states.
    pub(super) fn block(&self) -> usize {
        self.batch * self.sizes.units
    }

    // ----- Forward -----

    /// Reads the inputs (n, steps, inputs), and sets the first state; an empty one is 0.
    pub(super) fn load(&mut self, order: Order<'_>, x: &[f32], state: &[f32]) {
        let width = self.sizes.inputs;
        self.batch = x.len() / (order.steps * width);
        self.steps = order.longest(self.batch);
        let size = (self.batch, self.steps, width);
        order.gather(size, &mut self.x, |row| &x[row * width..]);
        let block = self.block();
        match state {
            [] => self.h[..block].fill(0.0),
            _ => {
                self.h[..block].chunks_exact_mut(state.len()).for_each(|h| h.copy_from_slice(state))
            }
        }
    }

    /// Draws the masks of the dropout; without noise, nothing is dropped.
    pub(super) fn draw_masks(&mut self, rate: f32, direction: u64, noise: Option<Noise>) {
        self.drops = rate > 0.0 && noise.is_some();
        let Some(noise) = noise.filter(|_| self.drops) else { return };
        let masks = self.mask.chunks_exact_mut(self.sizes.units).take(self.batch);
        for (sample, mask) in masks.enumerate() {
            let key = noise.sample(sample).fold(direction);
            arch().dispatch(
                #[inline(always)]
                || draw_mask(rate, key, mask),
            );
        }
    }

    /// Inputs of all steps.
    pub(super) fn inputs(&self) -> &[f32] {
        &self.x[..self.rows() * self.sizes.inputs]
    }

    /// Inputs of all steps, and the states after them, to be written.
    pub(super) fn inputs_and_states(&mut self) -> (&[f32], &mut [f32]) {
        let (block, rows) = (self.block(), self.rows());
        let states = &mut self.h[block..(self.steps + 1) * block];
        (&self.x[..rows * self.sizes.inputs], states)
    }

    /// States of step `t`, with dropout on the one before it.
    pub(super) fn step(&mut self, t: usize) -> Step<'_> {
        let block = self.block();
        let (before, after) = self.h.split_at_mut((t + 1) * block);
        let before = &before[t * block..];
        let masked = if self.drops {
            let masked = &mut self.masked[t * block..(t + 1) * block];
            multiply(before, &self.mask, masked);
            masked
        } else {
            before
        };
        Step { before, masked, after: &mut after[..block] }
    }

    /// Writes the states to the columns from `column` on of the rows of `y`: (n, steps, width) for every step, or
    /// (n, width) for the last.
    pub(super) fn write(
        &self,
        order: Order<'_>,
        every: bool,
        column: usize,
        width: usize,
        y: &mut [f32],
    ) {
        let (units, block) = (self.sizes.units, self.block());
        let state = |block_number: usize, sample: usize| {
            &self.h[block_number * block + sample * units..][..units]
        };
        for sample in 0..self.batch {
            if !every {
                let last = state(order.length(sample), sample);
                y[sample * width + column..][..units].copy_from_slice(last);
                continue;
            }
            for t in 0..order.steps {
                let place = order.place(sample, t);
                let row = sample * order.steps + place.unwrap_or(t);
                let y = &mut y[row * width + column..][..units];
                match place {
                    Some(_) => y.copy_from_slice(state(t + 1, sample)),
                    None => y.fill(0.0),
                }
            }
        }
    }

    // ----- Backward -----

    /// Reads the gradients of the states, from where [`Sweep::write`] wrote these.
    pub(super) fn load_gradient(
        &mut self,
        order: Order<'_>,
        every: bool,
        column: usize,
        width: usize,
        dy: &[f32],
    ) {
        let (units, block) = (self.sizes.units, self.block());
        if every {
            self.dh[..block].fill(0.0);
            let size = (self.batch, self.steps, units);
            order.gather(size, &mut self.dh[block..], |row| &dy[row * width + column..]);
            return;
        }
        self.dh[..(self.steps + 1) * block].fill(0.0);
        for (sample, dy) in dy.chunks_exact(width).enumerate() {
            let at = order.length(sample) * block + sample * units;
            self.dh[at..][..units].copy_from_slice(&dy[column..][..units]);
        }
    }

    /// States that the recurrent weights multiplied, of all steps.
    pub(super) fn masked(&self) -> &[f32] {
        let all = self.steps * self.block();
        if self.drops { &self.masked[..all] } else { &self.h[..all] }
    }

    /// The state before step `t`, as the recurrent weights multiplied it.
    pub(super) fn masked_before(&self, t: usize) -> &[f32] {
        &self.masked()[t * self.block()..][..self.block()]
    }

    /// States before and after step `t`, and their gradients: of the one before it, what is known so far.
    pub(super) fn gradients(&mut self, t: usize) -> [(&[f32], &mut [f32]); 2] {
        let block = self.block();
        let (before, after) = self.dh.split_at_mut((t + 1) * block);
        let h = &self.h[t * block..];
        [(&h[..block], &mut before[t * block..]), (&h[block..2 * block], &mut after[..block])]
    }

    /// `true` if the gradient goes from step `t` on to the state before it.
    pub(super) fn carries(&self, t: usize) -> bool {
        t == 0 || self.truncate.is_none_or(|steps| !t.is_multiple_of(steps))
    }

    /// Adds to the gradient of the state before step `t`. `product` computes what comes by way of the recurrent
    /// weights: from the gradient of the state after the step, onto some numbers, to a place.
    pub(super) fn carry(&mut self, t: usize, product: impl FnOnce(&[f32], Onto<'_>, &mut [f32])) {
        if !self.carries(t) {
            return;
        }
        let block = self.block();
        let (before, after) = self.dh.split_at_mut((t + 1) * block);
        let (before, after) = (&mut before[t * block..], &after[..block]);
        if !self.drops {
            return product(after, Onto::Y, before);
        }
        let scratch = &mut self.scratch[..block];
        product(after, Onto::Zeros, scratch);
        let mask = &self.mask[..block];
        arch().dispatch(
            #[inline(always)]
            || {
                for ((before, scratch), mask) in before.iter_mut().zip(&*scratch).zip(mask) {
                    *before = scratch.mul_add(*mask, *before);
                }
            },
        );
    }

    /// Gradients of the states after all steps.
    pub(super) fn state_gradients(&self) -> &[f32] {
        let block = self.block();
        &self.dh[block..(self.steps + 1) * block]
    }

    /// Gradient of the first state.
    pub(super) fn first_gradient(&self) -> &[f32] {
        &self.dh[..self.block()]
    }

    /// Gradients of the states after all steps, and those of the inputs, to be written.
    pub(super) fn input_gradients(&mut self) -> (&[f32], &mut [f32]) {
        let (block, rows) = (self.block(), self.rows());
        let gradients = &self.dh[block..(self.steps + 1) * block];
        (gradients, &mut self.dx[..rows * self.sizes.inputs])
    }

    /// Adds the gradients of the inputs to `dx` (n, steps, inputs).
    pub(super) fn add_input_gradients(&self, order: Order<'_>, dx: &mut [f32]) {
        let width = self.sizes.inputs;
        for sample in 0..self.batch {
            for t in 0..self.steps {
                let Some(place) = order.place(sample, t) else { continue };
                let from = &self.dx[(t * self.batch + sample) * width..][..width];
                let to = &mut dx[(sample * order.steps + place) * width..][..width];
                to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
            }
        }
    }
}

/// `y = x·mask`
fn multiply(x: &[f32], mask: &[f32], y: &mut [f32]) {
    arch().dispatch(
        #[inline(always)]
        || {
            for ((y, x), mask) in y.iter_mut().zip(x).zip(mask) {
                *y = x * mask;
            }
        },
    );
}
