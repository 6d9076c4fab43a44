//! A slant, as of italics.

use std::ops::RangeInclusive;

use super::range::Range;
use super::{Affine, Canvas, Transform};
use crate::error::TrainError;
use crate::random::Key;

/// Slants an image: what was upright leans, what was level stays level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shear(Range);

impl Shear {
    /// By at most this angle, either way.
    pub fn degrees(most: f32) -> Self {
        Shear(Range::around_zero(most))
    }

    /// By an angle in degrees from this range, within ±80; above 0, to the right.
    pub fn between(degrees: RangeInclusive<f32>) -> Self {
        Shear(degrees.into())
    }
}

impl Transform for Shear {
    fn name(&self) -> String {
        format!("Shear({}°)", self.0)
    }

    fn check(&self) -> Result<(), TrainError> {
        self.0.check("the angle of a shear", -80.0..=80.0, "within ±80°, the lower first")
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        image.warp(Affine::shear(self.0.at(key.unit(0))));
    }
}
