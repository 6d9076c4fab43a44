//! Pictures: arrays of numbers as pixels, and pixels as PNG.

mod png;

use std::ops::RangeInclusive;
use std::path::Path;

use crate::atomic;
use crate::error::FileError;
pub(crate) use png::encode;

/// A sample that is wider or higher is drawn smaller.
const LARGEST: usize = 256;
/// Largest side and gap of an enlarged picture and of a sheet.
const MAX_SIDE: usize = 1 << 12;

/// An RGB picture of at least one pixel.
///
/// ```
/// use chainrule::prelude::*;
///
/// let mnist = Mnist::sample();
/// let digit = |index| {
///     let x = inputs(&mnist.test, &[index]).unwrap();
///     Picture::of_sample(&[28, 28, 1], x.as_slice().unwrap()).unwrap().larger(2)
/// };
/// let digits: Vec<Picture> = (0..10).map(digit).collect();
/// let sheet = Picture::sheet(&digits, 5, 4).unwrap();
/// assert_eq!((sheet.width(), sheet.height()), (5 * 60 - 4, 2 * 60 - 4));
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("digits.png");
/// sheet.save_png(path)?;
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<[u8; 3]>,
}

impl Picture {
    /// Fills a picture with one colour.
    pub(crate) fn new(width: usize, height: usize, colour: [u8; 3]) -> Picture {
        let (width, height) = (width.max(1), height.max(1));
        Picture { width, height, rgb: vec![colour; width * height] }
    }

    /// Draws a sample of this shape: (h, w, 1) in grey or (h, w, 3) in colours, else `None`. Numbers in
    /// 0..1 go from black to white; others, such as standardized ones, are spread from the smallest to
    /// the largest. More than 256 pixels in a direction become fewer: means of squares.
    ///
    /// # Panics
    ///
    /// If `x` has not as many numbers as the shape says.
    pub fn of_sample(shape: &[usize], x: &[f32]) -> Option<Picture> {
        sizes(shape, x)?;
        let finite = || x.iter().copied().filter(|x| x.is_finite());
        let (low, high) = (finite().fold(0.0, f32::min), finite().fold(1.0, f32::max));
        let (low, high) = if low < -1e-3 || high > 1.0 + 1e-3 {
            (finite().fold(f32::INFINITY, f32::min), finite().fold(f32::NEG_INFINITY, f32::max))
        } else {
            (0.0, 1.0)
        };
        Some(Picture::of_range(shape, x, low..=high)?.smaller())
    }

    /// Draws an image of this shape: the low end of the range and what is below is black, the high end
    /// and what is above is white.
    pub(crate) fn of_range(
        shape: &[usize],
        x: &[f32],
        range: RangeInclusive<f32>,
    ) -> Option<Picture> {
        let [height, width, channels] = sizes(shape, x)?;
        let (low, high) = range.into_inner();
        let spread = if high > low { high - low } else { 1.0 };
        let byte = |x: f32| (255.0 * ((x - low) / spread)).round() as u8;
        let pixel = |x: &[f32]| [x[0], x[channels / 2], x[channels - 1]].map(byte);
        let rgb = x.chunks_exact(channels).map(pixel).collect();
        Some(Picture { width, height, rgb })
    }

    /// Draws numbers of either sign, such as weights or gradients, of this shape: (h, w, 1) or
    /// (h, w, 3), else `None`. They are shares of the largest by amount: 0 is in the middle between blue
    /// and orange, or between the dark and the bright of each colour.
    ///
    /// # Panics
    ///
    /// If there are not as many weights as the shape says.
    pub fn of_weights(shape: &[usize], weights: &[f32]) -> Option<Picture> {
        let [height, width, channels] = sizes(shape, weights)?;
        let largest = weights.iter().fold(0f32, |max, w| max.max(w.abs()));
        let scale = if largest > 0.0 { 1.0 / largest } else { 0.0 };
        let pixel = |w: &[f32]| match *w {
            [r, g, b] => [r, g, b].map(|w| (127.5 + 127.5 * w * scale).round() as u8),
            _ => diverging(w[0] * scale),
        };
        let rgb = weights.chunks_exact(channels).map(pixel).collect();
        Some(Picture { width, height, rgb })
    }

