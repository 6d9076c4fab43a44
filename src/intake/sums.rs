//! Sums over rectangles of a picture, four numbers each.

use super::Grey;

/// Sums over all rectangles that begin at the first pixel: four of them give any other's.
pub(super) struct Sums {
    stride: usize,
    sums: Vec<f64>,
}

impl Sums {
    /// Sums of a function of the pixels.
    pub fn of(picture: &Grey, value: impl Fn(f64) -> f64) -> Self {
        let stride = picture.width() + 1;
        let mut sums = vec![0.0; (picture.height() + 1) * stride];
        for y in 0..picture.height() {
            let mut row = 0.0;
            for x in 0..picture.width() {
                row += value(f64::from(picture.at(y, x)));
                sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
            }
        }
        Sums { stride, sums }
    }

    /// Sum over the rows from `top` to before `bottom`, and the columns from `left` to before `right`.
    pub fn within(&self, top: usize, left: usize, bottom: usize, right: usize) -> f64 {
        let at = |row: usize, column: usize| self.sums[row * self.stride + column];
        at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left)
    }
}
