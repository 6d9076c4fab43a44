//! The end of a step: long vectors, cut in halves until a piece suits one thread.

use super::Group;
use crate::optim::{Moments, Optimizer};

/// A piece that one thread does at once: large enough to be worth handing over.
const PIECE: usize = 16 * 1024;

/// Adds the gradients of `others`, from number `start` on, to `sum` in their order; tells whether
/// all of it is finite.
pub(super) fn add_groups(sum: &mut [f32], others: &[Group], start: usize) -> bool {
    let len = sum.len();
    if len > PIECE {
        let (first, second) = sum.split_at_mut(len / 2);
        let (a, b) = rayon::join(
            || add_groups(first, others, start),
            || add_groups(second, others, start + len / 2),
        );
        return a && b;
    }
    for group in others {
        for (sum, g) in sum.iter_mut().zip(&group.gradient[start..start + len]) {
            *sum += g;
        }
    }
    // 0·x is 0, or NaN for a NaN or an infinity, and NaN stays in a sum.
    sum.iter().map(|g| 0.0 * g).sum::<f32>() == 0.0
}

/// One step of the optimizer.
pub(super) struct Step<'a> {
    pub optimizer: &'a dyn Optimizer,
    pub t: u64,
    pub lr: f32,
}

impl Step<'_> {
    pub fn run(&self, params: &mut [f32], gradient: &[f32], [m, v]: Moments<'_>) {
        let len = params.len();
        if len <= PIECE {
            return self.optimizer.step(self.t, self.lr, params, gradient, [m, v]);
        }
        let middle = len / 2;
        let (params, params_end) = params.split_at_mut(middle);
        let (gradient, gradient_end) = gradient.split_at(middle);
        let (m, m_end) = m.split_at_mut(middle.min(m.len()));
        let (v, v_end) = v.split_at_mut(middle.min(v.len()));
        rayon::join(
            || self.run(params, gradient, [m, v]),
            || self.run(params_end, gradient_end, [m_end, v_end]),
        );
    }
}
