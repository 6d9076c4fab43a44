//! Brightness of a picture.

use ndarray::ArrayView3;

use super::resample::resample;
use super::{Area, Mask};
use crate::error::IntakeError;
use crate::shape;

/// The longest side that a picture may have.
const LONGEST: usize = 65_535;

/// A grey picture: a brightness from 0, black, to 1, white, for each pixel, in row-major order.
///
/// ```
/// use chainrule::intake::Grey;
///
/// let picture = Grey::from_bytes(2, 3, &[0, 0, 255, 0, 0, 255])?;
/// assert_eq!((picture.height(), picture.width()), (2, 3));
/// assert_eq!(picture.at(1, 2), 1.0);
/// # Ok::<(), chainrule::error::IntakeError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Grey {
    height: usize,
    width: usize,
    pixels: Vec<f32>,
}

impl Grey {
    /// Picture of these pixels. Values below 0 become 0, and those above 1 become 1.
    ///
    /// # Errors
    ///
    /// [`IntakeError::Size`] unless both sides are from 1 to 65535 and there are as many values, and
    /// [`IntakeError::NotFinite`] for a value that is infinite or NaN.
    pub fn new(height: usize, width: usize, mut pixels: Vec<f32>) -> Result<Self, IntakeError> {
        check_size(height, width, pixels.len())?;
        if let Some(index) = pixels.iter().position(|pixel| !pixel.is_finite()) {
            return Err(IntakeError::NotFinite {
                row: index / width,
                column: index % width,
                value: pixels[index].to_string(),
            });
        }
        pixels.iter_mut().for_each(|pixel| *pixel = pixel.clamp(0.0, 1.0));
        Ok(Grey { height, width, pixels })
    }

    /// Picture of bytes, where 255 is white.
    ///
    /// # Errors
    ///
    /// [`IntakeError::Size`], as [`Grey::new`].
    pub fn from_bytes(height: usize, width: usize, bytes: &[u8]) -> Result<Self, IntakeError> {
        check_size(height, width, bytes.len())?;
        let pixels = bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect();
        Ok(Grey { height, width, pixels })
    }

    /// Picture of an image (h, w, 1) of a data set, such as [`Images::image`](crate::data::Images::image).
    ///
    /// # Errors
    ///
    /// [`IntakeError::Size`], as [`Grey::new`], and for an image of several channels.
    pub fn from_image(image: ArrayView3<'_, u8>) -> Result<Self, IntakeError> {
        let (height, width, _) = image.dim();
        let bytes: Vec<u8> = image.iter().copied().collect();
        Grey::from_bytes(height, width, &bytes)
    }

    /// Number of rows, at least 1.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Number of columns, at least 1.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All pixels, row by row.
    pub fn pixels(&self) -> &[f32] {
        &self.pixels
    }

    /// Brightness of a pixel.
    ///
    /// # Panics
    ///
    /// If there is no such pixel, as indexing a slice does.
    pub fn at(&self, row: usize, column: usize) -> f32 {
        assert!(column < self.width, "column {column} of {}", self.width);
        self.pixels[row * self.width + column]
    }

    /// Picture with the pixels of a function of row and column, in 0..1.
    pub(crate) fn from_fn(
        height: usize,
        width: usize,
        mut pixel: impl FnMut(usize, usize) -> f32,
    ) -> Self {
        let rows = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
        Grey { height, width, pixels: rows.map(|(row, column)| pixel(row, column)).collect() }
    }

    /// Picture of the same size, each pixel changed by itself.
    pub(crate) fn map(&self, pixel: impl Fn(f32) -> f32) -> Self {
        let pixels = self.pixels.iter().map(|&x| pixel(x)).collect();
        Grey { pixels, ..*self }
    }

