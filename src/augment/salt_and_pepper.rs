//! Dead pixels.

use super::{Canvas, Transform};
use crate::error::TrainError;
use crate::kernels::simd::arch;
use crate::optim::in_range;
use crate::random::Key;

/// Replaces some values of an image by 0 or 1, with equal chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SaltAndPepper {
    share: f32,
}

impl SaltAndPepper {
    /// Each value with the probability `share`, in 0..1.
    pub fn new(share: f32) -> Self {
        SaltAndPepper { share }
    }
}

impl Transform for SaltAndPepper {
    fn name(&self) -> String {
        format!("SaltAndPepper({})", self.share)
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("the share of salt and pepper", self.share, 0.0..=1.0, "in 0..1")
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        let (pixels, which) = (image.pixels(), key.fold(0));
        arch().dispatch(
            #[inline(always)]
            || {
                for (x, i) in pixels.iter_mut().zip(0..) {
                    let grain = if which.unit(i) < 0.5 { 0.0 } else { 1.0 };
                    *x = if key.unit(i) < self.share { grain } else { *x };
                }
            },
        );
    }
}
