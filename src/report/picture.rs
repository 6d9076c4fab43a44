//! Numbers as pixels, and pixels as PNG.

/// Wider or higher, a picture is made smaller.
const LARGEST: usize = 256;

/// An RGB picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    pub width: usize,
    pub height: usize,
    rgb: Vec<[u8; 3]>,
}

impl Picture {
    /// Of a sample of this shape: (h, w, 1) or (h, w, 3), else `None`. Numbers in 0..1 are taken as
    /// they are; others, such as standardized ones, are spread from the smallest to the largest.
    pub fn of_sample(shape: &[usize], x: &[f32]) -> Option<Picture> {
        let &[height, width, channels @ (1 | 3)] = shape else { return None };
        if height == 0 || width == 0 {
            return None;
        }
        let finite = || x.iter().copied().filter(|x| x.is_finite());
        let (low, high) = (finite().fold(0.0, f32::min), finite().fold(1.0, f32::max));
        let (low, high) = if low < -1e-3 || high > 1.0 + 1e-3 {
            (finite().fold(f32::INFINITY, f32::min), finite().fold(f32::NEG_INFINITY, f32::max))
        } else {
            (0.0, 1.0)
        };
        let spread = if high > low { high - low } else { 1.0 };
        let byte = |x: f32| (255.0 * ((x - low) / spread)).round() as u8;
        let pixel = |x: &[f32]| [x[0], x[channels / 2], x[channels - 1]].map(byte);
        let rgb = x.chunks_exact(channels).map(pixel).collect();
        Some(Picture { width, height, rgb }.smaller())
    }

    /// Of weights (h, w, 1) or (h, w, 3), as shares of the largest: 0 is in the middle between blue
    /// and orange, or between the dark and the bright of each colour.
    pub fn of_weights(height: usize, width: usize, weights: &[f32]) -> Picture {
        let largest = weights.iter().fold(0f32, |max, w| max.max(w.abs()));
        let scale = if largest > 0.0 { 1.0 / largest } else { 0.0 };
        let channels = weights.len() / (height * width).max(1);
        let pixel = |w: &[f32]| match *w {
            [r, g, b] => [r, g, b].map(|w| (127.5 + 127.5 * w * scale).round() as u8),
            _ => diverging(w[0] * scale),
        };
        let rgb = weights.chunks_exact(channels.max(1)).map(pixel).collect();
        Picture { width, height, rgb }
    }

    /// At most [`LARGEST`] pixels wide and high: each the mean of a square.
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

    /// Each pixel as a square of `by` × `by`.
    pub fn larger(&self, by: usize) -> Picture {
        let row = |row: &[[u8; 3]]| -> Vec<[u8; 3]> {
            let wide: Vec<_> =
                row.iter().flat_map(|&pixel| std::iter::repeat_n(pixel, by)).collect();
            wide.repeat(by)
        };
        let rgb = self.rgb.chunks_exact(self.width.max(1)).flat_map(row).collect();
        Picture { width: self.width * by, height: self.height * by, rgb }
    }

    /// Pictures of one size, so many in a row, with a gap of `gap` pixels between them.
    pub fn sheet(pictures: &[Picture], columns: usize, gap: usize) -> Option<Picture> {
        let first = pictures.first()?;
        let columns = columns.clamp(1, pictures.len());
        let (across, down) = (first.width + gap, first.height + gap);
        let (width, height) =
            (columns * across - gap, pictures.len().div_ceil(columns) * down - gap);
        let mut rgb = vec![[128; 3]; width * height];
        for (i, picture) in pictures.iter().enumerate() {
            let corner = (i / columns) * down * width + (i % columns) * across;
            for (y, row) in picture.rgb.chunks_exact(first.width.max(1)).enumerate() {
                rgb[corner + y * width..][..row.len()].copy_from_slice(row);
            }
        }
        Some(Picture { width, height, rgb })
    }

    /// The bytes of a PNG file, in grey where there is no colour.
    pub fn png(&self) -> Vec<u8> {
        let grey = self.rgb.iter().all(|&[r, g, b]| r == g && g == b);
        let bytes: Vec<u8> = match grey {
            true => self.rgb.iter().map(|pixel| pixel[0]).collect(),
            false => self.rgb.iter().flatten().copied().collect(),
        };
        let mut file = Vec::new();
        // A picture has at least one pixel and fits memory, and so does the file.
        let mut encoder = png::Encoder::new(&mut file, self.width as u32, self.height as u32);
        encoder.set_color(if grey { png::ColorType::Grayscale } else { png::ColorType::Rgb });
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::High);
        let written = encoder.write_header().and_then(|mut png| png.write_image_data(&bytes));
        written.expect("writing to memory");
        file
    }
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
    use super::*;

    fn decoded(picture: &Picture) -> (u32, u32, Vec<u8>) {
        let file = picture.png();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        (info.width, info.height, bytes)
    }

    #[test]
    fn samples_in_0_to_1_keep_their_brightness_and_others_are_spread() {
        let grey = Picture::of_sample(&[1, 3, 1], &[0.0, 0.2, 0.4]).unwrap();
        assert_eq!(decoded(&grey), (3, 1, vec![0, 51, 102]));
        let spread = Picture::of_sample(&[1, 3, 1], &[-1.0, 0.0, 1.0]).unwrap();
        assert_eq!(decoded(&spread).2, [0, 128, 255]);
        let colour = Picture::of_sample(&[2, 1, 3], &[0.0, 0.2, 1.0, f32::NAN, 0.0, 0.0]).unwrap();
        assert_eq!(decoded(&colour), (1, 2, vec![0, 51, 255, 0, 0, 0]));
        let flat = Picture::of_sample(&[1, 2, 1], &[7.0, 7.0]).unwrap();
        assert_eq!(decoded(&flat).2, [0, 0]);
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
        assert_eq!(decoded(&one.larger(2)), (4, 2, [0, 0, 255, 255].repeat(2)));
        let sheet = Picture::sheet(&[one.clone(), one.clone(), one], 2, 1).unwrap();
        assert_eq!((sheet.width, sheet.height), (5, 3));
        assert_eq!(
            decoded(&sheet).2,
            [0, 255, 128, 0, 255, 128, 128, 128, 128, 128, 0, 255, 128, 128, 128]
        );
        assert_eq!(Picture::sheet(&[], 2, 1), None);
    }

    #[test]
    fn weights_of_opposite_sign_have_opposite_colours() {
        let picture = Picture::of_weights(1, 3, &[-2.0, 0.0, 1.0]);
        let [[blue, _, blue_b], [middle, ..], [orange, _, orange_b]] = picture.rgb[..] else {
            panic!()
        };
        assert!(blue < blue_b && middle > 240 && orange > orange_b);
        assert_eq!(Picture::of_weights(1, 1, &[1.0, -1.0, 0.0]).rgb, [[255, 0, 128]]);
        assert_eq!(Picture::of_weights(1, 1, &[0.0]).rgb, [[246, 246, 244]]);
    }
}
