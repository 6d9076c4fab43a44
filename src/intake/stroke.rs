//! Width of strokes, brought into a range.

use super::{Grey, Mask};

/// Longer side of the digit while its strokes are changed, in pixels.
const LONGER: usize = 80;
/// Most steps by which strokes grow or shrink, each by two pixels.
const MOST_STEPS: usize = 5;

/// Thickens or thins the strokes of a digit (1 is ink, cut to its ink) until they would be of a width in
/// `range`, in pixels, where the digit is `side` pixels long. A felt pen and a pencil then look alike.
///
/// The digit is enlarged first. A step takes the largest or the smallest of the pixels around each:
/// in turn of four and of eight, whose composition is close to a disc.
pub(super) fn with_strokes(digit: &Grey, range: (f32, f32), side: usize) -> Grey {
    let longer = digit.height().max(digit.width());
    let sized = |side: usize| ((side * LONGER + longer / 2) / longer).max(1);
    let mut digit =
        digit.resized(sized(digit.height()), sized(digit.width())).framed(MOST_STEPS + 1);
    let scale = side as f32 / LONGER as f32;
    let width = |digit: &Grey| {
        let ink = Mask::from_fn(digit.height(), digit.width(), |y, x| digit.at(y, x) > 0.5);
        ink.stroke_width() * scale
    };
    let (thin, thick) = range;
    for step in 0..MOST_STEPS {
        let width = width(&digit);
        let next = if width < thin {
            extreme(&digit, step % 2 == 1, f32::max)
        } else if width > thick {
            extreme(&digit, step % 2 == 1, f32::min)
        } else {
            break;
        };
        digit = next;
    }
    digit
}

/// Largest or smallest of each pixel and its four or eight neighbours.
fn extreme(picture: &Grey, corners: bool, better: impl Fn(f32, f32) -> f32) -> Grey {
    let (height, width) = (picture.height(), picture.width());
    let along = |row: &[f32], x: usize| {
        better(better(row[x.saturating_sub(1)], row[x]), row[(x + 1).min(width - 1)])
    };
    let rows = picture.pixels().chunks_exact(width);
    let wide: Vec<f32> = rows.flat_map(|row| (0..width).map(|x| along(row, x))).collect();
    let beside = if corners { &wide } else { picture.pixels() };
    Grey::from_fn(height, width, |y, x| {
        let (above, below) = (y.saturating_sub(1), (y + 1).min(height - 1));
        better(better(beside[above * width + x], wide[y * width + x]), beside[below * width + x])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn width(digit: &Grey) -> f32 {
        let mask = Mask::from_fn(digit.height(), digit.width(), |y, x| digit.at(y, x) > 0.5);
        mask.stroke_width() * 20.0 / 80.0
    }

    #[test]
    fn thin_and_thick_strokes_become_usual_ones() {
        let ring = |from: f32, to: f32| {
            Grey::from_fn(40, 40, |y, x| {
                let r = ((y as f32 - 19.5).powi(2) + (x as f32 - 19.5).powi(2)).sqrt();
                if (from..to).contains(&r) { 1.0 } else { 0.0 }
            })
        };
        for (from, to) in [(18.0, 20.0), (15.0, 20.0), (8.0, 20.0)] {
            let width = width(&with_strokes(&ring(from, to), (1.8, 2.8), 20));
            assert!((1.6..3.4).contains(&width), "{from}..{to}: {width}");
        }
    }
}