    /// Returns the number of columns of pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Returns the number of rows of pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Shrinks to at most [`LARGEST`] pixels in each direction: each the mean of a square.
    fn smaller(self) -> Picture {
        let by = self.width.max(self.height).div_ceil(LARGEST);
        if by == 1 {
            return self;
        }
        let (width, height) = (self.width.div_ceil(by), self.height.div_ceil(by));
        let mean = |x: usize, y: usize| {
            let (xs, ys) =
                (x * by..self.width.min((x + 1) * by), y * by..self.height.min((y + 1) * by));
            let count = (xs.len() * ys.len()) as u32;
            let mut sum = [0u32; 3];
            for pixel in ys.flat_map(|y| self.rgb[y * self.width..][xs.clone()].iter()) {
                (0..3).for_each(|c| sum[c] += u32::from(pixel[c]));
            }
            sum.map(|sum| (sum / count) as u8)
        };
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let rgb = places.map(|(x, y)| mean(x, y)).collect();
        Picture { width, height, rgb }
    }

    /// Draws each pixel as a square of `by` × `by`. `by` counts as 1 if it is 0, and as less if a side
    /// would be longer than 4,096 pixels.
    pub fn larger(&self, by: usize) -> Picture {
        let by = by.min(MAX_SIDE / self.width.max(self.height).max(1)).max(1);
        let row = |row: &[[u8; 3]]| -> Vec<[u8; 3]> {
            let wide: Vec<_> =
                row.iter().flat_map(|&pixel| std::iter::repeat_n(pixel, by)).collect();
            wide.repeat(by)
        };
        let rgb = self.rgb.chunks_exact(self.width.max(1)).flat_map(row).collect();
        Picture { width: self.width * by, height: self.height * by, rgb }
    }

    /// Overwrites the pixels whose first column and row these are. What does not fit is cut off.
    pub(crate) fn paste(&mut self, picture: &Picture, left: usize, top: usize) {
        let wide = picture.width.min(self.width.saturating_sub(left));
        let rows = picture.rgb.chunks_exact(picture.width);
        for (to, from) in self.rgb.chunks_exact_mut(self.width).skip(top).zip(rows) {
            to[left..left + wide].copy_from_slice(&from[..wide]);
        }
    }

    /// Fills a rectangle, given by its first column and row, and its width and height. What does not fit is
    /// cut off.
    #[cfg(feature = "report")]
    pub(crate) fn fill(
        &mut self,
        [left, top]: [usize; 2],
        [wide, high]: [usize; 2],
        colour: [u8; 3],
    ) {
        let columns = left.min(self.width)..left.saturating_add(wide).min(self.width);
        for row in self.rgb.chunks_exact_mut(self.width).skip(top).take(high) {
            row[columns.clone()].fill(colour);
        }
    }

    /// Number of pixels of a colour.
    #[cfg(all(test, feature = "report"))]
    pub(crate) fn count(&self, colour: [u8; 3]) -> usize {
        self.rgb.iter().filter(|&&pixel| pixel == colour).count()
    }

    /// Puts pictures side by side in this number of columns, with a grey gap of `gap` pixels between them.
    /// Each has the room of the largest. Returns `None` where there are none. There is at least one
    /// column, and at most one for each picture; a gap has at most 4,096 pixels.
    pub fn sheet(pictures: &[Picture], columns: usize, gap: usize) -> Option<Picture> {
        let (wide, high) =
            (pictures.iter().map(|p| p.width).max()?, pictures.iter().map(|p| p.height).max()?);
        let columns = columns.clamp(1, pictures.len());
        let gap = gap.min(MAX_SIDE);
        let (across, down) = (wide + gap, high + gap);
        let rows = pictures.len().div_ceil(columns);
        let mut sheet = Picture::new(columns * across - gap, rows * down - gap, [128; 3]);
        for (i, picture) in pictures.iter().enumerate() {
            sheet.paste(picture, i % columns * across, i / columns * down);
        }
        Some(sheet)
    }

    /// Returns the bytes of a PNG file, in grey where there is no colour.
    pub fn png(&self) -> Vec<u8> {
        let grey = self.rgb.iter().all(|&[r, g, b]| r == g && g == b);
        let file = match grey {
            true => encode([self.height, self.width, 1], self.rgb.iter().map(|pixel| pixel[0])),
            false => encode([self.height, self.width, 3], self.rgb.iter().flatten().copied()),
        };
        file.expect("a picture has pixels, and fits memory as its file does")
    }

