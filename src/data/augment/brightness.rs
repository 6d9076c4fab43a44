//! More light or less.

use std::ops::RangeInclusive;

use super::range::Range;
use super::{Canvas, Transform};
use crate::error::TrainError;
use crate::kernels::simd::arch;
use crate::random::Key;

/// Adds the same to every value of an image, and cuts off at 0 and 1.
///
/// ```text
/// y = clamp(x + b, 0, 1)
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brightness(Range);

impl Brightness {
    /// By at most `most`, up or down.
    pub fn new(most: f32) -> Self {
        Brightness(Range::around_zero(most))
    }

    /// By a `b` from this range, within ±1.
    pub fn between(b: RangeInclusive<f32>) -> Self {
        Brightness(b.into())
    }
}

impl Transform for Brightness {
    fn name(&self) -> String {
        format!("Brightness({})", self.0)
    }

    fn check(&self) -> Result<(), TrainError> {
        self.0.check("the change of brightness", -1.0..=1.0, "within ±1, the lower first")
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        let (b, pixels) = (self.0.at(key.unit(0)), image.pixels());
        arch().dispatch(
            #[inline(always)]
            || pixels.iter_mut().for_each(|x| *x = (*x + b).clamp(0.0, 1.0)),
        );
    }
}
