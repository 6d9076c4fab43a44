//! A move along the axes.

use std::ops::RangeInclusive;

use super::range::Range;
use super::{Affine, Canvas, Transform};
use crate::error::TrainError;
use crate::random::Key;

/// Moves an image; what leaves the frame is lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    x: Range,
    y: Range,
}

impl Shift {
    /// By at most so many pixels, whole or not, along each axis.
    pub fn pixels(most: f32) -> Self {
        Shift { x: Range::around_zero(most), y: Range::around_zero(most) }
    }

    /// By pixels to the right and down, each from its range.
    pub fn between(x: RangeInclusive<f32>, y: RangeInclusive<f32>) -> Self {
        Shift { x: x.into(), y: y.into() }
    }
}

impl Transform for Shift {
    fn name(&self) -> String {
        match self.x == self.y {
            true => format!("Shift({} px)", self.x),
            false => format!("Shift({}, {} px)", self.x, self.y),
        }
    }

    fn check(&self) -> Result<(), TrainError> {
        let wanted = "within ±10,000 pixels, the lower first";
        self.x.check("the width of a shift", -1e4..=1e4, wanted)?;
        self.y.check("the height of a shift", -1e4..=1e4, wanted)
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        image.warp(Affine::shift(self.x.at(key.unit(0)), self.y.at(key.unit(1))));
    }
}
