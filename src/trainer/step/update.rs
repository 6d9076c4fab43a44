//! The end of a step: from the groups' gradients to better parameters.
//!
//! ```text
//! sum of the gradients + penalties → clipping → optimizer → largest norms
//! ```

use super::Group;
use super::max_norm::MaxNorm;
use super::norms::Norms;
use super::pass::Pass;
use super::segments::{Segment, segments, trained};
use crate::kernels::simd::arch;
use crate::optim::{Clip, Limit, Optimizer, ParamGroup, Step};
use crate::sequential::Sequential;

/// How a run changes parameters.
pub(crate) struct Rules<'a> {
    pub optimizer: &'a dyn Optimizer,
    pub groups: &'a [ParamGroup],
    pub clip: Option<Clip>,
}

/// What one step needs of those before, and room to work in.
pub(super) struct Updater {
    /// The optimizer's moments, how many steps it has made, and the number that it remembers.
    moments: [Vec<f32>; 3],
    steps: u64,
    memory: f64,
    segments: Vec<Segment>,
    /// The largest magnitude, if the gradient is clipped by value.
    largest: Option<f32>,
    norms: Option<(Limit, Norms)>,
    max_norms: Vec<MaxNorm>,
}

impl Updater {
    pub fn new(model: &Sequential, rules: &Rules<'_>) -> Self {
        let (params, moments) = (model.param_count(), rules.optimizer.moments());
        let arrays = trained(model, rules.groups);
        let limit = rules.clip.map(|clip| clip.0);
        let segments = segments(&arrays, !matches!(limit, Some(Limit::Norm(_))));
        let (largest, norms) = match limit {
            None => (None, None),
            Some(Limit::Value(largest)) => (Some(largest), None),
            Some(limit) => (None, Some((limit, Norms::new(&segments)))),
        };
        Updater {
            moments: [0, 1, 2].map(|i| vec![0.0; if i < moments { params } else { 0 }]),
            steps: 0,
            memory: 1.0,
            segments,
            largest,
            norms,
            max_norms: arrays.iter().filter_map(MaxNorm::new).collect(),
        }
    }

    pub fn remembered(&self) -> (&[Vec<f32>; 3], u64, f64) {
        (&self.moments, self.steps, self.memory)
    }

    pub fn remember(&mut self, moments: [Vec<f32>; 3], steps: u64, memory: f64) {
        (self.moments, self.steps, self.memory) = (moments, steps, memory);
    }

    /// Steps along the sum of the gradients, which is left in the first.
    pub fn step(
        &mut self,
        optimizer: &dyn Optimizer,
        lr: f32,
        params: &mut [f32],
        groups: &mut [Group],
    ) {
        let Some((sum, others)) = groups.split_first_mut() else { return };
        self.steps += 1;
        self.memory = optimizer.remember(self.steps, self.memory);
        let at = Step { memory: self.memory, ..Step::new(self.steps, lr) };
        let largest = self.largest;
        let mut run = |segments: &[Segment], sums, steps, sum: &mut [f32]| {
            let [m, v, u] = &mut self.moments;
            let pass = Pass { segments, sums, steps, largest, optimizer, at };
            pass.run(0, params, sum, others, [m, v, u]);
        };
        match &mut self.norms {
            None => run(&self.segments, true, true, &mut sum.gradient),
            Some((limit, norms)) => {
                run(&self.segments, true, false, &mut sum.gradient);
                norms.limit(*limit, &sum.gradient, &mut self.segments);
                run(&self.segments, false, true, &mut sum.gradient);
            }
        }
        for max_norm in &mut self.max_norms {
            max_norm.apply(params);
        }
    }
}

/// The largest magnitude in a vector; infinite if one of its numbers is not a number.
pub(super) fn largest(values: &[f32]) -> f32 {
    // Without its sign, a float orders as its bits do, and NaN comes above infinity.
    let magnitude = |value: &f32| value.to_bits() & (u32::MAX >> 1);
    let bits = arch().dispatch(
        #[inline(always)]
        || values.iter().fold(0, |most, value| most.max(magnitude(value))),
    );
    f32::from_bits(bits.min(f32::INFINITY.to_bits()))
}

#[cfg(test)]
mod tests {
    use super::largest;

    #[test]
    fn the_largest_magnitude_is_found_and_nan_counts_as_infinite() {
        assert_eq!(largest(&[]), 0.0);
        assert_eq!(largest(&[1.0, -3.0, 2.0]), 3.0);
        assert_eq!(largest(&[1.0, f32::NEG_INFINITY]), f32::INFINITY);
        assert_eq!(largest(&[0.0, -f32::NAN, 1.0]), f32::INFINITY);
    }
}
