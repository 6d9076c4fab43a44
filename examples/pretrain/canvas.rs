//! A picture to draw on: ink is 1.

use chainrule::intake::Grey;

/// Side of the picture, in pixels.
pub const SIDE: usize = 112;

/// A square picture.
pub struct Canvas {
    pixels: Vec<f32>,
}

impl Canvas {
    /// Returns an empty picture.
    pub fn new() -> Self {
        Canvas { pixels: vec![0.0; SIDE * SIDE] }
    }

    /// Draws a stroke from one place (column, row) to another, with round ends and soft edges.
    pub fn line(&mut self, from: [f32; 2], to: [f32; 2], width: f32) {
        let along = [to[0] - from[0], to[1] - from[1]];
        let square = (along[0] * along[0] + along[1] * along[1]).max(1e-6);
        for (at, pixel) in self.pixels.iter_mut().enumerate() {
            let off = [(at % SIDE) as f32 - from[0], (at / SIDE) as f32 - from[1]];
            let share = ((off[0] * along[0] + off[1] * along[1]) / square).clamp(0.0, 1.0);
            let [x, y] = [off[0] - share * along[0], off[1] - share * along[1]];
            let ink = (0.5 * width - (x * x + y * y).sqrt() + 0.5).clamp(0.0, 1.0);
            *pixel = pixel.max(ink);
        }
    }

    /// Draws a quadratic Bézier curve, as eight lines.
    pub fn curve(&mut self, [a, b, c]: [[f32; 2]; 3], width: f32) {
        let at = |t: f32| {
            let weights = [(1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t];
            [0, 1].map(|axis| weights[0] * a[axis] + weights[1] * b[axis] + weights[2] * c[axis])
        };
        (0..8).for_each(|i| self.line(at(i as f32 / 8.0), at((i + 1) as f32 / 8.0), width));
    }

    /// Adds ink whose first row and column these are.
    pub fn paste(&mut self, ink: &Grey, top: usize, left: usize) {
        for y in 0..ink.height() {
            for x in 0..ink.width() {
                let pixel = &mut self.pixels[(top + y) * SIDE + left + x];
                *pixel = pixel.max(ink.at(y, x));
            }
        }
    }

    /// Returns the picture.
    pub fn picture(self) -> Grey {
        Grey::new(SIDE, SIDE, self.pixels).expect("a square of numbers")
    }
}
