//! One way in which images get worse.

use std::fmt;
use std::sync::Arc;

use super::Corrupted;
use crate::data::Dataset;
use crate::data::augment::{
    Augment, Blur, Contrast, Cutout, GaussianNoise, Rotate, Shift, Thickness, Transform,
};
use crate::error::{Result, TrainError};

/// A way in which images get worse, at several strengths. At strength 0, nothing would happen.
///
/// ```
/// use chainrule::data::augment::{Augment, SaltAndPepper};
/// use chainrule::report::robustness::Corruption;
///
/// let dust = Corruption::new("dust (share)", [0.05, 0.1, 0.2], |share| {
///     vec![Augment::new().with(SaltAndPepper::new(share))]
/// });
/// assert_eq!(dust.strengths(), [0.05, 0.1, 0.2]);
/// ```
#[derive(Clone)]
pub struct Corruption {
    name: String,
    strengths: Vec<f32>,
    recipes: Arc<dyn Fn(f32) -> Vec<Augment> + Send + Sync>,
}

impl Corruption {
    /// A corruption of this name, with its unit, at these strengths. For each strength, `recipes`
    /// gives the ways to have it, such as to the left and to the right: the accuracy is the mean.
    pub fn new(
        name: impl Into<String>,
        strengths: impl IntoIterator<Item = f32>,
        recipes: impl Fn(f32) -> Vec<Augment> + Send + Sync + 'static,
    ) -> Self {
        let strengths = strengths.into_iter().collect();
        Corruption { name: name.into(), strengths, recipes: Arc::new(recipes) }
    }

    /// Turned by so many degrees, to either side.
    pub fn rotation(degrees: impl IntoIterator<Item = f32>) -> Self {
        Corruption::new("rotation (°)", degrees, |a| {
            vec![with(Rotate::between(a..=a)), with(Rotate::between(-a..=-a))]
        })
    }

    /// Moved by so many pixels, left, right, up and down.
    pub fn shift(pixels: impl IntoIterator<Item = f32>) -> Self {
        Corruption::new("shift (px)", pixels, |d| {
            let ways = [(-d, 0.0), (d, 0.0), (0.0, -d), (0.0, d)];
            ways.map(|(x, y)| with(Shift::between(x..=x, y..=y))).to_vec()
        })
    }

    /// With normal noise of this standard deviation added.
    pub fn noise(deviations: impl IntoIterator<Item = f32>) -> Self {
        Corruption::new("noise (σ)", deviations, |s| vec![with(GaussianNoise::new(s))])
    }

    /// Smoothed with a Gaussian of this σ.
    pub fn blur(sigmas: impl IntoIterator<Item = f32>) -> Self {
        Corruption::new("blur (σ, px)", sigmas, |s| vec![with(Blur::between(s..=s))])
    }

    /// With this share of the contrast lost, in 0..1.
    pub fn contrast(lost: impl IntoIterator<Item = f32>) -> Self {
        Corruption::new("contrast lost (share)", lost, |lost| {
            vec![with(Contrast::between(1.0 - lost..=1.0 - lost))]
        })
    }

    /// With strokes thicker by so many pixels on each side.
    pub fn thicker(pixels: impl IntoIterator<Item = f32>) -> Self {
        Corruption::new("thicker (px)", pixels, |d| vec![with(Thickness::between(d..=d))])
    }

    /// With strokes thinner by so many pixels on each side.
    pub fn thinner(pixels: impl IntoIterator<Item = f32>) -> Self {
        Corruption::new("thinner (px)", pixels, |d| vec![with(Thickness::between(-d..=-d))])
    }

    /// With a square of this side covered, anywhere.
    pub fn occlusion(sides: impl IntoIterator<Item = u16>) -> Self {
        let sides = sides.into_iter().map(f32::from);
        Corruption::new("occlusion (px)", sides, |side| vec![with(Cutout::pixels(side as usize))])
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How strong it is tried, in this order.
    pub fn strengths(&self) -> &[f32] {
        &self.strengths
    }

    /// The ways to have it at this strength.
    pub fn recipes(&self, strength: f32) -> Vec<Augment> {
        (self.recipes)(strength)
    }

    /// Refuses what has no strengths, or strengths that no image can be changed with.
    pub(super) fn check(&self, data: &dyn Dataset, seed: u64) -> Result<()> {
        let refuse = |came: String, wanted| {
            Err(TrainError::Setting { setting: "a corruption's strength", came, wanted }.into())
        };
        if self.strengths.is_empty() {
            return refuse(format!("missing from {}", self.name), "there, once or more often");
        }
        for &strength in &self.strengths {
            let recipes = self.recipes(strength);
            if !strength.is_finite() || recipes.is_empty() {
                let wanted = "a finite number, for which there is a way to change images";
                return refuse(format!("{strength} in {}", self.name), wanted);
            }
            for recipe in &recipes {
                Corrupted::new(data, recipe, seed)?;
            }
        }
        Ok(())
    }
}

fn with(transform: impl Transform) -> Augment {
    Augment::new().with(transform)
}

impl fmt::Debug for Corruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Corruption({}: {:?})", self.name, self.strengths)
    }
}
