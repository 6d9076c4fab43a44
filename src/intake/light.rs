//! Light: how bright the paper is where, and how noisy.

use super::Grey;
use super::closing::closing;

/// Strokes are narrower than half of this part of the shorter side.
const STROKES: usize = 6;
/// Least distance from the middle of a stroke to paper that is looked for, in pixels.
const LEAST_REACH: usize = 12;
/// Brightness below which paper is not divided by.
pub(super) const DARKEST: f32 = 0.05;
/// Deviation of a normal distribution over its median distance from the mean.
const OF_MEDIAN: f32 = 1.4826;

/// Returns how much darker each pixel is than the paper around it: `1 - x/paper`, in 0..1, which is the same in
/// light and in shadow.
///
/// The brightness of the paper is the closing: strokes are filled, and the edges of shadows stay.
pub(super) fn darkness(picture: &Grey) -> Grey {
    let (height, width) = (picture.height(), picture.width());
    let paper = closing(picture, (height.min(width) / STROKES).max(LEAST_REACH));
    let dark = |y: usize, x: usize| 1.0 - picture.at(y, x) / paper.at(y, x).max(DARKEST);
    Grey::from_fn(height, width, |y, x| dark(y, x).max(0.0))
}

/// Returns the standard deviation of the noise, from the median difference of neighbours in a row,
/// which few edges leave as it is.
pub(super) fn noise(picture: &Grey) -> f32 {
    let rows = picture.pixels().chunks_exact(picture.width());
    let mut differences: Vec<f32> =
        rows.flat_map(|row| row.windows(2).map(|pair| (pair[1] - pair[0]).abs())).collect();
    if differences.is_empty() {
        return 0.0;
    }
    // The difference of two pixels has twice the variance of one.
    OF_MEDIAN * quantile(&mut differences, 0.5) / 2f32.sqrt()
}

/// Returns the value below which this share of the values lies. There is at least one.
pub(super) fn quantile(values: &mut [f32], share: f32) -> f32 {
    let index = ((share * values.len() as f32) as usize).min(values.len() - 1);
    *values.select_nth_unstable_by(index, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shadow_is_no_ink() {
        // A stroke crosses the sharp edge of a shadow.
        let shadow = |x: usize| if x < 30 { 0.9 } else { 0.4 };
        let is_ink = |y: usize| (50..56).contains(&y);
        let picture = Grey::from_fn(120, 120, |y, x| shadow(x) * if is_ink(y) { 0.3 } else { 1.0 });
        let dark = darkness(&picture);
        for y in 0..120 {
            for x in 0..120 {
                let wanted = if is_ink(y) { 0.7 } else { 0.0 };
                assert!((dark.at(y, x) - wanted).abs() < 1e-5, "{y} {x}: {}", dark.at(y, x));
            }
        }
    }

    #[test]
    fn edges_are_no_noise() {
        let edges = Grey::from_fn(20, 20, |_, x| if x % 10 < 5 { 0.2 } else { 0.8 });
        assert_eq!(noise(&edges), 0.0);
        let noisy = Grey::from_fn(20, 20, |y, x| 0.5 + 0.01 * ((y * 7 + x * 13) % 5) as f32);
        assert!((0.01..0.05).contains(&noise(&noisy)));
    }
}
