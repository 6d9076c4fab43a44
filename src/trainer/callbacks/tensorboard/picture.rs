//! Pictures as PNG, and several as one.

use ndarray::{Array3, ArrayView3, ArrayView4};

/// The colour types of PNG by their number of channels, from 1.
const COLORS: [png::ColorType; 4] = [
    png::ColorType::Grayscale,
    png::ColorType::GrayscaleAlpha,
    png::ColorType::Rgb,
    png::ColorType::Rgba,
];

/// How many pixels wide and high a weight is drawn.
const ZOOM: usize = 8;

/// A picture (height, width, channels) as PNG.
pub(super) fn png(picture: ArrayView3<'_, u8>) -> Result<Vec<u8>, String> {
    let (height, width, channels) = picture.dim();
    let size = |pixels: usize| i32::try_from(pixels).ok().filter(|&pixels| pixels > 0);
    let (Some(_), Some(_), Some(&color)) =
        (size(height), size(width), COLORS.get(channels.wrapping_sub(1)))
    else {
        return Err(format!("[h, w, c] = {:?}", picture.shape()));
    };
    let mut bytes = Vec::new();
    // Both sizes have been found to be below 2³¹.
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(color);
    let pixels: Vec<u8> = picture.iter().copied().collect();
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&pixels)?;
        writer.finish()
    });
    written.map_err(|error| error.to_string())?;
    Ok(bytes)
}

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
    fn pictures_come_back_from_png() {
        for channels in 1..=4 {
            let picture =
                Array3::from_shape_fn((3, 5, channels), |(y, x, c)| (50 * y + 9 * x + c) as u8);
            let bytes = png(picture.view()).unwrap();
            let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut pixels).unwrap();
            assert_eq!((info.height, info.width), (3, 5));
            assert_eq!(pixels, picture.as_slice().unwrap());
        }
        for shape in [(0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 5)] {
            assert!(png(Array3::zeros(shape).view()).is_err(), "{shape:?}");
        }
    }

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
