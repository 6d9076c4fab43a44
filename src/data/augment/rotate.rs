//! A turn about the middle.

use std::ops::RangeInclusive;

use super::range::Range;
use super::{Affine, Canvas, Transform};
use crate::error::TrainError;
use crate::random::Key;

/// Turns an image about its centre.
///
/// ```
/// use chainrule::data::augment::{Augment, Rotate};
///
/// let augment = Augment::new().with(Rotate::degrees(10.0));
/// assert_eq!(augment.to_string(), "Rotate(±10°)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rotate(Range);

impl Rotate {
    /// By at most this angle, either way.
    pub fn degrees(most: f32) -> Self {
        Rotate(Range::around_zero(most))
    }

    /// By an angle in degrees from this range, within ±360; above 0, counterclockwise.
    pub fn between(degrees: RangeInclusive<f32>) -> Self {
        Rotate(degrees.into())
    }
}

impl Transform for Rotate {
    fn name(&self) -> String {
        format!("Rotate({}°)", self.0)
    }

    fn check(&self) -> Result<(), TrainError> {
        self.0.check("the angle of a rotation", -360.0..=360.0, "within ±360°, the lower first")
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        image.warp(Affine::rotation(self.0.at(key.unit(0))));
    }
}
