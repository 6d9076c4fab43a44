//! Polarity: dark ink on light paper, or light ink on dark paper.

use super::light::DARKEST;
use super::sums::Sums;
use super::{Grey, otsu};
use crate::kernels::math::ln;

/// Returns `true` if the ink is lighter than the paper.
///
/// The rarer of two tones is further from their mean. In a small picture, cut out and clean, the mean is that of
/// the picture. Most of a large one may lie in a shadow, so that the mean is that around each pixel, of the
/// logarithms of the brightness, which light and shadow change by a constant:
///
/// ```text
/// ink is light where Σ (l - m)³ > 0        l = ln x, m: mean of l in a square around the pixel
/// ```
pub(super) fn is_light_on_dark(picture: &Grey, is_small: bool) -> bool {
    if is_small {
        return light_is_rarer(picture);
    }
    let (height, width) = (picture.height(), picture.width());
    let reach = height.min(width);
    let logarithms = picture.map(|x| ln(x.max(DARKEST)));
    let sums = Sums::of(&logarithms, |l| l);
    let mut sum = 0.0;
    for y in 0..height {
        let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(height));
        for x in 0..width {
            let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(width));
            let n = ((bottom - top) * (right - left)) as f64;
            let off = f64::from(logarithms.at(y, x)) - sums.within(top, left, bottom, right) / n;
            sum += off * off * off;
        }
    }
    sum > 0.0
}

/// Returns `true` if the light pixels are rarer than the dark ones, where the border counts as much as all of
/// it: a frame is taken around the writing.
fn light_is_rarer(picture: &Grey) -> bool {
    let threshold = otsu(picture);
    let (height, width) = (picture.height(), picture.width());
    let (mut light, mut border, mut light_border) = (0usize, 0usize, 0usize);
    for y in 0..height {
        for x in 0..width {
            let is_light = picture.at(y, x) > threshold;
            light += usize::from(is_light);
            if y == 0 || x == 0 || y + 1 == height || x + 1 == width {
                border += 1;
                light_border += usize::from(is_light);
            }
        }
    }
    let share = light as f32 / (height * width) as f32;
    share + light_border as f32 / border as f32 <= 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_the_rarer_tone_in_any_shadow() {
        let ring = |y: usize, x: usize| {
            let square = (y as f32 - 60.0).powi(2) + (x as f32 - 60.0).powi(2);
            (900.0..1200.0).contains(&square)
        };
        let form = |y: usize, x: usize| y % 30 < 2 || x % 30 < 2;
        let shadow = |y: usize, x: usize| if 2 * x + y < 90 { 0.9 } else { 0.45 };
        for name in ["ring", "form"] {
            let is_ink = |y, x| if name == "ring" { ring(y, x) } else { form(y, x) };
            for (ink, paper) in [(0.3, 1.0), (1.0, 0.3)] {
                let tone = |y: usize, x: usize| if is_ink(y, x) { ink } else { paper };
                let picture = Grey::from_fn(120, 120, |y, x| shadow(y, x) * tone(y, x));
                assert_eq!(is_light_on_dark(&picture, false), ink > paper, "{name}, {ink}");
            }
        }
    }
}
