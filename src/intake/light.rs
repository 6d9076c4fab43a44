//! Paper and light: which brightness is paper, how bright it is where, and how noisy.

use super::{Grey, otsu};

/// Smallest side of a tile within which the paper is taken to be of one brightness, in pixels.
const LEAST_TILE: usize = 24;
/// Number of tiles along the shorter side: three of them are wider than the strokes of a digit.
const TILES: usize = 6;
/// Share of a tile's pixels that are darker than what is taken for its paper.
const PAPER: f32 = 0.75;
/// Brightness below which paper is not divided by.
const DARKEST: f32 = 0.05;
/// Deviation of a normal distribution over its median distance from the mean.
const OF_MEDIAN: f32 = 1.4826;

/// Returns `true` if the picture is light ink on dark paper. Ink is the rarer brightness, at the
/// border above all: a frame is taken around the writing.
pub(super) fn is_light_on_dark(picture: &Grey) -> bool {
    let threshold = otsu(picture);
    let (height, width) = (picture.height(), picture.width());
    let (mut light, mut border, mut light_border) = (0usize, 0usize, 0usize);
    for y in 0..height {
        for x in 0..width {
            let is_light = picture.at(y, x) > threshold;
            light += usize::from(is_light);
            if y == 0 || x == 0 || y + 1 == height || x + 1 == width {
                border += 1;
                light_border += usize::from(is_light);
            }
        }
    }
    let share = light as f32 / (height * width) as f32;
    share + light_border as f32 / border as f32 <= 1.0
}

/// Returns how much darker each pixel is than the paper around it: `1 - x/paper`, in 0..1, which is the
/// same in light and in shadow.
pub(super) fn darkness(picture: &Grey) -> Grey {
    let paper = paper(picture);
    Grey::from_fn(picture.height(), picture.width(), |y, x| {
        (1.0 - picture.at(y, x) / paper.at(y, x)).max(0.0)
    })
}

/// Returns the brightness of the paper under each pixel: a high quantile of each tile, of these the
/// largest around it, as a tile may be full of ink, and between the tiles an interpolation.
fn paper(picture: &Grey) -> Grey {
    let tile = (picture.height().min(picture.width()) / TILES).max(LEAST_TILE);
    let (rows, columns) = (picture.height().div_ceil(tile), picture.width().div_ceil(tile));
    let span =
        |tile: usize, tiles: usize, side: usize| tile * side / tiles..(tile + 1) * side / tiles;
    let mut values = Vec::new();
    let level = Grey::from_fn(rows, columns, |row, column| {
        values.clear();
        for y in span(row, rows, picture.height()) {
            values.extend(span(column, columns, picture.width()).map(|x| picture.at(y, x)));
        }
        quantile(&mut values, PAPER)
    });
    let around = |i: usize, count: usize| i.saturating_sub(1)..(i + 2).min(count);
    let largest = Grey::from_fn(rows, columns, |row, column| {
        let rows = around(row, rows);
        let tiles = rows.flat_map(|row| around(column, columns).map(move |column| (row, column)));
        tiles.map(|(row, column)| level.at(row, column)).fold(DARKEST, f32::max)
    });
    largest.resized(picture.height(), picture.width())
}

/// Returns the standard deviation of the noise, from the median difference of neighbours in a row,
/// which few edges leave as it is.
pub(super) fn noise(picture: &Grey) -> f32 {
    let rows = picture.pixels().chunks_exact(picture.width());
    let mut differences: Vec<f32> =
        rows.flat_map(|row| row.windows(2).map(|pair| (pair[1] - pair[0]).abs())).collect();
    if differences.is_empty() {
        return 0.0;
    }
    // The difference of two pixels has twice the variance of one.
    OF_MEDIAN * quantile(&mut differences, 0.5) / 2f32.sqrt()
}

/// Returns the value below which this share of the values lies. There is at least one.
pub(super) fn quantile(values: &mut [f32], share: f32) -> f32 {
    let index = ((share * values.len() as f32) as usize).min(values.len() - 1);
    *values.select_nth_unstable_by(index, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shadow_is_no_ink() {
        let shaded =
            |y: usize, x: usize| if (20..30).contains(&y) { 0.3 } else { 0.9 - 0.002 * x as f32 };
        let picture = Grey::from_fn(120, 120, shaded);
        let dark = darkness(&picture);
        assert!(dark.at(100, 5) < 0.2 && dark.at(100, 115) < 0.2, "{}", dark.at(100, 115));
        assert!(dark.at(25, 60) > 0.4);
        assert!(!is_light_on_dark(&picture) && is_light_on_dark(&picture.map(|x| 1.0 - x)));
    }

    #[test]
    fn edges_are_no_noise() {
        let edges = Grey::from_fn(20, 20, |_, x| if x % 10 < 5 { 0.2 } else { 0.8 });
        assert_eq!(noise(&edges), 0.0);
        let noisy = Grey::from_fn(20, 20, |y, x| 0.5 + 0.01 * ((y * 7 + x * 13) % 5) as f32);
        assert!((0.01..0.05).contains(&noise(&noisy)));
    }
}
