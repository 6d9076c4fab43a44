//! Tilt of a line of writing, and the picture without it.

use crate::intake::{Grey, Mask};
use crate::kernels::math::{cos_turns, sin_turns};

/// Largest tilt that is searched, in degrees.
const MOST: f32 = 12.0;
/// Steps of the search, coarse and then fine.
const STEPS: [f32; 2] = [0.5, 0.1];
/// Most pixels whose rows are counted.
const SAMPLES: usize = 20_000;
/// Gain in sharpness from which a tilt is believed.
const LEAST_GAIN: f32 = 1.1;

/// A turn of a picture about its centre.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    sin: f32,
    cos: f32,
    from: [usize; 2],
    to: [usize; 2],
}

impl Turn {
    /// Turn of a picture of this size, such that writing which rises to the right by this angle is level.
    pub fn new([height, width]: [usize; 2], degrees: f32) -> Self {
        let (sin, cos) = (sin_turns(degrees / 360.0), cos_turns(degrees / 360.0));
        let (h, w) = (height as f32, width as f32);
        let to =
            [h * cos + w * sin.abs(), w * cos + h * sin.abs()].map(|side| side.ceil() as usize);
        Turn {
            sin,
            cos,
            from: [height, width],
            to: if degrees == 0.0 { [height, width] } else { to },
        }
    }

    /// Place (row, column) in the original of a place in the turned picture.
    pub fn source(&self, row: f32, column: f32) -> [f32; 2] {
        let middle = |side: usize| 0.5 * (side as f32 - 1.0);
        let (y, x) = (row - middle(self.to[0]), column - middle(self.to[1]));
        let (from_y, from_x) = (self.cos * y - self.sin * x, self.sin * y + self.cos * x);
        [from_y + middle(self.from[0]), from_x + middle(self.from[1])]
    }

    /// Turns a picture; what comes from outside is 0. The brightness between pixels is interpolated.
    pub fn of(&self, picture: &Grey) -> Grey {
        if self.sin == 0.0 {
            return picture.clone();
        }
        Grey::from_fn(self.to[0], self.to[1], |row, column| {
            let [y, x] = self.source(row as f32, column as f32);
            picture.between(y, x)
        })
    }
}

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
            let turn = Turn::new([120, 300], found);
            let level = turn.of(&mask.to_grey());
            let level = Mask::from_fn(level.height(), level.width(), |y, x| level.at(y, x) > 0.5);
            let height = level.bounds().map(|area| area.height).unwrap_or(0);
            assert!((28..36).contains(&height), "{height} rows at {degrees}°");
        }
    }

    #[test]
    fn places_are_found_again() {
        let turn = Turn::new([100, 200], 10.0);
        let dot = Grey::from_fn(100, 200, |y, x| {
            if y.abs_diff(30) < 2 && x.abs_diff(150) < 2 { 1.0 } else { 0.0 }
        });
        let turned = turn.of(&dot);
        let brightest = (0..turned.pixels().len())
            .max_by(|&a, &b| turned.pixels()[a].total_cmp(&turned.pixels()[b]));
        let at = brightest.unwrap();
        let [y, x] = turn.source((at / turned.width()) as f32, (at % turned.width()) as f32);
        assert!((y - 30.0).abs() < 2.0 && (x - 150.0).abs() < 2.0, "{y} {x}");
    }
}
