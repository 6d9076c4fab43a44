//! Ink of a picture: where it is, and how dark.

use super::light::{darkness, noise, quantile};
use super::polarity::is_light_on_dark;
use super::{Grey, Mask, otsu, sauvola};
use crate::error::IntakeError;

/// Longest side of a picture that is small: cut out and clean, and not a photograph.
pub(super) const SMALL: usize = 64;
/// Share by which ink must be darker than the paper at least.
const LEAST_CONTRAST: f32 = 0.08;
/// Deviations of the noise that are taken for noise.
const DEVIATIONS: f32 = 5.0;
/// Darkness, as a share of the ink's, above which a pixel is always ink.
const FULL: f32 = 0.75;
/// Distance of the local threshold below paper without writing, as a share of it.
const K: f32 = 0.3;

/// Ink of a picture.
#[derive(Debug, Clone)]
pub struct Ink {
    /// `true` where the ink is lighter than the paper.
    pub light_on_dark: bool,
    /// Darkness of each pixel: 0 for paper, 1 for ink of the usual tone.
    pub darkness: Grey,
    /// The pixels that are ink.
    pub mask: Mask,
}

impl Ink {
    /// Finds the ink.
    ///
    /// The brightness is divided by that of the paper around it. A small picture, no side longer than 64
    /// pixels, then has one threshold ([`otsu`]); in a larger one each pixel has a threshold of its own
    /// ([`sauvola`], in squares of `window` pixels).
    ///
    /// # Errors
    ///
    /// [`IntakeError::NoInk`] where nothing differs from the paper by more than the noise does.
    pub fn find(picture: &Grey, window: usize) -> Result<Self, IntakeError> {
        let is_small = picture.height().max(picture.width()) <= SMALL;
        let light_on_dark = is_light_on_dark(picture, is_small);
        let picture = if light_on_dark { picture.map(|x| 1.0 - x) } else { picture.clone() };
        let (dark, noise) = if is_small {
            (darkness(&picture), 0.0)
        } else {
            let dark = darkness(&picture.smoothed());
            let noise = noise(&dark);
            (dark, noise)
        };
        let least = LEAST_CONTRAST.max(DEVIATIONS * noise);
        let mask = if is_small {
            let threshold = otsu(&dark);
            Mask::from_fn(dark.height(), dark.width(), |y, x| dark.at(y, x) > threshold)
        } else {
            let local = sauvola(&dark.map(|x| 1.0 - x), window, K);
            let least = 0.5 * least;
            Mask::from_fn(dark.height(), dark.width(), |y, x| {
                local.at(y, x) && dark.at(y, x) > least
            })
        };
        let [ink, paper] = [true, false].map(|is_ink| tone(&dark, &mask, is_ink));
        let contrast = ink - paper;
        if contrast < least {
            let contrast = contrast.max(0.0);
            return Err(IntakeError::NoInk { contrast, noise: least });
        }
        let darkness = dark.map(|x| ((x - paper) / contrast).clamp(0.0, 1.0));
        // Within a stroke that is wider than the window, the local threshold finds no difference.
        let mask = Mask::from_fn(dark.height(), dark.width(), |y, x| {
            mask.at(y, x) || darkness.at(y, x) > FULL
        });
        Ok(Ink { light_on_dark, darkness, mask })
    }
}

/// Median darkness of the ink, or of the paper; 0 if there is no such pixel.
fn tone(dark: &Grey, mask: &Mask, is_ink: bool) -> f32 {
    let rows = dark.pixels().chunks_exact(dark.width()).enumerate();
    let mut values: Vec<f32> = rows
        .flat_map(|(y, row)| row.iter().zip(mask.row(y)))
        .filter_map(|(&dark, &ink)| (ink == is_ink).then_some(dark))
        .collect();
    if values.is_empty() { 0.0 } else { quantile(&mut values, 0.5) }
}
