//! Two images, one shining through the other.

use super::Mix;
use super::beta::beta;
use crate::error::TrainError;
use crate::error::in_range;
use crate::kernels::simd::arch;
use crate::random::Key;

/// Blends two images: between two classes, a net learns to be of two minds.
///
/// ```text
/// x = λ·x₁ + (1 - λ)·x₂        λ from Beta(α, α)
/// ```
///
/// - **Source**: H. Zhang, M. Cisse, Y. Dauphin, D. Lopez-Paz, "mixup: beyond empirical risk
///   minimization", ICLR 2018.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mixup {
    alpha: f32,
}

impl Mixup {
    /// With this α, within 0.01 and 100: 0.2 mostly leaves one image nearly alone, 1 makes all λ
    /// equally likely.
    pub fn new(alpha: f32) -> Self {
        Mixup { alpha }
    }
}

impl Mix for Mixup {
    fn name(&self) -> String {
        format!("Mixup({})", self.alpha)
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("the α of mixup", self.alpha, 0.01..=100.0, "from 0.01 to 100")
    }

    fn mix(&self, image: &mut [f32], partner: &[f32], _: [usize; 3], key: Key) -> f32 {
        let share = beta(self.alpha, key);
        arch().dispatch(
            #[inline(always)]
            || {
                for (x, &other) in image.iter_mut().zip(partner) {
                    *x = share.mul_add(*x, (1.0 - share) * other);
                }
            },
        );
        share
    }
}
