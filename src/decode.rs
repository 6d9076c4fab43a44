//! One picture: from a file to bytes.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{
    DynamicImage, ImageBuffer, ImageDecoder, ImageFormat, ImageReader, Pixel, Rgb, RgbImage,
};

use crate::error::PictureError;

/// The largest picture of a data set that is decoded: a damaged header may claim any size.
const MOST_BYTES: u64 = 512 << 20;

/// Returns height and width of a picture.
pub(crate) fn size(path: &Path) -> Result<[usize; 2], PictureError> {
    let mut decoder = decoder(path, read(path, MOST_BYTES)?, MOST_BYTES)?;
    let orientation = decoder.orientation().map_err(|error| broken(path, error))?;
    Ok(turned(dimensions(&decoder), orientation))
}

/// Returns the bytes of a picture in red, green and blue, or grey. One of another size is `resized`, or
/// refused.
pub(crate) fn pixels(
    path: &Path,
    wanted: [usize; 2],
    resized: bool,
    grey: bool,
) -> Result<Vec<u8>, PictureError> {
    let mut decoder = decoder(path, read(path, MOST_BYTES)?, MOST_BYTES)?;
    let orientation = decoder.orientation().map_err(|error| broken(path, error))?;
    let found = turned(dimensions(&decoder), orientation);
    if found != wanted && !resized {
        return Err(PictureError::Size { path: path.into(), wanted, found });
    }
    let picture = opaque(path, decoder, orientation)?;
    Ok(match grey {
        true => fit(picture.into_luma8(), wanted),
        false => fit(picture.into_rgb8(), wanted),
    })
}

/// Returns the brightness of each pixel of a picture from the bytes of its file, and its height and width.
pub(crate) fn luma(
    path: &Path,
    bytes: Vec<u8>,
    most_bytes: u64,
) -> Result<(Vec<u8>, [usize; 2]), PictureError> {
    let mut decoder = decoder(path, bytes, most_bytes)?;
    let orientation = decoder.orientation().map_err(|error| broken(path, error))?;
    let size = turned(dimensions(&decoder), orientation);
    Ok((opaque(path, decoder, orientation)?.into_luma8().into_raw(), size))
}

/// Decodes a picture, turns it, and composes it over white.
fn opaque(
    path: &Path,
    decoder: impl ImageDecoder,
    orientation: Orientation,
) -> Result<DynamicImage, PictureError> {
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| broken(path, error))?;
    picture.apply_orientation(orientation);
    match picture.color().has_alpha() {
        true => Ok(over_white(&picture).into()),
        false => Ok(picture),
    }
}

/// Composes a picture over white: `α·colour + (1 - α)·255`.
fn over_white(picture: &DynamicImage) -> RgbImage {
    let picture = picture.to_rgba8();
    let mut opaque = RgbImage::new(picture.width(), picture.height());
    for (&image::Rgba([r, g, b, alpha]), pixel) in picture.pixels().zip(opaque.pixels_mut()) {
        let over = |colour: u8| {
            let (colour, alpha) = (u32::from(colour), u32::from(alpha));
            ((alpha * colour + (255 - alpha) * 255 + 127) / 255) as u8
        };
        *pixel = Rgb([r, g, b].map(over));
    }
    opaque
}

/// The bytes of a picture in this height and width.
fn fit<P: Pixel<Subpixel = u8> + 'static>(
    picture: ImageBuffer<P, Vec<u8>>,
    [height, width]: [usize; 2],
) -> Vec<u8> {
    let (height, width) = (height as u32, width as u32);
    if picture.dimensions() == (width, height) {
        return picture.into_raw();
    }
    imageops::resize(&picture, width, height, FilterType::Triangle).into_raw()
}

/// Bytes by which a file may be larger than its decoded picture: notes, and noise that cannot be packed.
const OVERHEAD: u64 = 1 << 20;

/// Reads a file, which is hardly larger than its picture may be.
pub(crate) fn read(path: &Path, most_bytes: u64) -> Result<Vec<u8>, PictureError> {
    let refused = |source| PictureError::Io { path: path.into(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(refused)?;
    file.take(most_bytes.saturating_add(OVERHEAD)).read_to_end(&mut bytes).map_err(refused)?;
    Ok(bytes)
}

/// Creates the decoder of a picture, and reads its header. The format follows from the content, not from the name.
fn decoder(
    path: &Path,
    bytes: Vec<u8>,
    most_bytes: u64,
) -> Result<impl ImageDecoder, PictureError> {
    let refused = |source| PictureError::Io { path: path.into(), source };
    let cut_short = is_jpeg_cut_short(&bytes);
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(refused)?;
    if cut_short && reader.format() == Some(ImageFormat::Jpeg) {
        let reason = "it is cut short".into();
        return Err(PictureError::Broken { path: path.into(), reason });
    }
    let decoder = reader.into_decoder().map_err(|error| broken(path, error))?;
    let bytes = decoder.total_bytes();
    if bytes > most_bytes {
        let size = dimensions(&decoder);
        return Err(PictureError::TooLarge { path: path.into(), size, bytes, most_bytes });
    }
    Ok(decoder)
}

/// Returns whether a JPEG file has no end marker after its last scan, which the decoder would accept,
/// with invented pixels. Data never contains the bytes of these markers.
fn is_jpeg_cut_short(bytes: &[u8]) -> bool {
    let last = |marker| bytes.windows(2).rposition(|pair| pair == [0xff, marker]);
    let (end, scan) = (last(0xd9), last(0xda));
    end < scan
}

/// Height and width of the pixels in the file.
fn dimensions(decoder: &impl ImageDecoder) -> [usize; 2] {
    let (width, height) = decoder.dimensions();
    [height as usize, width as usize]
}

/// Height and width when it is turned as the orientation says.
fn turned([height, width]: [usize; 2], orientation: Orientation) -> [usize; 2] {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => [width, height],
        _ => [height, width],
    }
}

fn broken(path: &Path, error: image::ImageError) -> PictureError {
    PictureError::Broken { path: path.into(), reason: error.to_string() }
}
