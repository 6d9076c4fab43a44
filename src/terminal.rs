//! Pictures for a terminal.

use ndarray::ArrayView3;

/// Draws images of one height side by side in characters, two rows of pixels to a line, the first
/// channel of each; 0 is blank and 255 a full block.
///
/// ```
/// use chainrule::prelude::*;
///
/// let digits = Mnist::sample().test;
/// println!("{}", draw(&[digits.image(0), digits.image(1)]));
/// ```
pub fn draw(images: &[ArrayView3<'_, u8>]) -> String {
    const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
    let height = images.iter().map(|image| image.dim().0).max().unwrap_or(0);
    let mut lines = String::new();
    for row in (0..height).step_by(2) {
        let mut line = String::new();
        for image in images {
            for column in 0..image.dim().1 {
                let pixel = |row| image.get((row, column, 0)).copied().map_or(0, u16::from);
                let mean = (pixel(row) + pixel(row + 1)) / 2;
                line.push(SHADES[usize::from(mean) * (SHADES.len() - 1) / 255]);
            }
            line.push_str("  ");
        }
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines
}
