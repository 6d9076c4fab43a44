//! The end of a step: long vectors, cut in halves until a piece suits one thread.

use super::Group;
use crate::kernels::simd::arch;
use crate::optim::{Moments, Optimizer, Step};

/// A piece that one thread does at once: large enough to be worth handing over.
const PIECE: usize = 16 * 1024;

/// What is summed and then stepped with at once, to find the sum in the first-level cache.
const STRIP: usize = 2048;

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

/// One step of the optimizer along the sum of the groups' gradients.
pub(super) struct Update<'a> {
    pub optimizer: &'a dyn Optimizer,
    pub at: Step,
}

impl Update<'_> {
    /// Steps `params`, which start at number `start` of the model's, along `sum`, the gradient of
    /// the first group, once those of the `others` have been added to it in their order.
    pub fn run(
        &self,
        start: usize,
        params: &mut [f32],
        sum: &mut [f32],
        others: &[Group],
        moments: Moments<'_>,
    ) {
        let len = params.len();
        if len > PIECE {
            let middle = (len / 2).next_multiple_of(STRIP);
            let (params, params_end) = params.split_at_mut(middle);
            let (sum, sum_end) = sum.split_at_mut(middle);
            let [(m, m_end), (v, v_end), (u, u_end)] =
                moments.map(|moment| moment.split_at_mut(middle.min(moment.len())));
            rayon::join(
                || self.run(start, params, sum, others, [m, v, u]),
                || self.run(start + middle, params_end, sum_end, others, [m_end, v_end, u_end]),
            );
            return;
        }
        let [m, v, u] = moments;
        for from in (0..len).step_by(STRIP) {
            let strip = from..len.min(from + STRIP);
            let sum = &mut sum[strip.clone()];
            for group in others {
                let gradient = &group.gradient[start + from..][..sum.len()];
                arch().dispatch(
                    #[inline(always)]
                    || {
                        for (sum, g) in sum.iter_mut().zip(gradient) {
                            *sum += g;
                        }
                    },
                );
            }
            let moments = [&mut *m, &mut *v, &mut *u].map(|moment| match moment {
                [] => &mut [][..],
                moment => &mut moment[strip.clone()],
            });
            self.optimizer.step(self.at, &mut params[strip], sum, moments);
        }
    }
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
