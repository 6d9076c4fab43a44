//! A rectangle of noise.

use std::ops::RangeInclusive;

use super::range::Range;
use super::{Canvas, Transform};
use crate::error::TrainError;
use crate::random::Key;

/// How far a rectangle may be from a square: 3 to 10, either way, as in the paper.
const ASPECT: f32 = 0.3;

/// Fills a rectangle somewhere in the image with noise, each value even in 0..1: random erasing.
///
/// ```text
/// height = √(s·h·w·r)    width = √(s·h·w / r)    s the share of the area, r in 0.3..1/0.3
/// ```
///
/// The rectangle lies within the image; a side that would be longer than it is cut.
///
/// - **Source**: Z. Zhong, L. Zheng, G. Kang, S. Li, Y. Yang, "Random erasing data augmentation", AAAI
///   2020 (its variant RE-R).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Erase(Range);

impl Erase {
    /// A rectangle with a share of the area from this range, in 0..1; 0.02 to 0.33 is usual.
    pub fn area(share: RangeInclusive<f32>) -> Self {
        Erase(share.into())
    }
}

impl Transform for Erase {
    fn name(&self) -> String {
        format!("Erase({})", self.0)
    }

    fn check(&self) -> Result<(), TrainError> {
        self.0.check("the area to erase", 0.0..=1.0, "in 0..1, the lower first")
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        let [height, width, channels] = image.shape();
        let area = self.0.at(key.unit(0)) * (height * width) as f32;
        let aspect = Range::from(ASPECT..=1.0 / ASPECT).at(key.unit(1));
        // A length, and where it begins.
        let span = |length: f32, size: usize, counter: u32| {
            let length = ((length + 0.5) as usize).min(size);
            let first = (key.unit(counter) * (size - length + 1) as f32) as usize;
            first..first + length
        };
        let rows = span((area * aspect).sqrt(), height, 2);
        let columns = span((area / aspect).sqrt(), width, 3);
        let pixels = image.pixels();
        let noise = key.fold(0);
        let mut counter = 0..;
        for row in rows {
            let first = (row * width + columns.start) * channels;
            for (x, i) in pixels[first..][..columns.len() * channels].iter_mut().zip(&mut counter) {
                *x = noise.unit(i);
            }
        }
    }
}
