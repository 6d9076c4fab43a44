//! Grain.

use super::{Canvas, Transform};
use crate::error::TrainError;
use crate::kernels::math::{cos_turns, ln};
use crate::kernels::simd::arch;
use crate::optim::in_range;
use crate::random::Key;

/// Adds a normal number to every value of an image, and cuts off at 0 and 1.
///
/// ```text
/// y = clamp(x + s·n, 0, 1)        n normal, of mean 0 and variance 1
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaussianNoise {
    deviation: f32,
}

impl GaussianNoise {
    /// Of this standard deviation `s`, within 0 and 10.
    pub fn new(deviation: f32) -> Self {
        GaussianNoise { deviation }
    }
}

impl Transform for GaussianNoise {
    fn name(&self) -> String {
        format!("GaussianNoise({})", self.deviation)
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("the deviation of noise", self.deviation, 0.0..=10.0, "from 0 to 10")
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        if self.deviation == 0.0 {
            return;
        }
        let (pixels, other) = (image.pixels(), key.fold(0));
        arch().dispatch(
            #[inline(always)]
            || {
                for (x, i) in pixels.iter_mut().zip(0..) {
                    *x = self.deviation.mul_add(normal(key, other, i), *x).clamp(0.0, 1.0);
                }
            },
        );
    }
}

/// Draw `counter` from the normal distribution, by the method of Box and Muller. What rand_distr does
/// is quicker for one number, but branches, and in its tails calls the platform's `exp`.
#[inline(always)]
pub(super) fn normal(key: Key, other: Key, counter: u32) -> f32 {
    // In 0..1 without 0, whose logarithm would be -∞.
    let u = 1.0 - key.unit(counter);
    (-2.0 * ln(u)).sqrt() * cos_turns(other.unit(counter))
}
