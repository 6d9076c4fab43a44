//! A pass over all parameters: long vectors, cut in halves until a piece suits one thread.
//!
//! It adds up the partial gradients and steps along the sum while a strip of it is in the first-level
//! cache. Only where the gradient is clipped by its norm, which has to be known before the first
//! parameter changes, these are two passes.

use super::segments::Segment;
use crate::kernels::simd::arch;
use crate::optim::{Moments, Optimizer, Step, sign};
use crate::trainer::step::gradient::partial::{PartialGradient, STRIP, add_up};

/// Number of parameters that one thread takes at once: enough to be worth handing over.
pub(super) const PIECE: usize = 16 * 1024;

/// The work on every segment.
pub(super) struct ParamPass<'a> {
    pub segments: &'a [Segment],
    /// Number of the first partial gradient, which becomes the sum; the others; and the factor on the
    /// sum.
    pub number: usize,
    pub others: &'a [PartialGradient],
    pub scale: f32,
    /// Adds up the gradients, and the penalties.
    pub sums: bool,
    /// Clips, and steps along the sum.
    pub steps: bool,
    pub largest: Option<f32>,
    pub optimizer: &'a dyn Optimizer,
    pub at: Step,
}

impl ParamPass<'_> {
    /// Goes over `params`, which begin at parameter `start` of the model, and over as much of `sum`,
    /// the first partial gradient.
    pub fn run(&self, start: usize, params: &mut [f32], sum: &mut [f32], moments: Moments<'_>) {
        let len = params.len();
        if len > PIECE {
            let middle = (len / 2).next_multiple_of(STRIP);
            let (params, params_end) = params.split_at_mut(middle);
            let (sum, sum_end) = sum.split_at_mut(middle);
            let [(m, m_end), (v, v_end), (u, u_end)] =
                moments.map(|moment| moment.split_at_mut(middle.min(moment.len())));
            rayon::join(
                || self.run(start, params, sum, [m, v, u]),
                || self.run(start + middle, params_end, sum_end, [m_end, v_end, u_end]),
            );
            return;
        }
        let [m, v, u] = moments;
        let first = self.segments.partition_point(|segment| segment.range.end <= start);
        let here = self.segments[first..].iter().take_while(|s| s.range.start < start + len);
        for segment in here {
            let from = segment.range.start.saturating_sub(start);
            let end = len.min(segment.range.end - start);
            for from in (from..end).step_by(STRIP) {
                let strip = from..end.min(from + STRIP);
                let (params, sum) = (&mut params[strip.clone()], &mut sum[strip.clone()]);
                if self.sums {
                    add_up(sum, self.number, self.others, start + from, self.scale);
                    penalize(segment, params, sum);
                }
                if self.steps {
                    let moments = [&mut *m, &mut *v, &mut *u].map(|moment| match moment {
                        [] => &mut [][..],
                        moment => &mut moment[strip.clone()],
                    });
                    self.step(segment, params, sum, moments);
                }
            }
        }
    }

    /// Shortens a strip of the gradient, and steps along it.
    fn step(&self, segment: &Segment, params: &mut [f32], g: &mut [f32], moments: Moments<'_>) {
        let scale = segment.scale;
        if scale != 1.0 {
            arch().dispatch(
                #[inline(always)]
                || g.iter_mut().for_each(|g| *g *= scale),
            );
        }
        if let Some(largest) = self.largest {
            arch().dispatch(
                #[inline(always)]
                || g.iter_mut().for_each(|g| *g = g.clamp(-largest, largest)),
            );
        }
        let (lr, decay) = (self.at.lr * segment.settings.lr, segment.settings.decay);
        self.optimizer.step(Step { lr, decay, ..self.at }, params, g, moments);
    }
}

/// Adds the gradient of the segment's penalties.
fn penalize(segment: &Segment, params: &[f32], gradient: &mut [f32]) {
    let (l1, l2) = (segment.settings.l1, segment.settings.l2);
    if l1 == 0.0 && l2 == 0.0 {
        return;
    }
    arch().dispatch(
        #[inline(always)]
        || {
            for (g, &w) in gradient.iter_mut().zip(params) {
                *g += l1 * sign(w) + l2 * w;
            }
        },
    );
}
