//! Several pictures as one.

use ndarray::{Array3, ArrayView3, ArrayView4};

/// How many pixels wide and high a weight is drawn.
const ZOOM: usize = 8;

/// Pictures in rows and columns on black, about as many of each, with a pixel between them.
pub(super) fn sheet(pictures: &[ArrayView3<'_, u8>]) -> Array3<u8> {
    let largest = |axis: usize| pictures.iter().map(|p| p.shape()[axis]).max().unwrap_or(0);
    let (height, width, channels) = (largest(0), largest(1), largest(2));
    let columns = (1..=pictures.len()).find(|n| n * n >= pictures.len()).unwrap_or(1);
    let rows = pictures.len().div_ceil(columns);
    let all = (rows * (height + 1), columns * (width + 1), channels);
    let mut sheet = Array3::zeros((all.0.saturating_sub(1), all.1.saturating_sub(1), all.2));
    for (number, picture) in pictures.iter().enumerate() {
        let (top, left) = (number / columns * (height + 1), number % columns * (width + 1));
        for ((y, x, channel), &pixel) in picture.indexed_iter() {
            sheet[[top + y, left + x, channel]] = pixel;
        }
    }
    sheet
}

/// The filters of a convolution's weights (height, width, channels, filters) as a sheet: grey is 0,
/// white the largest weight by amount, black its negative. Three channels are red, green and blue;
/// of other numbers the mean is shown.
pub(super) fn filters(weights: ArrayView4<'_, f32>) -> Array3<u8> {
    let (height, width, channels, count) = weights.dim();
    let colors = if channels == 3 { 3 } else { 1 };
    let largest = weights.iter().fold(f32::MIN_POSITIVE, |largest, w| w.abs().max(largest));
    let weight = |y: usize, x: usize, color: usize, filter: usize| {
        let all = |channel| weights[[y, x, channel, filter]];
        match colors {
            3 => all(color),
            _ => (0..channels).map(all).sum::<f32>() / channels.max(1) as f32,
        }
    };
    let pictures: Vec<Array3<u8>> = (0..count)
        .map(|filter| {
            Array3::from_shape_fn((height * ZOOM, width * ZOOM, colors), |(y, x, color)| {
                let w = weight(y / ZOOM, x / ZOOM, color, filter);
                (127.5 + 127.5 * w / largest).round() as u8
            })
        })
        .collect();
    let views: Vec<_> = pictures.iter().map(|picture| picture.view()).collect();
    sheet(&views)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array4;

    #[test]
    fn a_sheet_has_every_picture_and_a_pixel_between() {
        let pictures: Vec<_> = (1..=5).map(|n| Array3::from_elem((2, 3, 1), n)).collect();
        let sheet = sheet(&pictures.iter().map(|picture| picture.view()).collect::<Vec<_>>());
        assert_eq!(sheet.dim(), (2 * 3 - 1, 3 * 4 - 1, 1));
        assert_eq!((sheet[[0, 0, 0]], sheet[[1, 10, 0]], sheet[[4, 6, 0]]), (1, 3, 5));
        assert_eq!((sheet[[2, 0, 0]], sheet[[0, 3, 0]], sheet[[4, 10, 0]]), (0, 0, 0));
    }

    #[test]
    fn weights_are_grey_at_0_and_white_at_the_largest() {
        let weights = Array4::from_shape_vec((1, 1, 1, 4), vec![0.0, 2.0, -2.0, 1.0]).unwrap();
        let sheet = filters(weights.view());
        let at = |row: usize, column: usize| sheet[[row * (ZOOM + 1), column * (ZOOM + 1), 0]];
        assert_eq!([at(0, 0), at(0, 1), at(1, 0), at(1, 1)], [128, 255, 0, 191]);
        assert_eq!(filters(Array4::zeros((3, 3, 3, 2)).view()).dim().2, 3);
    }
}
