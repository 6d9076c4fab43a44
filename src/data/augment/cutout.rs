//! A square hole.

use super::{Canvas, Transform};
use crate::error::TrainError;
use crate::random::Key;

/// Fills a square with the background. Its centre is a pixel of the image, any with equal chance, and
/// so part of it may lie outside.
///
/// - **Source**: T. DeVries, G. Taylor, "Improved regularization of convolutional neural networks
///   with Cutout", arXiv:1708.04552, 2017.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cutout {
    side: usize,
}

impl Cutout {
    /// A square with sides of this length, in pixels; 0 hides nothing.
    pub fn pixels(side: usize) -> Self {
        Cutout { side }
    }
}

impl Transform for Cutout {
    fn name(&self) -> String {
        format!("Cutout({0}×{0})", self.side)
    }

    fn check(&self) -> Result<(), TrainError> {
        if self.side <= 10_000 {
            return Ok(());
        }
        let (setting, wanted) = ("the side of a cutout", "0 to 10,000 pixels");
        Err(TrainError::Setting { setting, came: self.side.to_string(), wanted })
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        let ([height, width, channels], fill) = (image.shape(), image.fill());
        // From where the square begins, counted from `side / 2` before the image.
        let span = |size: usize, counter: u32| {
            let first = (key.unit(counter) * size as f32) as usize;
            let half = self.side / 2;
            first.saturating_sub(half)..first.saturating_add(self.side - half).min(size)
        };
        let (rows, columns) = (span(height, 0), span(width, 1));
        let pixels = image.pixels();
        for row in rows {
            let first = (row * width + columns.start) * channels;
            pixels[first..][..columns.len() * channels].fill(fill);
        }
    }
}
