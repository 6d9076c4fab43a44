//! Larger or smaller.

use std::ops::RangeInclusive;

use super::range::Range;
use super::{Affine, Canvas, Transform};
use crate::error::TrainError;
use crate::random::Key;

/// Makes an image larger or smaller about its centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    factor: Range,
    per_axis: bool,
}

impl Scale {
    /// By a factor from this range, within 0.1 and 10.
    pub fn between(factor: RangeInclusive<f32>) -> Self {
        Scale { factor: factor.into(), per_axis: false }
    }

    /// Draws a factor for the width and another for the height: people write narrow and wide.
    #[must_use]
    pub fn per_axis(self) -> Self {
        Scale { per_axis: true, ..self }
    }
}

impl Transform for Scale {
    fn name(&self) -> String {
        format!("Scale({}{})", self.factor, if self.per_axis { " per axis" } else { "" })
    }

    fn check(&self) -> Result<(), TrainError> {
        self.factor.check("the factor of a scaling", 0.1..=10.0, "from 0.1 to 10, the lower first")
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        let x = self.factor.at(key.unit(0));
        let y = if self.per_axis { self.factor.at(key.unit(1)) } else { x };
        image.warp(Affine::scale(x, y));
    }
}
