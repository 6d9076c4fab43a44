//! One threshold for a whole picture.

use super::Grey;

/// Number of steps between black and white.
const LEVELS: usize = 256;

/// Returns the threshold that separates two kinds of pixels best: the variance between the two means
/// is largest. Bright pixels are above it. A picture of one brightness has that brightness.
///
/// ```text
/// t* = argmax_t ω₀(t)·ω₁(t)·(μ₁(t) - μ₀(t))²
/// ```
///
/// ω are the shares of the pixels on either side of `t`, μ their means, over a histogram of 256 levels.
/// Of equal thresholds the middle is taken.
///
/// - **Source**: N. Otsu, "A threshold selection method from gray-level histograms", 1979.
///
/// ```
/// use chainrule::intake::{Grey, otsu};
///
/// let picture = Grey::from_bytes(1, 4, &[10, 20, 200, 210])?;
/// let threshold = 255.0 * otsu(&picture);
/// assert!(threshold > 20.0 && threshold < 200.0);
/// # Ok::<(), chainrule::error::IntakeError>(())
/// ```
pub fn otsu(picture: &Grey) -> f32 {
    let mut histogram = [0usize; LEVELS];
    let level = |x: f32| (x * (LEVELS - 1) as f32).round() as usize;
    picture.pixels().iter().for_each(|&x| histogram[level(x)] += 1);
    let count = picture.pixels().len() as f64;
    let total: f64 = histogram.iter().enumerate().map(|(level, &n)| (level * n) as f64).sum();
    let (mut below, mut sum) = (0.0, 0.0);
    let (mut best, mut first, mut last) = (0.0, 0, 0);
    for (level, &n) in histogram.iter().enumerate() {
        below += n as f64;
        sum += (level * n) as f64;
        if below == 0.0 || below == count {
            continue;
        }
        let difference = sum / below - (total - sum) / (count - below);
        let between = below * (count - below) * difference * difference;
        if between > best {
            (best, first) = (between, level);
        }
        if between == best {
            last = level;
        }
    }
    if best == 0.0 {
        return picture.at(0, 0);
    }
    // A level holds what is within half a step; the threshold is above the last of the dark ones.
    (0.5 * (first + last) as f32 + 0.5) / (LEVELS - 1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_brightness_has_no_two_kinds() {
        assert_eq!(otsu(&Grey::from_bytes(2, 2, &[51; 4]).unwrap()), 0.2);
        let halves = Grey::from_bytes(1, 4, &[0, 0, 255, 255]).unwrap();
        assert!((otsu(&halves) - 0.5).abs() < 0.01);
    }
}
