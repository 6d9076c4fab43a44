//! A picture of what augmentation makes of some images.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::{Augment, Scratch};
use crate::data::Dataset;
use crate::error::{FileError, Result, TrainError};
use crate::picture::Picture;
use crate::random::Key;

/// Images are enlarged by a whole number to at least this width, in pixels of the picture.
const TILE: usize = 56;
const GAP: usize = 4;
const MOST_VERSIONS: usize = 1000;
/// What lies between the images.
const GROUND: u8 = 90;

/// Rows of images: each an original and, after it, changed versions.
///
/// ```no_run
/// use chainrule::data::augment::{Augment, Rotate, Sheet};
/// use chainrule::prelude::*;
///
/// let digits = Mnist::sample().train;
/// let augment = Augment::new().with(Rotate::degrees(15.0));
/// let mut sheet = Sheet::default();
/// sheet.add(&augment, &digits, &[0, 1, 2], 10, 42)?;
/// sheet.save_png("augmented.png")?;
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    /// Pictures of one size.
    tiles: Vec<Picture>,
}

impl Sheet {
    /// Adds a row for each of the samples with these numbers: the sample, and at most 1000 `versions` of
    /// it, drawn from the seed. What is mixed is mixed with any of the data set.
    ///
    /// # Errors
    ///
    /// [`TrainError`] for settings without meaning and for inputs that are
    /// no images, and those of [`Dataset::input`].
    ///
    /// # Panics
    ///
    /// If a number is not below the data set's length, as indexing a slice does.
    pub fn add(
        &mut self,
        augment: &Augment,
        data: &dyn Dataset,
        indices: &[usize],
        versions: usize,
        seed: u64,
    ) -> Result<()> {
        if versions > MOST_VERSIONS {
            let (setting, came) = ("the number of versions in a sheet", versions.to_string());
            return Err(TrainError::Setting { setting, came, wanted: "at most 1000" }.into());
        }
        let shape = data.input_shape();
        augment.check(&shape)?;
        let shape = [shape[0], shape[1], shape[2]];
        let load = |index: usize| {
            let mut image = vec![0.0; shape.iter().product()];
            data.input(index, &mut image).map(|()| image)
        };
        let scratch = &mut Scratch::default();
        for &index in indices {
            let original = load(index)?;
            let mut tiles = vec![drawn(&original, shape)];
            for version in 0..versions as u64 {
                let key_of = |index: usize| Key::new(seed).fold(version).fold(index as u64);
                let mut image = original.clone();
                augment.apply(&mut image, shape, key_of(index), scratch);
                if let Some(mixing) = augment.mixing(key_of(index)) {
                    let other = key_of(index).hash(0) as usize % data.len();
                    let mut partner = load(other)?;
                    augment.apply(&mut partner, shape, key_of(other), scratch);
                    mixing.mix(&mut image, &partner, shape);
                }
                tiles.push(drawn(&image, shape));
            }
            self.rows.push(Row { tiles });
        }
        Ok(())
    }

    /// Writes the sheet as a PNG file, whole or not at all: in colours if there are three channels, else
    /// in grey, by the first channel. Each image is enlarged to at least 56 pixels of width.
    ///
    /// # Errors
    ///
    /// [`FileError`], naming `path`, if the file cannot be written or the sheet is empty.
    pub fn save_png(&self, path: impl AsRef<Path>) -> Result<(), FileError> {
        match self.picture() {
            Some(picture) => picture.save_png(path),
            None => {
                let source =
                    io::Error::new(ErrorKind::InvalidInput, "the sheet has no rows: `add` some");
                Err(FileError::Io { path: path.as_ref().into(), source })
            }
        }
    }

    fn picture(&self) -> Option<Picture> {
        let width = self.rows.iter().map(|row| row.left(row.tiles.len())).max()?;
        let height: usize = self.rows.iter().map(Row::height).sum();
        let mut picture = Picture::new(width, height + GAP, [GROUND; 3]);
        let mut top = GAP;
        for row in &self.rows {
            for (number, tile) in row.tiles.iter().enumerate() {
                picture.paste(tile, row.left(number), top);
            }
            top += row.height();
        }
        Some(picture)
    }
}

