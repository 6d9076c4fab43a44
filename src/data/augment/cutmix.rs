//! A piece of one image pasted into another.

use super::Mix;
use super::beta::beta;
use crate::error::TrainError;
use crate::error::in_range;
use crate::random::Key;

/// Replaces a rectangle by that of another image.
///
/// ```text
/// sides h·√(1 - λ) and w·√(1 - λ),  λ from Beta(α, α);  its centre anywhere, cut at the edges
/// ```
///
/// The share of the target is then that of the area: the λ that was drawn only where nothing was cut.
///
/// - **Source**: S. Yun et al., "CutMix: regularization strategy to train strong classifiers with
///   localizable features", ICCV 2019.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CutMix {
    alpha: f32,
}

impl CutMix {
    /// With this α, within 0.01 and 100; the paper's is 1, by which all areas are equally likely.
    pub fn new(alpha: f32) -> Self {
        CutMix { alpha }
    }
}

impl Mix for CutMix {
    fn name(&self) -> String {
        format!("CutMix({})", self.alpha)
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("the α of cutmix", self.alpha, 0.01..=100.0, "from 0.01 to 100")
    }

    fn mix(&self, image: &mut [f32], partner: &[f32], shape: [usize; 3], key: Key) -> f32 {
        let [height, width, channels] = shape;
        let side = (1.0 - beta(self.alpha, key)).sqrt();
        let place = key.fold(0);
        let span = |size: usize, counter: u32| {
            let length = (side * size as f32) as usize;
            let centre = (place.unit(counter) * size as f32) as usize;
            let first = centre.saturating_sub(length / 2);
            first..(centre + length - length / 2).min(size)
        };
        let (rows, columns) = (span(height, 0), span(width, 1));
        let area = rows.len() * columns.len();
        for row in rows {
            let first = (row * width + columns.start) * channels;
            let span = first..first + columns.len() * channels;
            image[span.clone()].copy_from_slice(&partner[span]);
        }
        1.0 - area as f32 / (height * width).max(1) as f32
    }
}
