//! Out of focus.

use std::ops::RangeInclusive;

use super::gaussian::{Gaussian, MAX_SIGMA};
use super::range::Range;
use super::{Canvas, Transform};
use crate::error::TrainError;
use crate::random::Key;

/// Smooths an image with a Gaussian of standard deviation σ, cut off at 3σ. Beyond its edges the image
/// goes on as it is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Blur(Range);

impl Blur {
    /// With a σ, in pixels, from this range, within 0 and 20; below 1/6 nothing changes.
    pub fn between(sigma: RangeInclusive<f32>) -> Self {
        Blur(sigma.into())
    }
}

impl Transform for Blur {
    fn name(&self) -> String {
        format!("Blur({} px)", self.0)
    }

    fn check(&self) -> Result<(), TrainError> {
        self.0.check("the σ of a blur", 0.0..=MAX_SIGMA, "from 0 to 20 pixels, the lower first")
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        let filter = Gaussian::new(self.0.at(key.unit(0)));
        if filter.radius == 0 {
            return;
        }
        let shape @ [height, width, channels] = image.shape();
        let (pitch, len) = (filter.pitch(shape), width * channels);
        let (pixels, room) = image.pixels_and_room(filter.room(shape));
        let margin = filter.radius * channels;
        let rows = room[..filter.with_margins(shape)].chunks_exact_mut(pitch);
        for (row, to) in rows.enumerate() {
            let row = row.saturating_sub(filter.radius).min(height - 1);
            let from = &pixels[row * len..][..len];
            let (left, rest) = to.split_at_mut(margin);
            let (middle, right) = rest.split_at_mut(len);
            left.chunks_exact_mut(channels).for_each(|to| to.copy_from_slice(&from[..channels]));
            middle.copy_from_slice(from);
            let last = &from[len - channels..];
            right.chunks_exact_mut(channels).for_each(|to| to.copy_from_slice(last));
        }
        let smooth = filter.smooth(shape, room);
        for (to, from) in pixels.chunks_exact_mut(len).zip(smooth.chunks(pitch)) {
            to.copy_from_slice(&from[..len]);
        }
    }
}
