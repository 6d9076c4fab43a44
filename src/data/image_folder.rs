//! Pictures in folders, one folder a class.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageBuffer, ImageDecoder, ImageFormat, ImageReader, Pixel};
use ndarray::Array4;
use rayon::prelude::*;

use super::images::scale;
use super::{Dataset, Images, Target, TargetKind};
use crate::error::{DataError, PictureError, Result};

/// The largest picture that is decoded: a damaged header may claim any size.
const MOST_BYTES: u64 = 512 << 20;

/// A folder with one folder for each class, full of pictures, which are decoded when they are wanted:
/// none stays in memory.
///
/// ```text
/// pets/cat/001.jpg        class 0, since folders are taken in the order of their names,
/// pets/cat/002.png        and so are the pictures in each
/// pets/dog/001.jpg        class 1
/// ```
///
/// Pixels become numbers in 0..1, of shape (height, width, 3) in red, green and blue, or
/// (height, width, 1) with [`grey`](ImageFolder::grey). Transparency is dropped, 16 bits are rounded
/// to 8, and a camera's note on how it was held is not followed. Files that are not named `.png`,
/// `.jpg` or `.jpeg` do not count, nor do folders that begin with a dot.
///
/// ```no_run
/// use chainrule::data::{ImageFolder, split};
/// use chainrule::prelude::*;
///
/// let pets = ImageFolder::open("pets")?.size(64, 64)?;
/// println!("{} pictures of {:?}", pets.len(), pets.classes());
/// let [train, test] = split(&pets, [0.8, 0.2], 0)?;
/// let mut model = Sequential::new([64, 64, 3])
///     .add(Conv2d::new(16, 3))?
///     .add(Relu)?
///     .add(GlobalAvgPool2d)?
///     .add(Dense::new(pets.classes().len()))?;
/// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.001)).epochs(10).fit(&mut model, &train)?;
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ImageFolder {
    classes: Vec<String>,
    paths: Vec<PathBuf>,
    labels: Vec<usize>,
    height: usize,
    width: usize,
    resized: bool,
    grey: bool,
}

impl ImageFolder {
    /// Finds the pictures. All must be of the first one's size, which [`size`](ImageFolder::size)
    /// can change.
    ///
    /// # Errors
    ///
    /// [`PictureError`] where a folder cannot be read, there are no classes, a class has no pictures,
    /// or the first picture is none.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self> {
        let dir = dir.as_ref();
        let folders = sorted(dir, |path, name| path.is_dir() && !name.starts_with('.'))?;
        let (mut classes, mut paths, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for folder in folders {
            let pictures = sorted(&folder, |path, _| is_picture(path))?;
            if pictures.is_empty() {
                return Err(PictureError::EmptyClass { dir: folder }.into());
            }
            labels.extend(pictures.iter().map(|_| classes.len()));
            classes.push(name(&folder));
            paths.extend(pictures);
        }
        let Some(first) = paths.first() else {
            return Err(PictureError::NoClasses { dir: dir.into() }.into());
        };
        let [height, width] = dimensions(&decoder(first)?);
        Ok(ImageFolder { classes, paths, labels, height, width, resized: false, grey: false })
    }

    /// Takes the brightness alone, as Rec. 709 weighs red, green and blue.
    #[must_use]
    pub fn grey(self) -> Self {
        ImageFolder { grey: true, ..self }
    }

    /// Resizes every picture, each pixel being a mean of those that it covers; what was wider or
    /// higher is squeezed.
    ///
    /// # Errors
    ///
    /// [`PictureError::NoSize`] where a side is 0 or above 65535.
    pub fn size(self, height: usize, width: usize) -> Result<Self> {
        if ![height, width].iter().all(|side| (1..=65535).contains(side)) {
            return Err(PictureError::NoSize { height, width }.into());
        }
        Ok(ImageFolder { height, width, resized: true, ..self })
    }

