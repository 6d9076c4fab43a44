//! Pictures for a terminal.

use ndarray::ArrayView3;

/// Draws images side by side in characters, two rows of pixels to a line, the first channel of
/// each: 0 is blank and 255 a full block. Lines that would be blank above and below are left out.
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
    let mut lines: Vec<String> = Vec::new();
    for row in (0..height).step_by(2) {
        let mut line = String::new();
        for image in images {
            for column in 0..image.dim().1 {
                let pixel = |row| image.get((row, column, 0)).copied().map_or(0, u16::from);
                let mean = (pixel(row) + pixel(row + 1)) / 2;
                line.push(SHADES[(usize::from(mean) * (SHADES.len() - 1) + 127) / 255]);
            }
            line.push_str("  ");
        }
        lines.push(line.trim_end().to_string());
    }
    let is_ink = |line: &String| !line.is_empty();
    let first = lines.iter().position(is_ink).unwrap_or(0);
    let last = lines.iter().rposition(is_ink).map_or(0, |last| last + 1);
    lines[first..last.max(first)].join("\n")
}

#[cfg(test)]
mod tests {
    use super::draw;
    use ndarray::Array3;

    #[test]
    fn two_rows_a_line_and_no_blank_border() {
        let mut image = Array3::zeros((6, 3, 1));
        image[[2, 0, 0]] = 255;
        image[[3, 0, 0]] = 255;
        image[[3, 2, 0]] = 255;
        assert_eq!(draw(&[image.view(), image.view()]), "█ ▒  █ ▒");
        assert_eq!(draw(&[Array3::zeros((4, 4, 1)).view()]), "");
        assert_eq!(draw(&[]), "");
    }
}
