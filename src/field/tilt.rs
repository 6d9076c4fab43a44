//! Tilt of a line of writing.

use crate::intake::Mask;
use crate::kernels::math::{cos_turns, sin_turns};

/// Largest tilt that is searched, in degrees.
const MOST: f32 = 12.0;
/// Steps of the search, coarse and then fine.
const STEPS: [f32; 2] = [0.5, 0.1];
/// Most pixels whose rows are counted.
const SAMPLES: usize = 20_000;
/// Gain in sharpness from which a tilt is believed.
const LEAST_GAIN: f32 = 1.1;

/// Returns the angle by which a line of writing rises to the right, in degrees: that at which the rows of
/// ink are sharpest.
///
/// ```text
/// argmax_α Σ_r (n_r(α) - n_{r-1}(α))²        n_r(α): number of ink pixels with r ≤ y + x·tan α < r + 1
/// ```
///
/// - **Source**: W. Postl, "Detection of linear oblique structures and skew scan in digitized documents",
///   1986.
pub(super) fn tilt(ink: &Mask) -> f32 {
    let Some(area) = ink.bounds() else { return 0.0 };
    // A lone digit is not a line.
    if 2 * area.width < 3 * area.height {
        return 0.0;
    }
    let rows = area.top..area.bottom();
    let pixels: Vec<[f32; 2]> = rows
        .flat_map(|y| {
            (area.left..area.right())
                .filter(move |&x| ink.at(y, x))
                .map(move |x| [y as f32, x as f32])
        })
        .collect();
    let pixels: Vec<[f32; 2]> =
        pixels.iter().step_by(pixels.len().div_ceil(SAMPLES)).copied().collect();
    let mut best = (sharpness(&pixels, 0.0), 0.0);
    let level = best.0;
    let mut range = (-MOST, MOST);
    for step in STEPS {
        let count = ((range.1 - range.0) / step).round() as usize;
        for i in 0..=count {
            let degrees = range.0 + i as f32 * step;
            let sharpness = sharpness(&pixels, degrees);
            if sharpness > best.0 {
                best = (sharpness, degrees);
            }
        }
        range = (best.1 - step, best.1 + step);
    }
    if best.0 > LEAST_GAIN * level { best.1 } else { 0.0 }
}

fn sharpness(pixels: &[[f32; 2]], degrees: f32) -> f32 {
    let turns = degrees / 360.0;
    let tangent = sin_turns(turns) / cos_turns(turns);
    let place = |&[y, x]: &[f32; 2]| y + tangent * x;
    let first = pixels.iter().map(place).fold(f32::INFINITY, f32::min);
    let mut counts = Vec::new();
    for pixel in pixels {
        let row = (place(pixel) - first) as usize;
        if row + 2 > counts.len() {
            counts.resize(row + 2, 0.0f32);
        }
        // Between two rows, so that the angle changes the counts little by little.
        let share = (place(pixel) - first) - row as f32;
        counts[row] += 1.0 - share;
        counts[row + 1] += share;
    }
    counts.windows(2).map(|pair| (pair[1] - pair[0]) * (pair[1] - pair[0])).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::Turn;

    fn stripes(degrees: f32) -> Mask {
        let tangent = degrees.to_radians().tan();
        Mask::from_fn(120, 300, |y, x| {
            let row = y as f32 + tangent * x as f32;
            (50.0..80.0).contains(&row) && x % 40 > 12
        })
    }

    #[test]
    fn tilt_is_found_and_undone() {
        for degrees in [-9.0, -2.3, 0.0, 4.0, 10.0] {
            let mask = stripes(degrees);
            let found = tilt(&mask);
            assert!((found - degrees).abs() < 0.4, "{found} for {degrees}");
            let turn = Turn::whole([120, 300], found);
            let level = turn.of(&mask.to_grey());
            let level = Mask::from_fn(level.height(), level.width(), |y, x| level.at(y, x) > 0.5);
            let height = level.bounds().map(|area| area.height).unwrap_or(0);
            assert!((28..36).contains(&height), "{height} rows at {degrees}°");
        }
    }
}
