//! Which transforms, in which order, how often.

use std::fmt;
use std::sync::Arc;

use super::canvas::MAX_SIDE;
use super::{Canvas, Mix, Scratch, Transform};
use crate::error::TrainError;
use crate::error::in_range;
use crate::random::Key;
use crate::shape::{self, fits};

/// A recipe for changed images: transforms in their order, and perhaps a way of mixing.
///
/// ```
/// use chainrule::data::augment::{Augment, Elastic, Mixup, Rotate, Scale, Scratch, Shift};
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

/// Random streams of a recipe for one image.
enum RecipeStream {
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
        let is_image = match *input_shape {
            [h, w, c] => h.min(w).min(c) > 0 && h.max(w) <= MAX_SIDE && fits(input_shape),
            _ => false,
        };
        if !is_image {
            let setting = "the shape of the inputs to augment";
            let wanted = "that of an image: height, width and channels, 1 to 32,768 pixels a side, \
                          and at most 268,435,456 values";
            return Err(TrainError::Setting { setting, came: shape::label(input_shape), wanted });
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
        if canvas.shape().contains(&0) {
            return;
        }
        let key = key.fold(RecipeStream::Transform as u64);
        for ((probability, transform), number) in self.transforms.iter().zip(0..) {
            let key = key.fold(number);
            if happens(*probability, key) {
                transform.apply(&mut canvas, key.fold(RecipeStream::How as u64));
            }
        }
        canvas.settle();
    }

    /// How the image with this key is to be mixed, if it is.
    pub(crate) fn mixing(&self, key: Key) -> Option<Mixing<'_>> {
        let (probability, mix) = self.mix.as_ref()?;
        let key = key.fold(RecipeStream::Mix as u64);
        happens(*probability, key)
            .then(|| Mixing { mix: &**mix, key: key.fold(RecipeStream::How as u64) })
    }
}

/// Draws whether something of this probability happens.
fn happens(probability: f32, key: Key) -> bool {
    probability >= 1.0 || key.fold(RecipeStream::Whether as u64).unit(0) < probability
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
        if let Some((probability, mix)) = &self.mix {
            let then = if names.is_empty() { "" } else { "then " };
            names.push(format!("{then}{}", often(*probability, mix.name())));
        }
        f.write_str(if names.is_empty() { "nothing" } else { "" })?;
        f.write_str(&names.join(", "))
    }
}

impl fmt::Debug for Augment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Augment({self}; fill {})", self.fill)
    }
}
