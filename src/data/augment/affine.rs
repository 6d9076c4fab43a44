//! Moves of the plane that keep parallels parallel, as one matrix.

use crate::kernels::math::{cos_turns, sin_turns};

/// A map of the plane about the centre of an image, x to the right and y down, in pixels.
///
/// What an image looks like after the map: `p'` is where the ink at `p` ends.
///
/// ```text
/// p' = L·p + t        kept as its inverse, p = L⁻¹·p' - L⁻¹·t: where a pixel's ink comes from
/// ```
///
/// ```
/// use chainrule::data::augment::Affine;
///
/// // A turn by a quarter, twice, is a turn by a half.
/// let quarter = Affine::rotation(90.0);
/// assert_eq!(quarter.then(quarter), Affine::rotation(180.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine {
    /// The inverse's linear part, by rows.
    pub(super) linear: [[f32; 2]; 2],
    /// The inverse's constant part.
    pub(super) offset: [f32; 2],
}

impl Affine {
    /// Everything stays where it is.
    pub const IDENTITY: Affine = Affine { linear: [[1.0, 0.0], [0.0, 1.0]], offset: [0.0, 0.0] };

    /// A turn, counterclockwise as one sees it. Quarters are exact.
    pub fn rotation(degrees: f32) -> Self {
        let turns = degrees / 360.0;
        let (sin, cos) = (sin_turns(turns), cos_turns(turns));
        Affine { linear: [[cos, -sin], [sin, cos]], ..Affine::IDENTITY }
    }

    /// A move by `x` to the right and `y` down.
    pub fn shift(x: f32, y: f32) -> Self {
        Affine { offset: [-x, -y], ..Affine::IDENTITY }
    }

    /// Makes everything larger by these factors, which must not be 0; below 1, smaller.
    pub fn scale(x: f32, y: f32) -> Self {
        Affine { linear: [[1.0 / x, 0.0], [0.0, 1.0 / y]], ..Affine::IDENTITY }
    }

    /// A slant to the right, for degrees above 0: what was upright leans by this angle, below ±90.
    pub fn shear(degrees: f32) -> Self {
        let turns = degrees / 360.0;
        let tangent = sin_turns(turns) / cos_turns(turns);
        Affine { linear: [[1.0, tangent], [0.0, 1.0]], ..Affine::IDENTITY }
    }

    /// This map, and then the `next` one.
    #[must_use]
    pub fn then(self, next: Affine) -> Self {
        let [x, y] = [0, 1].map(|row| {
            let [a, b] = self.linear[row];
            let [[c, d], [e, f]] = next.linear;
            let constant = a * next.offset[0] + b * next.offset[1] + self.offset[row];
            ([a * c + b * e, a * d + b * f], constant)
        });
        Affine { linear: [x.0, y.0], offset: [x.1, y.1] }
    }

    /// The inverse map between numbers of rows and columns: `[a, b, c]` with `x = a·x' + b·y' + c`,
    /// and the same for `y`.
    pub(super) fn of_pixels(&self, height: usize, width: usize) -> [[f32; 3]; 2] {
        let centre = [0.5 * (width as f32 - 1.0), 0.5 * (height as f32 - 1.0)];
        [0, 1].map(|row| {
            let [a, b] = self.linear[row];
            [a, b, centre[row] - (a * centre[0] + b * centre[1]) + self.offset[row]]
        })
    }
}
