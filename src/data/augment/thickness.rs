//! A broader pen or a finer one.

use std::ops::RangeInclusive;

use super::range::Range;
use super::{Canvas, Transform};
use crate::error::TrainError;
use crate::kernels::simd::arch;
use crate::random::Key;

/// Largest change, in pixels: each takes a pass over the image.
const MOST: f32 = 20.0;

/// Thickens bright strokes, or thins them: grey-scale dilation and erosion.
///
/// ```text
/// thicker by 1:  y(p) = max x(q)    thinner by 1:  y(p) = min x(q)    q: p and its four neighbours
/// ```
///
/// A whole number is as many such steps, on each side of a stroke. What remains below 1 goes that
/// share of the way to the next step. Nothing comes from outside the image.
///
/// - **Source**: J. Serra, "Image analysis and mathematical morphology", 1982, chapter 12.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thickness(Range);

impl Thickness {
    /// By at most so many pixels, thicker or thinner.
    pub fn pixels(most: f32) -> Self {
        Thickness(Range::around_zero(most))
    }

    /// By a number of pixels from this range, within ±20; below 0, thinner.
    pub fn between(pixels: RangeInclusive<f32>) -> Self {
        Thickness(pixels.into())
    }
}

impl Transform for Thickness {
    fn name(&self) -> String {
        format!("Thickness({} px)", self.0)
    }

    fn check(&self) -> Result<(), TrainError> {
        self.0.check("the change of thickness", -MOST..=MOST, "within ±20 pixels, the lower first")
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        let amount = self.0.at(key.unit(0));
        if amount == 0.0 || amount.is_nan() {
            return;
        }
        let shape = image.shape();
        let (pixels, room) = image.pixels_and_room(shape.iter().product());
        let mut left = amount.abs().min(MOST);
        while left > 0.0 {
            match amount > 0.0 {
                true => step(pixels, shape, room, |a, b| if a > b { a } else { b }),
                false => step(pixels, shape, room, |a, b| if a < b { a } else { b }),
            }
            let share = left.min(1.0);
            arch().dispatch(
                #[inline(always)]
                || {
                    for (x, &y) in pixels.iter_mut().zip(&*room) {
                        *x = if share == 1.0 { y } else { share.mul_add(y - *x, *x) };
                    }
                },
            );
            left -= 1.0;
        }
    }
}

/// Every pixel of `to` becomes the extreme of its own and its four neighbours' in `from`.
fn step(
    from: &[f32],
    [_, width, channels]: [usize; 3],
    to: &mut [f32],
    extreme: impl Fn(f32, f32) -> f32 + Copy,
) {
    let pitch = width * channels;
    to.copy_from_slice(from);
    let neighbour = |to: std::ops::Range<usize>, from: &[f32], room: &mut [f32]| {
        let to = &mut room[to];
        arch().dispatch(
            #[inline(always)]
            || to.iter_mut().zip(from).for_each(|(y, &x)| *y = extreme(*y, x)),
        );
    };
    let len = from.len();
    neighbour(pitch..len, &from[..len - pitch], to);
    neighbour(0..len - pitch, &from[pitch..], to);
    for row in (0..len).step_by(pitch) {
        let end = row + pitch;
        neighbour(row + channels..end, &from[row..end - channels], to);
        neighbour(row..end - channels, &from[row + channels..end], to);
    }
}
