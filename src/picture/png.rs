//! Bytes of pixels as a PNG file.

use std::io;

/// The colour types of PNG by their number of channels, from 1.
const COLOURS: [png::ColorType; 4] = [
    png::ColorType::Grayscale,
    png::ColorType::GrayscaleAlpha,
    png::ColorType::Rgb,
    png::ColorType::Rgba,
];

/// Encodes bytes of this shape (h, w, c) as a PNG file: grey, grey with alpha, RGB or RGBA.
///
/// # Errors
///
/// [`io::Error`] for an image without pixels, or with a number of channels outside 1..=4.
pub(crate) fn encode(
    [height, width, channels]: [usize; 3],
    bytes: impl Iterator<Item = u8>,
) -> io::Result<Vec<u8>> {
    let size = |pixels: usize| i32::try_from(pixels).ok().filter(|&pixels| pixels > 0);
    let (Some(height), Some(width), Some(&colour)) =
        (size(height), size(width), COLOURS.get(channels.wrapping_sub(1)))
    else {
        let reason = format!("[h, w, c] = {:?}", [height, width, channels]);
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    };
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(colour);
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bytes.collect::<Vec<u8>>())?;
    writer.finish()?;
    Ok(file)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Decodes a file: its width, its height and its bytes.
    pub fn decoded(file: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        (info.width, info.height, bytes)
    }

    #[test]
    fn every_number_of_channels_comes_back() {
        for channels in 1..=4 {
            let bytes: Vec<u8> = (0..3 * 5 * channels).map(|i| (i * 9) as u8).collect();
            let file = encode([3, 5, channels], bytes.iter().copied()).unwrap();
            assert_eq!(decoded(&file), (5, 3, bytes));
        }
        for shape in [[0, 1, 1], [1, 0, 1], [1, 1, 0], [1, 1, 5]] {
            assert!(encode(shape, [0; 5].into_iter()).is_err(), "{shape:?}");
        }
    }
}
