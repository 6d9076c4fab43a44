//! Farther from the mean or nearer to it.

use std::ops::RangeInclusive;

use super::range::Range;
use super::{Canvas, Transform};
use crate::error::TrainError;
use crate::kernels::simd::arch;
use crate::random::Key;

/// Stretches an image's values away from their mean, or draws them nearer, and cuts off at 0 and 1.
///
/// ```text
/// y = clamp(m + c·(x - m), 0, 1)        m = mean x over all pixels and channels
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast(Range);

impl Contrast {
    /// By a factor `c` from this range, within 0 and 100: 0 leaves grey, 1 leaves the image.
    pub fn between(c: RangeInclusive<f32>) -> Self {
        Contrast(c.into())
    }
}

impl Transform for Contrast {
    fn name(&self) -> String {
        format!("Contrast({})", self.0)
    }

    fn check(&self) -> Result<(), TrainError> {
        self.0.check("the factor of contrast", 0.0..=100.0, "from 0 to 100, the lower first")
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        let c = self.0.at(key.unit(0));
        if c == 1.0 {
            return;
        }
        let pixels = image.pixels();
        let sum: f64 = pixels.iter().map(|&x| f64::from(x)).sum();
        let mean = (sum / pixels.len().max(1) as f64) as f32;
        arch().dispatch(
            #[inline(always)]
            || pixels.iter_mut().for_each(|x| *x = c.mul_add(*x - mean, mean).clamp(0.0, 1.0)),
        );
    }
}
