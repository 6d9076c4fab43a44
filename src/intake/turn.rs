//! Turn of a picture about its middle.

use super::Grey;
use crate::kernels::math::{cos_turns, sin_turns};

/// A turn of a picture about its middle.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    sin: f32,
    cos: f32,
    from: [usize; 2],
    to: [usize; 2],
}

impl Turn {
    /// Turn of a picture of this height and width in its own size, such that what rises to the right by this
    /// angle is level. Its corners are lost.
    pub fn within(size: [usize; 2], degrees: f32) -> Self {
        let (sin, cos) = (sin_turns(degrees / 360.0), cos_turns(degrees / 360.0));
        Turn { sin, cos, from: size, to: size }
    }

    /// Turn like [`Turn::within`], in a size that holds all of the picture.
    pub fn whole(size: [usize; 2], degrees: f32) -> Self {
        let turn = Turn::within(size, degrees);
        if degrees == 0.0 {
            return turn;
        }
        let (h, w) = (size[0] as f32, size[1] as f32);
        let to = [h * turn.cos + w * turn.sin.abs(), w * turn.cos + h * turn.sin.abs()];
        Turn { to: to.map(|side| side.ceil() as usize), ..turn }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_again() {
        let turn = Turn::whole([100, 200], 10.0);
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
