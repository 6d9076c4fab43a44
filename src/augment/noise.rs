//! Grain.

use super::{Canvas, Transform};
use crate::error::TrainError;
use crate::kernels::math::{cos_turns, ln};
use crate::kernels::simd::arch;
use crate::optim::in_range;
use crate::random::Key;

/// Adds noise to every value of an image, or replaces some, and stays in 0..1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise(Kind);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Gaussian { deviation: f32 },
    SaltAndPepper { share: f32 },
}

impl Noise {
    /// Adds to each value a normal one of this standard deviation, within 0 and 10, and cuts off at 0
    /// and 1.
    pub fn gaussian(deviation: f32) -> Self {
        Noise(Kind::Gaussian { deviation })
    }

    /// Replaces this share of the values, in 0..1, by 0 or 1 with equal chance.
    pub fn salt_and_pepper(share: f32) -> Self {
        Noise(Kind::SaltAndPepper { share })
    }
}

impl Transform for Noise {
    fn name(&self) -> String {
        match self.0 {
            Kind::Gaussian { deviation } => format!("Noise({deviation})"),
            Kind::SaltAndPepper { share } => format!("SaltAndPepper({share})"),
        }
    }

    fn check(&self) -> Result<(), TrainError> {
        match self.0 {
            Kind::Gaussian { deviation } => {
                in_range("the deviation of noise", deviation, 0.0..=10.0, "from 0 to 10")
            }
            Kind::SaltAndPepper { share } => {
                in_range("the share of salt and pepper", share, 0.0..=1.0, "in 0..1")
            }
        }
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        let (pixels, other) = (image.pixels(), key.fold(0));
        match self.0 {
            Kind::Gaussian { deviation } => arch().dispatch(
                #[inline(always)]
                || {
                    for (x, i) in pixels.iter_mut().zip(0..) {
                        *x = deviation.mul_add(normal(key, other, i), *x).clamp(0.0, 1.0);
                    }
                },
            ),
            Kind::SaltAndPepper { share } => arch().dispatch(
                #[inline(always)]
                || {
                    for (x, i) in pixels.iter_mut().zip(0..) {
                        let grain = if other.unit(i) < 0.5 { 0.0 } else { 1.0 };
                        *x = if key.unit(i) < share { grain } else { *x };
                    }
                },
            ),
        }
    }
}

/// Draw `counter` from the normal distribution, by the method of Box and Muller: what rand_distr does
/// is quicker for one number, but branches, and calls the platform's `exp` in its tails.
#[inline(always)]
fn normal(key: Key, other: Key, counter: u32) -> f32 {
    // In 0..1 without 0.
    let u = 1.0 - key.unit(counter);
    (-2.0 * ln(u)).sqrt() * cos_turns(other.unit(counter))
}
