//! Pixels that are ink, and pixels that are none.

use super::{Area, Grey};

/// A picture of two values: ink or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Mask {
    height: usize,
    width: usize,
    ink: Vec<bool>,
}

impl Mask {
    /// Mask whose pixels are ink where a function of row and column says so.
    pub fn from_fn(height: usize, width: usize, ink: impl Fn(usize, usize) -> bool) -> Self {
        let ink = &ink;
        let pixels = (0..height).flat_map(|row| (0..width).map(move |column| ink(row, column)));
        Mask { height, width, ink: pixels.collect() }
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Returns `true` if a pixel is ink.
    ///
    /// # Panics
    ///
    /// If there is no such pixel, as indexing a slice does.
    pub fn at(&self, row: usize, column: usize) -> bool {
        assert!(column < self.width, "column {column} of {}", self.width);
        self.ink[row * self.width + column]
    }

    /// Number of pixels that are ink.
    pub fn count(&self) -> usize {
        self.ink.iter().filter(|&&ink| ink).count()
    }

    /// Smallest rectangle around all ink; `None` without ink.
    pub fn bounds(&self) -> Option<Area> {
        let has_ink = |row: &usize| self.row(*row).contains(&true);
        let top = (0..self.height).find(has_ink)?;
        let bottom = (0..self.height).rfind(has_ink)? + 1;
        let column = |x: &usize| (top..bottom).any(|y| self.at(y, *x));
        let left = (0..self.width).find(column)?;
        let right = (0..self.width).rfind(column)? + 1;
        Some(Area { top, left, height: bottom - top, width: right - left })
    }

    pub(crate) fn row(&self, row: usize) -> &[bool] {
        &self.ink[row * self.width..][..self.width]
    }

    pub(crate) fn set(&mut self, row: usize, column: usize, ink: bool) {
        self.ink[row * self.width + column] = ink;
    }

    /// The ink in a rectangle of the mask.
    pub(crate) fn crop(&self, area: Area) -> Mask {
        Mask::from_fn(area.height, area.width, |y, x| self.at(area.top + y, area.left + x))
    }

    /// The ink, and the pixels around each pixel of it.
    pub(crate) fn grown(&self) -> Mask {
        Mask::from_fn(self.height, self.width, |y, x| {
            let columns = x.saturating_sub(1)..(x + 2).min(self.width);
            (y.saturating_sub(1)..(y + 2).min(self.height))
                .any(|y| self.row(y)[columns.clone()].contains(&true))
        })
    }

    /// Mask as a picture: 1 where there is ink.
    pub fn to_grey(&self) -> Grey {
        Grey::from_fn(self.height, self.width, |y, x| if self.at(y, x) { 1.0 } else { 0.0 })
    }

    /// Mean width of the strokes, in pixels: twice the area over the length of the outline.
    ///
    /// ```text
    /// a stroke of length l and width w:   area = l·w,  outline ≈ 2·l
    /// ```
    ///
    /// The outline is counted in edges between ink and paper. On average over directions, a line of
    /// length 1 crosses 4/π of them.
    pub fn stroke_width(&self) -> f32 {
        let mut edges = 0usize;
        let ink = |y: usize, x: usize| y < self.height && x < self.width && self.at(y, x);
        for y in 0..=self.height {
            for x in 0..=self.width {
                let own = ink(y, x);
                edges += usize::from(own != (x > 0 && ink(y, x - 1)));
                edges += usize::from(own != (y > 0 && ink(y - 1, x)));
            }
        }
        let outline = edges.max(1) as f32 * std::f32::consts::FRAC_PI_4;
        2.0 * self.count() as f32 / outline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_of_strokes_in_all_directions() {
        let upright = Mask::from_fn(100, 20, |_, x| (8..12).contains(&x));
        assert!((upright.stroke_width() - 4.0 * 4.0 / std::f32::consts::PI).abs() < 0.3);
        let slanted = Mask::from_fn(100, 100, |y, x| (2 * x + 1).abs_diff(y + 20) < 5);
        assert!((3.0..5.0).contains(&slanted.stroke_width()), "{}", slanted.stroke_width());
        assert_eq!(Mask::from_fn(3, 3, |_, _| false).stroke_width(), 0.0);
    }

    #[test]
    fn bounds_and_growth() {
        let dot = Mask::from_fn(5, 6, |y, x| (y, x) == (2, 0));
        assert_eq!(dot.bounds(), Some(Area { top: 2, left: 0, height: 1, width: 1 }));
        assert_eq!(dot.grown().bounds(), Some(Area { top: 1, left: 0, height: 3, width: 2 }));
        assert_eq!(Mask::from_fn(5, 6, |_, _| false).bounds(), None);
    }
}
