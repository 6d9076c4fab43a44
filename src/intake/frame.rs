//! Place of a digit in its picture, as in MNIST.

use super::{Area, Grey, Mask};

/// Darkness from which a pixel counts as ink when the picture is cut.
const INK: f32 = 0.1;

/// Scales a digit (1 is ink) so that its longer side has `inner` pixels, and places its centre of mass
/// in the middle of a square of `side` pixels, by whole pixels.
///
/// - **Source**: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits": size
///   normalized in a box of 20×20 pixels with their aspect ratio kept, centred in 28×28 by the centre of
///   mass.
pub(super) fn framed(digit: &Grey, inner: usize, side: usize) -> Grey {
    let digit = trimmed(digit);
    let longer = digit.height().max(digit.width());
    let sized = |side: usize| ((side * inner + longer / 2) / longer).max(1);
    let digit = digit.resized(sized(digit.height()), sized(digit.width()));
    let [row, column] = centre_of_mass(&digit);
    // The place of the first pixel, kept within the picture.
    let start = |centre: f32, length: usize| {
        let start = (0.5 * side as f32 - centre - 0.5).round();
        start.clamp(0.0, (side - length) as f32) as usize
    };
    let (top, left) = (start(row, digit.height()), start(column, digit.width()));
    Grey::from_fn(side, side, |y, x| match (y.checked_sub(top), x.checked_sub(left)) {
        (Some(y), Some(x)) if y < digit.height() && x < digit.width() => digit.at(y, x),
        _ => 0.0,
    })
}

/// The picture without empty rows and columns around its ink; unchanged without ink.
pub(super) fn trimmed(digit: &Grey) -> Grey {
    let ink = Mask::from_fn(digit.height(), digit.width(), |y, x| digit.at(y, x) > INK);
    match ink.bounds() {
        Some(Area { top, left, height, width }) => {
            Grey::from_fn(height, width, |y, x| digit.at(top + y, left + x))
        }
        None => digit.clone(),
    }
}

/// Returns the mean row and column, weighted by the pixels: `Σ p·x(p) / Σ x(p)`.
fn centre_of_mass(picture: &Grey) -> [f32; 2] {
    let (mut mass, mut rows, mut columns) = (0.0, 0.0, 0.0);
    for y in 0..picture.height() {
        for x in 0..picture.width() {
            let weight = f64::from(picture.at(y, x));
            mass += weight;
            rows += weight * y as f64;
            columns += weight * x as f64;
        }
    }
    let mass = if mass > 0.0 { mass } else { 1.0 };
    [(rows / mass) as f32, (columns / mass) as f32]
}
