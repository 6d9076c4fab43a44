//! Dead pixels.

use pulp::{Simd, WithSimd};

use super::{Canvas, Transform};
use crate::error::TrainError;
use crate::error::in_range;
use crate::kernels::simd::arch;
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
        let (which, to) = (key.fold(0), image.pixels());
        arch().dispatch(Replace { share: self.share, key, which, to });
    }
}

struct Replace<'a> {
    share: f32,
    key: Key,
    which: Key,
    to: &'a mut [f32],
}

impl WithSimd for Replace<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (x, i) in self.to.iter_mut().zip(0..) {
            let grain = if self.which.unit(i) < 0.5 { 0.0 } else { 1.0 };
            *x = if self.key.unit(i) < self.share { grain } else { *x };
        }
    }
}
