//! Polarity: dark ink on light paper, or light ink on dark paper.

use super::Grey;
use super::light::DARKEST;
use super::sums::Sums;
use crate::kernels::math::ln;

/// Returns `true` if the ink is lighter than the paper.
///
/// The rarer of two tones is further from their mean: light ink has a positive third moment. The mean is that of
/// a square around each pixel, so that a shadow on a part of the picture does not count as ink.
///
/// ```text
/// ink is light where Σ (l - m)³ > 0        m: mean of l in the square
/// ```
///
/// In a photograph `l` is the logarithm of the brightness, which light and shadow change by a constant. In a
/// small picture it is the brightness, and the squares are smaller. The picture gets a margin in which its border
/// is repeated: paper is at the border, and may be less than the ink where a digit is cut out tight.
pub(super) fn is_light_on_dark(picture: &Grey, is_small: bool) -> bool {
    let shorter = picture.height().min(picture.width());
    let (tones, reach) = match is_small {
        true => (picture.clone(), shorter / 2),
        false => (picture.map(|x| ln(x.max(DARKEST))), shorter),
    };
    third_moment(&with_margin(&tones, shorter / 2), reach) > 0.0
}

/// Sum of the third powers of the distances from the mean of the square around each pixel, which reaches this
/// far from it.
fn third_moment(picture: &Grey, reach: usize) -> f64 {
    let (height, width) = (picture.height(), picture.width());
    let sums = Sums::of(picture, |l| l);
    let mut sum = 0.0;
    for y in 0..height {
        let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(height));
        for x in 0..width {
            let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(width));
            let n = ((bottom - top) * (right - left)) as f64;
            let off = f64::from(picture.at(y, x)) - sums.within(top, left, bottom, right) / n;
            sum += off * off * off;
        }
    }
    sum
}

/// The picture with a margin of this width, in which its border is repeated.
fn with_margin(picture: &Grey, margin: usize) -> Grey {
    let inside = |at: usize, side: usize| at.saturating_sub(margin).min(side - 1);
    let (height, width) = (picture.height(), picture.width());
    Grey::from_fn(height + 2 * margin, width + 2 * margin, |y, x| {
        picture.at(inside(y, height), inside(x, width))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pictures_may_be_cut_tight_or_shaded() {
        // A zero that fills its picture: more ink than paper.
        let is_ink = |y: usize, x: usize| {
            let square = ((y as f32 - 9.5) / 9.9).powi(2) + ((x as f32 - 6.5) / 6.9).powi(2);
            (0.1..=1.0).contains(&square)
        };
        for (ink, paper) in [(0.0, 1.0), (1.0, 0.0), (0.3, 0.8)] {
            let tight = Grey::from_fn(20, 14, |y, x| if is_ink(y, x) { ink } else { paper });
            assert_eq!(is_light_on_dark(&tight, true), ink > paper, "{ink} on {paper}");
        }
        let shaded = Grey::from_fn(40, 36, |y, x| {
            let light = if x < 20 { 0.9 } else { 0.5 };
            light * if (10..30).contains(&y) && (16..19).contains(&x) { 0.3 } else { 1.0 }
        });
        assert!(!is_light_on_dark(&shaded, true));
    }

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