    /// Part of a picture; what of the rectangle lies outside is left out.
    ///
    /// # Errors
    ///
    /// [`IntakeError::Outside`] where nothing is left.
    pub fn crop(&self, area: Area) -> Result<Self, IntakeError> {
        let (bottom, right) =
            (area.top.saturating_add(area.height), area.left.saturating_add(area.width));
        let (bottom, right) = (bottom.min(self.height), right.min(self.width));
        if area.top >= bottom || area.left >= right {
            let Area { top, left, height, width } = area;
            let size = [self.height, self.width];
            return Err(IntakeError::Outside { left, top, width, height, size });
        }
        let (height, width) = (bottom - area.top, right - area.left);
        Ok(Grey::from_fn(height, width, |y, x| self.at(area.top + y, area.left + x)))
    }

    /// The picture in another size, by the triangle filter: linear interpolation for a larger one, and
    /// weighted means for a smaller one.
    ///
    /// # Errors
    ///
    /// [`IntakeError::Size`] unless both sides are from 1 to 65535.
    pub fn resize(&self, height: usize, width: usize) -> Result<Self, IntakeError> {
        check_size(height, width, height.saturating_mul(width))?;
        Ok(self.resized(height, width))
    }

    /// Resizes to sides that were checked.
    pub(crate) fn resized(&self, height: usize, width: usize) -> Self {
        let pixels = resample(&self.pixels, [self.height, self.width], [height, width]);
        Grey { height, width, pixels }
    }

    /// The picture no longer or wider than `longest`, in proportion.
    pub(crate) fn shrunk(&self, longest: usize) -> Self {
        let longer = self.height.max(self.width);
        if longer <= longest {
            return self.clone();
        }
        let side = |side: usize| ((side * longest + longer / 2) / longer).max(1);
        self.resized(side(self.height), side(self.width))
    }

    /// The picture smoothed by weights 1, 2, 1 in both directions, with its border repeated.
    pub(crate) fn smoothed(&self) -> Self {
        let (last_row, last_column) = (self.height - 1, self.width - 1);
        let across = Grey::from_fn(self.height, self.width, |y, x| {
            let (left, right) =
                (self.at(y, x.saturating_sub(1)), self.at(y, (x + 1).min(last_column)));
            0.25 * (left + right) + 0.5 * self.at(y, x)
        });
        Grey::from_fn(self.height, self.width, |y, x| {
            let (above, below) =
                (across.at(y.saturating_sub(1), x), across.at((y + 1).min(last_row), x));
            0.25 * (above + below) + 0.5 * across.at(y, x)
        })
    }

    /// Mask of the pixels above a threshold.
    /// Brightness at a place between pixels, interpolated; 0 outside.
    pub(crate) fn between(&self, row: f32, column: f32) -> f32 {
        let (top, left) = (row.floor(), column.floor());
        let (down, right) = (row - top, column - left);
        let at = |y: f32, x: f32| {
            let inside = y >= 0.0 && x >= 0.0 && y < self.height as f32 && x < self.width as f32;
            if inside { self.at(y as usize, x as usize) } else { 0.0 }
        };
        let along = |y: f32| at(y, left) + right * (at(y, left + 1.0) - at(y, left));
        along(top) + down * (along(top + 1.0) - along(top))
    }

    pub(crate) fn above(&self, threshold: f32) -> Mask {
        Mask::from_fn(self.height, self.width, |y, x| self.at(y, x) > threshold)
    }

    /// The picture within a frame of black, this many pixels wide.
    pub(crate) fn framed(&self, frame: usize) -> Self {
        Grey::from_fn(self.height + 2 * frame, self.width + 2 * frame, |y, x| {
            match (y.checked_sub(frame), x.checked_sub(frame)) {
                (Some(y), Some(x)) if y < self.height && x < self.width => self.at(y, x),
                _ => 0.0,
            }
        })
    }
}

fn check_size(height: usize, width: usize, values: usize) -> Result<(), IntakeError> {
    let fits = |side: usize| (1..=LONGEST).contains(&side);
    if fits(height) && fits(width) && height * width == values && values <= shape::LIMIT {
        return Ok(());
    }
    Err(IntakeError::Size { height, width, values })
}

/// Height and width, because the pixels would fill the screen.
impl std::fmt::Debug for Grey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grey({}×{})", self.height, self.width)
    }
}
