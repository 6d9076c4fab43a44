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
//! use chainrule::augment::{Augment, Canvas, Scratch, Transform};
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
mod resample;
mod rotate;
mod salt_and_pepper;
mod scale;
mod shear;
mod sheet;
mod shift;
#[cfg(test)]
mod tests;
mod thickness;

pub use affine::Affine;
pub use blur::Blur;
pub use brightness::Brightness;
use canvas::MAX_SIDE;
pub use canvas::{Canvas, Scratch};
pub use contrast::Contrast;
pub use cutmix::CutMix;
pub use cutout::Cutout;
pub use elastic::Elastic;
pub use erase::Erase;
pub use gaussian_noise::GaussianNoise;
pub use mixup::Mixup;
pub use rotate::Rotate;
pub use salt_and_pepper::SaltAndPepper;
pub use scale::Scale;
pub use shear::Shear;
pub use sheet::Sheet;
pub use shift::Shift;
pub use thickness::Thickness;

use std::fmt;
use std::sync::Arc;

use crate::error::{TrainError, shape};
use crate::layer::type_label;
use crate::optim::in_range;
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

/// A recipe for changed images: transforms in their order, and perhaps a way of mixing.
///
/// ```
/// use chainrule::augment::{Augment, Elastic, Mixup, Rotate, Scale, Scratch, Shift};
/// use chainrule::prelude::*;
/// use chainrule::random::Key;
///
/// let augment = Augment::new()
///     .with(Rotate::degrees(10.0))
///     .with(Scale::between(0.9..=1.1))
///     .with(Shift::pixels(2.0))
///     .sometimes(0.5, Elastic::new(34.0, 4.0))
///     .mix(Mixup::new(0.2));
///
/// let digits = Mnist::sample().train;
/// let mut image = vec![0.0; 28 * 28];
/// digits.input(0, &mut image)?;
/// let key = Key::new(42).fold(1).fold(0); // seed, epoch, sample
/// augment.apply(&mut image, [28, 28, 1], key, &mut Scratch::default());
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Augment {
    transforms: Vec<(f32, Arc<dyn Transform>)>,
    mix: Option<(f32, Arc<dyn Mix>)>,
    fill: f32,
}

/// What the counters of an image's random streams stand for.
enum Draw {
    Transform = 0,
    Mix = 1,
    Whether = 2,
    How = 3,
}

impl Augment {
    /// Nothing happens, yet.
    pub fn new() -> Self {
        Augment::default()
    }

    /// Adds a transform of every image, after the others.
    #[must_use]
    pub fn with(self, transform: impl Transform) -> Self {
        self.sometimes(1.0, transform)
    }

    /// Adds a transform that an image goes through with this probability, in 0..1.
    #[must_use]
    pub fn sometimes(mut self, probability: f32, transform: impl Transform) -> Self {
        self.transforms.push((probability, Arc::new(transform)));
        self
    }

    /// Mixes every image with another, after the transforms of both. The last way given is the one.
    #[must_use]
    pub fn mix(self, mix: impl Mix) -> Self {
        self.mix_sometimes(1.0, mix)
    }

    /// Mixes an image with another with this probability, in 0..1.
    #[must_use]
    pub fn mix_sometimes(self, probability: f32, mix: impl Mix) -> Self {
        Augment { mix: Some((probability, Arc::new(mix))), ..self }
    }

    /// What shows where an image was moved away, and in holes: 0, unless told otherwise.
    #[must_use]
    pub fn fill(self, fill: f32) -> Self {
        Augment { fill, ..self }
    }

    /// Whether the settings make sense, and these inputs are images.
    pub(crate) fn check(&self, input_shape: &[usize]) -> Result<(), TrainError> {
        if input_shape.len() != 3 || input_shape[..2].iter().any(|&side| side > MAX_SIDE) {
            let setting = "the shape of the inputs to augment";
            let wanted =
                "that of an image: height, width and channels, at most 32,768 pixels a side";
            return Err(TrainError::Setting { setting, came: shape(input_shape), wanted });
        }
        in_range("the fill of augmented images", self.fill, .., "a finite number")?;
        for (probability, transform) in &self.transforms {
            in_range("a transform's probability", *probability, 0.0..=1.0, "in 0..1")?;
            transform.check()?;
        }
        let Some((probability, mix)) = &self.mix else { return Ok(()) };
        in_range("the probability to mix", *probability, 0.0..=1.0, "in 0..1")?;
        mix.check()
    }

    /// Puts an image of shape (h, w, c), with values in 0..1, through the transforms. The key decides
    /// what comes out; `scratch` is room to work in, for as many images as you like one after another.
    ///
    /// # Panics
    ///
    /// If the image does not have h·w·c values, or a side is longer than 32,768 pixels.
    pub fn apply(&self, image: &mut [f32], shape: [usize; 3], key: Key, scratch: &mut Scratch) {
        let mut canvas = Canvas::new(image, shape, self.fill, scratch);
        let key = key.fold(Draw::Transform as u64);
        for ((probability, transform), number) in self.transforms.iter().zip(0..) {
            let key = key.fold(number);
            if happens(*probability, key) {
                transform.apply(&mut canvas, key.fold(Draw::How as u64));
            }
        }
        canvas.settle();
    }

    /// How the image with this key is to be mixed, if it is.
    pub(crate) fn mixing(&self, key: Key) -> Option<Mixing<'_>> {
        let (probability, mix) = self.mix.as_ref()?;
        let key = key.fold(Draw::Mix as u64);
        happens(*probability, key).then(|| Mixing { mix: &**mix, key: key.fold(Draw::How as u64) })
    }
}

/// Whether the one case of this probability came up.
fn happens(probability: f32, key: Key) -> bool {
    probability >= 1.0 || key.fold(Draw::Whether as u64).unit(0) < probability
}

/// How one image is mixed.
pub(crate) struct Mixing<'a> {
    mix: &'a dyn Mix,
    key: Key,
}

impl Mixing<'_> {
    /// Mixes the partner into the image, and gives the image's share λ of the target.
    pub fn mix(&self, image: &mut [f32], partner: &[f32], shape: [usize; 3]) -> f32 {
        self.mix.mix(image, partner, shape, self.key)
    }
}

/// `Rotate(±10°), 0.5 × Blur(0..1), then Mixup(0.2)`
impl fmt::Display for Augment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let often = |probability: f32, name: String| {
            if probability == 1.0 { name } else { format!("{probability} × {name}") }
        };
        let mut names: Vec<String> =
            self.transforms.iter().map(|(p, transform)| often(*p, transform.name())).collect();
        names.extend(self.mix.iter().map(|(p, mix)| format!("then {}", often(*p, mix.name()))));
        f.write_str(if names.is_empty() { "nothing" } else { "" })?;
        f.write_str(&names.join(", "))
    }
}

impl fmt::Debug for Augment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Augment({self}; fill {})", self.fill)
    }
}
