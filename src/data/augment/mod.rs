//! Augmentation: every epoch sees every image a little different.
//!
//! A digit that is turned by a few degrees is the same digit, and a net that has seen it so will know
//! it again. An [`Augment`] is a list of [`Transform`]s, which change one image each on its way into a
//! batch, and at most one [`Mix`], which blends two images and their targets.
//!
//! | | |
//! |---|---|
//! | where the ink is | [`Rotate`], [`Shift`], [`Scale`], [`Shear`], [`Elastic`] |
//! | how it is drawn  | [`Thickness`], [`Blur`], [`GaussianNoise`], [`SaltAndPepper`], [`Brightness`], [`Contrast`] |
//! | what is hidden   | [`Cutout`], [`Erase`] |
//! | two at a time    | [`Mixup`], [`CutMix`] |
//!
//! What happens to an image is a function of a [`Key`], derived from the seed, the epoch and the
//! sample's number, and of nothing else: threads may take the images in any order, and no copy of the
//! data set is ever made. All arithmetic is portable ([`crate::kernels::math`]): the same seed gives
//! the same bits on every machine.
//!
//! Moves that follow each other are composed into one matrix and resampled once, because each
//! resampling blurs: see [`Canvas::warp`].
//!
//! # A transform of your own
//!
//! ```
//! use chainrule::data::augment::{Augment, Canvas, Scratch, Transform};
//! use chainrule::random::Key;
//!
//! /// White ink on black becomes black ink on white.
//! struct Invert;
//!
//! impl Transform for Invert {
//!     fn apply(&self, image: &mut Canvas<'_>, _: Key) {
//!         image.pixels().iter_mut().for_each(|pixel| *pixel = 1.0 - *pixel);
//!     }
//! }
//!
//! let augment = Augment::new().sometimes(0.5, Invert);
//! let (mut image, mut scratch) = ([0.0, 1.0], Scratch::default());
//! augment.apply(&mut image, [1, 2, 1], Key::new(3), &mut scratch);
//! assert!(image == [0.0, 1.0] || image == [1.0, 0.0]);
//! ```

mod affine;
mod beta;
mod blur;
mod brightness;
mod canvas;
mod contrast;
mod cutmix;
mod cutout;
mod elastic;
mod erase;
mod gaussian;
mod gaussian_noise;
mod mixup;
mod range;
mod recipe;
mod resample;
mod rotate;
mod salt_and_pepper;
mod scale;
mod shear;
#[cfg(feature = "report")]
mod sheet;
mod shift;
#[cfg(test)]
mod tests;
mod thickness;

pub use affine::Affine;
pub use blur::Blur;
pub use brightness::Brightness;
pub use canvas::{Canvas, Scratch};
pub use contrast::Contrast;
pub use cutmix::CutMix;
pub use cutout::Cutout;
pub use elastic::Elastic;
pub use erase::Erase;
pub use gaussian_noise::GaussianNoise;
pub use mixup::Mixup;
pub use recipe::Augment;
pub use rotate::Rotate;
pub use salt_and_pepper::SaltAndPepper;
pub use scale::Scale;
pub use shear::Shear;
#[cfg(feature = "report")]
pub use sheet::Sheet;
pub use shift::Shift;
pub use thickness::Thickness;

use crate::error::TrainError;
use crate::layer::type_label;
use crate::random::Key;

/// A change of one image.
pub trait Transform: Send + Sync + 'static {
    /// How it reads in a list, with its settings: `Rotate(±10°)`.
    fn name(&self) -> String {
        type_label::<Self>()
    }

    /// Whether the settings make sense.
    ///
    /// # Errors
    ///
    /// [`TrainError::Setting`], naming the one that does not.
    fn check(&self) -> Result<(), TrainError> {
        Ok(())
    }

    /// Changes the image; all that is random about it comes from `key`.
    fn apply(&self, image: &mut Canvas<'_>, key: Key);
}

/// A way to make one sample of two.
pub trait Mix: Send + Sync + 'static {
    /// How it reads in a list, with its settings: `Mixup(0.2)`.
    fn name(&self) -> String {
        type_label::<Self>()
    }

    /// Whether the settings make sense.
    ///
    /// # Errors
    ///
    /// [`TrainError::Setting`], naming the one that does not.
    fn check(&self) -> Result<(), TrainError> {
        Ok(())
    }

    /// Mixes the partner into the image, both of this shape (h, w, c), and gives the share λ in 0..1
    /// that is left of the image. The loss of the mixture is λ·l(p, t₁) + (1 - λ)·l(p, t₂), with t₂
    /// the partner's target.
    fn mix(&self, image: &mut [f32], partner: &[f32], shape: [usize; 3], key: Key) -> f32;
}
