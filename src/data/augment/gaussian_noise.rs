//! Grain.

use pulp::{Simd, WithSimd};

use super::{Canvas, Transform};
use crate::error::TrainError;
use crate::error::in_range;
use crate::kernels::math::{cos_turns, ln};
use crate::kernels::simd::arch;
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
        let (other, to) = (key.fold(0), image.pixels());
        arch().dispatch(AddNormal { deviation: self.deviation, key, other, to });
    }
}

struct AddNormal<'a> {
    deviation: f32,
    key: Key,
    other: Key,
    to: &'a mut [f32],
}

impl WithSimd for AddNormal<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (x, i) in self.to.iter_mut().zip(0..) {
            let n = normal(self.key, self.other, i);
            *x = self.deviation.mul_add(n, *x).clamp(0.0, 1.0);
        }
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