    /// Writes a PNG file, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`FileError`], naming `path`, if the file cannot be written.
    pub fn save_png(&self, path: impl AsRef<Path>) -> Result<(), FileError> {
        atomic::write(path.as_ref(), |file| file.write_all(&self.png()))
    }
}

/// The sizes of an image with pixels, in grey or in colours.
fn sizes(shape: &[usize], x: &[f32]) -> Option<[usize; 3]> {
    assert_eq!(x.len(), shape.iter().product::<usize>(), "numbers for an image of shape {shape:?}");
    let &[height, width, channels @ (1 | 3)] = shape else { return None };
    (height > 0 && width > 0).then_some([height, width, channels])
}

/// From blue at -1 over nearly white at 0 to orange at 1.
fn diverging(weight: f32) -> [u8; 3] {
    const MIDDLE: [f32; 3] = [246.0, 246.0, 244.0];
    let end = if weight < 0.0 { [36.0, 110.0, 190.0] } else { [212.0, 88.0, 20.0] };
    let mix = |c: usize| MIDDLE[c] + weight.abs().min(1.0) * (end[c] - MIDDLE[c]);
    [mix(0), mix(1), mix(2)].map(|c| c.round() as u8)
}

#[cfg(test)]
mod tests {
    use super::png::tests::decoded;
    use super::*;

    #[test]
    fn samples_in_0_to_1_keep_their_brightness_and_others_are_spread() {
        let grey = Picture::of_sample(&[1, 3, 1], &[0.0, 0.2, 0.4]).unwrap();
        assert_eq!(decoded(&grey.png()), (3, 1, vec![0, 51, 102]));
        let spread = Picture::of_sample(&[1, 3, 1], &[-1.0, 0.0, 1.0]).unwrap();
        assert_eq!(decoded(&spread.png()).2, [0, 128, 255]);
        let colour = Picture::of_sample(&[2, 1, 3], &[0.0, 0.2, 1.0, f32::NAN, 0.0, 0.0]).unwrap();
        assert_eq!(decoded(&colour.png()), (1, 2, vec![0, 51, 255, 0, 0, 0]));
        let flat = Picture::of_sample(&[1, 2, 1], &[7.0, 7.0]).unwrap();
        assert_eq!(decoded(&flat.png()).2, [0, 0]);
        for (shape, len) in [(&[3][..], 3), (&[2, 2, 2], 8), (&[0, 2, 1], 0)] {
            assert_eq!(Picture::of_sample(shape, &vec![0.0; len]), None);
        }
    }

    #[test]
    fn sizes_change_by_whole_factors() {
        let x: Vec<f32> = (0..600 * 300).map(|i| (i % 600) as f32 / 599.0).collect();
        let small = Picture::of_sample(&[300, 600, 1], &x).unwrap();
        assert_eq!((small.width, small.height), (200, 100));
        assert!(small.rgb.is_sorted_by_key(|p| p[0]) || small.rgb[..200].is_sorted());
        let one = Picture::of_sample(&[1, 2, 1], &[0.0, 1.0]).unwrap();
        assert_eq!(decoded(&one.larger(2).png()), (4, 2, [0, 0, 255, 255].repeat(2)));
        let sheet = Picture::sheet(&[one.clone(), one.clone(), one], 2, 1).unwrap();
        assert_eq!((sheet.width, sheet.height), (5, 3));
        assert_eq!(
            decoded(&sheet.png()).2,
            [0, 255, 128, 0, 255, 128, 128, 128, 128, 128, 0, 255, 128, 128, 128]
        );
        assert_eq!(Picture::sheet(&[], 2, 1), None);
    }

    #[test]
    fn weights_of_opposite_sign_have_opposite_colours() {
        let picture = Picture::of_weights(&[1, 3, 1], &[-2.0, 0.0, 1.0]).unwrap();
        let [[blue, _, blue_b], [middle, ..], [orange, _, orange_b]] = picture.rgb[..] else {
            panic!()
        };
        assert!(blue < blue_b && middle > 240 && orange > orange_b);
        let rgb = |shape: &[usize], w: &[f32]| Picture::of_weights(shape, w).unwrap().rgb;
        assert_eq!(rgb(&[1, 1, 3], &[1.0, -1.0, 0.0]), [[255, 0, 128]]);
        assert_eq!(rgb(&[1, 1, 1], &[0.0]), [[246, 246, 244]]);
        assert_eq!(Picture::of_weights(&[2, 0, 1], &[]), None);
    }
}
