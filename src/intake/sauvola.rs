//! A threshold for each pixel, from the brightness around it.

use super::sums::Sums;
use super::{Grey, Mask};

/// Returns the pixels that are darker than what is around them.
///
/// ```text
/// x is ink where  x < m·(1 + k·(s/R - 1))
/// ```
///
/// m and s are mean and standard deviation in a square of `window` pixels around the pixel, cut at the
/// border; R is the largest s of the picture. Where nothing is written, s is small and the threshold
/// lies a share k below the paper, however bright that is.
///
/// - **Source**: J. Sauvola, M. Pietikäinen, "Adaptive document image binarization", 2000; R as in C.
///   Wolf, J.-M. Jolion, "Extraction and recognition of artificial text in multimedia documents", 2003.
///
/// ```
/// use chainrule::intake::{Grey, sauvola};
///
/// // The ink on the bright side, 120, is brighter than the paper on the dark side, 100.
/// let picture = Grey::from_bytes(1, 8, &[240, 120, 240, 240, 100, 100, 20, 100])?;
/// let ink = sauvola(&picture, 5, 0.2);
/// let columns: Vec<usize> = (0..8).filter(|&x| ink.at(0, x)).collect();
/// assert_eq!(columns, [1, 4, 5, 6]); // the edge of the shadow, 4 and 5, counts as well
/// # Ok::<(), chainrule::error::IntakeError>(())
/// ```
pub fn sauvola(picture: &Grey, window: usize, k: f32) -> Mask {
    let (height, width) = (picture.height(), picture.width());
    let sums = Sums::of(picture, |x| x);
    let squares = Sums::of(picture, |x| x * x);
    let reach = window / 2;
    let mut statistics = Vec::with_capacity(height * width);
    for y in 0..height {
        for x in 0..width {
            let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(height));
            let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(width));
            let n = ((bottom - top) * (right - left)) as f64;
            let mean = sums.within(top, left, bottom, right) / n;
            let square = squares.within(top, left, bottom, right) / n;
            statistics.push((mean as f32, (square - mean * mean).max(0.0).sqrt() as f32));
        }
    }
    let largest = statistics.iter().fold(f32::MIN_POSITIVE, |most, &(_, std)| most.max(std));
    Mask::from_fn(height, width, |y, x| {
        let (mean, std) = statistics[y * width + x];
        picture.at(y, x) < mean * (1.0 + k * (std / largest - 1.0))
    })
}