    /// The names of the folders, by the numbers of their classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The file of each sample.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Decodes all pictures into memory, a byte for each pixel and channel: the same numbers, faster
    /// to come by.
    ///
    /// # Errors
    ///
    /// [`PictureError`] where a picture is broken or has another size, or where there are more than
    /// 256 classes.
    pub fn load(&self) -> Result<Images> {
        let (count, classes) = (self.len(), self.classes.len());
        let too_many = || PictureError::TooMany { count, classes };
        let size = self.height * self.width * self.channels();
        let len = count.checked_mul(size).ok_or_else(too_many)?;
        let labels: Option<Vec<u8>> = self.labels.iter().map(|&n| u8::try_from(n).ok()).collect();
        let labels = labels.ok_or_else(too_many)?;
        let mut pixels = vec![0; len];
        pixels.par_chunks_mut(size).zip(&self.paths).try_for_each(|(pixels, path)| {
            pixels.copy_from_slice(&self.pixels(path)?);
            Ok::<(), PictureError>(())
        })?;
        let shape = (count, self.height, self.width, self.channels());
        let pixels = Array4::from_shape_vec(shape, pixels).map_err(|_| too_many())?;
        Ok(Images::new(pixels, labels, classes)?.with_class_names(&self.classes)?)
    }

    fn channels(&self) -> usize {
        if self.grey { 1 } else { 3 }
    }

    /// A picture as bytes, in the wanted size and colours.
    fn pixels(&self, path: &Path) -> Result<Vec<u8>, PictureError> {
        let decoder = decoder(path)?;
        let (wanted, found) = ([self.height, self.width], dimensions(&decoder));
        if found != wanted && !self.resized {
            return Err(PictureError::Size { path: path.into(), wanted, found });
        }
        let picture = DynamicImage::from_decoder(decoder).map_err(|error| broken(path, error))?;
        Ok(match self.grey {
            true => fit(picture.into_luma8(), wanted),
            false => fit(picture.into_rgb8(), wanted),
        })
    }
}

impl Dataset for ImageFolder {
    fn len(&self) -> usize {
        self.paths.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        vec![self.height, self.width, self.channels()]
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes(self.classes.len())
    }

    fn class_names(&self) -> &[String] {
        &self.classes
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        let pixels = self
            .pixels(&self.paths[index])
            .map_err(|source| DataError::Sample { index, source: Box::new(source) })?;
        scale(&pixels, x);
        Ok(())
    }

    fn target(&self, index: usize) -> Target<'_> {
        Target::Class(self.labels[index])
    }
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

/// What a folder holds of a kind, in the order of names.
fn sorted(dir: &Path, wanted: impl Fn(&Path, &str) -> bool) -> Result<Vec<PathBuf>, PictureError> {
    let refused = |source| PictureError::Io { path: dir.into(), source };
    let entries = fs::read_dir(dir).map_err(refused)?;
    let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(refused)?;
    paths.retain(|path| wanted(path, &name(path)));
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    ["png", "jpg", "jpeg"].contains(&extension.as_str())
}

/// The decoder of a picture, which has read its header. The format is told by the content.
fn decoder(path: &Path) -> Result<impl ImageDecoder, PictureError> {
    let refused = |source| PictureError::Io { path: path.into(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(refused)?;
    file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(refused)?;
    let cut_short = is_jpeg_cut_short(&bytes);
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(refused)?;
    if cut_short && reader.format() == Some(ImageFormat::Jpeg) {
        let reason = "it is cut short".into();
        return Err(PictureError::Broken { path: path.into(), reason });
    }
    let decoder = reader.into_decoder().map_err(|error| broken(path, error))?;
    if decoder.total_bytes() > MOST_BYTES {
        let [height, width] = dimensions(&decoder);
        let reason = format!("its header claims {height}×{width} pixels");
        return Err(PictureError::Broken { path: path.into(), reason });
    }
    Ok(decoder)
}

/// Whether there is no end after the last scan: the decoder would make up what is missing. No data
/// has the bytes of these markers.
fn is_jpeg_cut_short(bytes: &[u8]) -> bool {
    let last = |marker| bytes.windows(2).rposition(|pair| pair == [0xff, marker]);
    let (end, scan) = (last(0xd9), last(0xda));
    end < scan
}

/// Height and width.
fn dimensions(decoder: &impl ImageDecoder) -> [usize; 2] {
    let (width, height) = decoder.dimensions();
    [height as usize, width as usize]
}

fn broken(path: &Path, error: image::ImageError) -> PictureError {
    PictureError::Broken { path: path.into(), reason: error.to_string() }
}