/// An image in colours if it has three channels, else its first channel in grey, enlarged.
fn drawn(image: &[f32], [height, width, channels]: [usize; 3]) -> Picture {
    let first: Vec<f32> = match channels {
        3 => image.to_vec(),
        _ => image.iter().step_by(channels.max(1)).copied().collect(),
    };
    let shape = [height, width, if channels == 3 { 3 } else { 1 }];
    let picture = Picture::of_range(&shape, &first, 0.0..=1.0);
    picture.expect("a shape that `Augment::check` passed").larger(TILE.div_ceil(width))
}

impl Row {
    fn height(&self) -> usize {
        self.tiles[0].height() + GAP
    }

    /// The column at which a tile begins: the original stands a little apart.
    fn left(&self, number: usize) -> usize {
        let apart = if number > 0 { 2 * GAP } else { 0 };
        GAP + number * (self.tiles[0].width() + GAP) + apart
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Images;
    use crate::data::augment::{Brightness, CutMix, Mixup, Rotate};
    use ndarray::Array4;

    /// Two images of one colour each, whose channels differ by 10.
    fn data(shape: [usize; 3]) -> Images {
        let [h, w, c] = shape;
        let pixels = Array4::from_shape_fn((2, h, w, c), |(n, .., c)| [51, 204][n] + 10 * c as u8);
        Images::new(pixels, vec![0, 1], 2).unwrap()
    }

    /// What is in the file: width, height, bytes a pixel, bytes.
    fn saved(sheet: &Sheet) -> (usize, usize, usize, Vec<u8>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        sheet.save_png(file.path()).unwrap();
        let decoder =
            png::Decoder::new(std::io::BufReader::new(std::fs::File::open(file.path()).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        (info.width as usize, info.height as usize, info.color_type.samples(), bytes)
    }

    #[test]
    fn a_row_is_an_original_and_its_versions() {
        let lighter = Augment::new().with(Brightness::between(0.2..=0.2));
        let mut sheet = Sheet::default();
        sheet.add(&lighter, &data([14, 28, 1]), &[1, 0], 2, 0).unwrap();
        let (width, height, channels, bytes) = saved(&sheet);
        // Twice as large, with gaps of 4, and 8 more beside the original.
        assert_eq!((width, height, channels), (4 + 3 * 60 + 8, 4 + 2 * 32, 1));
        let at = |row: usize, column: usize| bytes[row * width + column];
        assert_eq!((at(3, 30), at(4, 3), at(4, 4), at(31, 59)), (GROUND, GROUND, 204, 204));
        assert_eq!((at(20, 60), at(20, 71), at(20, 72), at(20, 132)), (GROUND, GROUND, 255, 255));
        assert_eq!((at(36, 4), at(36, 72)), (51, 102));
    }

    #[test]
    fn colours_stay_and_what_is_mixed_shows_both() {
        let mut sheet = Sheet::default();
        sheet.add(&Augment::new().mix(CutMix::new(1.0)), &data([9, 60, 3]), &[0, 1], 6, 1).unwrap();
        sheet.add(&Augment::new().mix(Mixup::new(1.0)), &data([9, 9, 1]), &[0, 1], 6, 1).unwrap();
        let (width, _, channels, bytes) = saved(&sheet);
        assert_eq!(channels, 3);
        let row = &bytes[8 * width * 3..9 * width * 3];
        assert!(row.contains(&51) && row.contains(&204));
        assert!(row.chunks(3).any(|rgb| rgb == [204, 214, 224]));
        assert!(bytes.iter().any(|byte| (100..190).contains(byte)));
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let mut sheet = Sheet::default();
        let augment = Augment::new().with(Rotate::degrees(f32::NAN));
        assert!(sheet.add(&augment, &data([3, 3, 1]), &[0], 1, 0).is_err());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sheet.png");
        let refusal = sheet.save_png(&path).unwrap_err().to_string();
        assert!(refusal.contains("sheet.png"), "{refusal}");
        assert!(sheet.save_png(folder.path().join("no/where.png")).is_err());
    }
}
