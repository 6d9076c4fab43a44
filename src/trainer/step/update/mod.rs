//! Second half of a step: from partial gradients to better parameters.
//!
//! ```text
//! sum of the partial gradients / weight + penalties → clipping → optimizer → largest norms
//! ```

mod max_norm;
mod norms;
mod pass;
mod segments;

use super::gradient::partial::Partials;
use crate::optim::{Clip, Limit, Optimizer, ParamGroup, Step};
use crate::sequential::Sequential;
use max_norm::MaxNorm;
use norms::Norms;
use pass::ParamPass;
use segments::{Segment, segments, trained};

/// State of the optimizer from step to step, and scratch buffers.
pub(super) struct Updater {
    state: OptimizerState,
    segments: Vec<Segment>,
    /// Limit to the magnitude, if the gradient is clipped by value.
    largest: Option<f32>,
    norms: Option<(Limit, Norms)>,
    max_norms: Vec<MaxNorm>,
}

/// State that an optimizer carries from step to step, as a checkpoint holds it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct OptimizerState {
    /// One vector for each moment in use, as long as the parameters; empty ones for the others.
    pub moments: [Vec<f32>; 3],
    /// Number of steps so far.
    pub steps: u64,
    /// The number that [`Optimizer::remember`] returned last.
    pub memory: f64,
}

impl Updater {
    pub fn new(
        model: &Sequential,
        optimizer: &dyn Optimizer,
        groups: &[ParamGroup],
        clip: Option<Clip>,
    ) -> Self {
        let (params, moments) = (model.param_count(), optimizer.moments());
        let arrays = trained(model, groups);
        let limit = clip.map(|clip| clip.0);
        let segments = segments(&arrays, !matches!(limit, Some(Limit::Norm(_))));
        let (largest, norms) = match limit {
            None => (None, None),
            Some(Limit::Value(largest)) => (Some(largest), None),
            Some(limit) => (None, Some((limit, Norms::new(&segments)))),
        };
        let moments = [0, 1, 2].map(|i| vec![0.0; if i < moments { params } else { 0 }]);
        Updater {
            state: OptimizerState { moments, steps: 0, memory: 1.0 },
            segments,
            largest,
            norms,
            max_norms: arrays.iter().filter_map(MaxNorm::new).collect(),
        }
    }

    /// The state of the optimizer.
    pub fn state(&self) -> &OptimizerState {
        &self.state
    }

    /// Restores the state of the optimizer from a checkpoint.
    pub fn restore(&mut self, state: OptimizerState) {
        self.state = state;
    }

    /// Steps along the sum of the partial gradients times `scale`, and leaves it in the first.
    pub fn step(
        &mut self,
        optimizer: &dyn Optimizer,
        lr: f32,
        params: &mut [f32],
        partials: &mut Partials,
        scale: f32,
    ) {
        let Some((first, others)) = partials.first_and_others() else { return };
        let OptimizerState { moments: [m, v, u], steps, memory } = &mut self.state;
        *steps += 1;
        *memory = optimizer.remember(*steps, *memory);
        let at = Step { memory: *memory, ..Step::new(*steps, lr) };
        let (largest, number) = (self.largest, first.first);
        let sum = &mut *first.gradient;
        let mut run = |segments: &[Segment], sums, steps, sum: &mut [f32]| {
            let pass =
                ParamPass { segments, others, scale, sums, steps, largest, optimizer, at, number };
            pass.run(0, params, sum, [m, v, u]);
        };
        match &mut self.norms {
            None => run(&self.segments, true, true, sum),
            Some((limit, norms)) => {
                run(&self.segments, true, false, sum);
                norms.limit(*limit, sum, &mut self.segments);
                run(&self.segments, false, true, sum);
            }
        }
        for max_norm in &mut self.max_norms {
            max_norm.apply(params);
        }
    }
}
