//! Pictures in folders, one folder a class.

use std::path::{Path, PathBuf};
use std::{fs, io};

use ndarray::Array4;
use rayon::prelude::*;

use super::class_names::position;
use super::class_order::in_order;
use super::images::scale;
use super::{Dataset, Images, Target, TargetKind};
use crate::decode;
use crate::error::{DataError, PictureError, Result};
use crate::shape::fits;

/// Bytes of the pictures that are decoded at a time.
const CHUNK_BYTES: usize = 256 << 20;

/// A folder with one folder for each class, full of pictures, which are decoded when they are wanted:
/// none stays in memory.
///
/// ```text
/// pets/cat/001.jpg        class 0, since folders are taken in the order of their names,
/// pets/cat/002.png        and so are the pictures in each
/// pets/dog/001.jpg        class 1
/// ```
///
/// Folders whose names are all numbers are taken in the order of the numbers (9 before 10), and `1` and
/// `01` are one class.
///
/// Pixels become numbers in 0..1, of shape (height, width, 3) in red, green and blue, or
/// (height, width, 1) with [`grey`](ImageFolder::grey). What is transparent shows white, 16 bits are
/// rounded to 8, and a picture is turned as its EXIF orientation says. Files that are not named `.png`,
/// `.jpg` or `.jpeg` do not count, nor do files and folders that begin with a dot.
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
        let folders = folders(dir.as_ref())?;
        let names: Vec<String> = folders.iter().map(|folder| name(folder)).collect();
        let (classes, class_of) = in_order(&names);
        let mut found = Found::default();
        for (folder, class) in folders.iter().zip(class_of) {
            if found.add(folder, class)? == 0 {
                return Err(PictureError::EmptyClass { dir: folder.clone() }.into());
            }
        }
        found.in_order();
        Self::of(dir.as_ref(), classes, found)
    }

    /// Finds the pictures of these classes, such as those of another data set. The folder of a class
    /// may be empty or absent.
    ///
    /// ```no_run
    /// use chainrule::data::ImageFolder;
    ///
    /// let train = ImageFolder::open("pets/train")?;
    /// let test = ImageFolder::open_with_classes("pets/test", train.classes())?;
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`open`](ImageFolder::open), and [`PictureError::UnknownClass`] for a folder of another class.
    pub fn open_with_classes(
        dir: impl AsRef<Path>,
        classes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self> {
        let classes: Vec<String> = classes.into_iter().map(Into::into).collect();
        let mut found = Found::default();
        for folder in folders(dir.as_ref())? {
            let Some(class) = position(&classes, &name(&folder)) else {
                return Err(PictureError::UnknownClass { dir: folder, classes }.into());
            };
            found.add(&folder, class)?;
        }
        found.in_order();
        Self::of(dir.as_ref(), classes, found)
    }

    fn of(dir: &Path, classes: Vec<String>, found: Found) -> Result<Self> {
        let (paths, labels): (Vec<_>, Vec<_>) = found.0.into_iter().unzip();
        let Some(first) = paths.first() else {
            return Err(PictureError::NoClasses { dir: dir.into() }.into());
        };
        let [height, width] = decode::size(first)?;
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
    /// [`PictureError::NoSize`] where a side is 0 or above 65535, or the picture larger than a model
    /// takes.
    pub fn size(self, height: usize, width: usize) -> Result<Self> {
        let is_side = |side: &usize| (1..=65535).contains(side);
        if ![height, width].iter().all(is_side) || !fits(&[height, width, 3]) {
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
        let mut pixels = Vec::new();
        for paths in self.paths.chunks((CHUNK_BYTES / size.max(1)).clamp(1, 256)) {
            let decoded = paths.par_iter().map(|path| self.pixels(path));
            let decoded = decoded.collect::<Result<Vec<Vec<u8>>, PictureError>>()?;
            // The memory is taken when some pictures have been found to be as large as they claim.
            pixels.try_reserve_exact(len - pixels.len()).map_err(|_| too_many())?;
            decoded.iter().for_each(|picture| pixels.extend_from_slice(picture));
        }
        let shape = (count, self.height, self.width, self.channels());
        let pixels = Array4::from_shape_vec(shape, pixels).map_err(|_| too_many())?;
        Ok(Images::new(pixels, labels, classes)?.with_class_names(&self.classes)?)
    }

    fn channels(&self) -> usize {
        if self.grey { 1 } else { 3 }
    }

    /// A picture as bytes, in the wanted size and colours.
    fn pixels(&self, path: &Path) -> Result<Vec<u8>, PictureError> {
        let wanted = [self.height, self.width];
        decode::pixels(path, wanted, self.resized, self.grey)
    }
}

/// Pictures and their classes.
#[derive(Default)]
struct Found(Vec<(PathBuf, usize)>);

impl Found {
    /// Adds the pictures in a folder; returns their number.
    fn add(&mut self, folder: &Path, class: usize) -> Result<usize, PictureError> {
        let pictures = sorted(folder, is_picture)?;
        let count = pictures.len();
        self.0.extend(pictures.into_iter().map(|path| (path, class)));
        Ok(count)
    }

    /// Sorts by class. The order within a class stays.
    fn in_order(&mut self) {
        self.0.sort_by_key(|&(_, class)| class);
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

/// Folders of classes, in the order of names.
fn folders(dir: &Path) -> Result<Vec<PathBuf>, PictureError> {
    sorted(dir, |path, name| path.is_dir() && !name.starts_with('.'))
}

/// Entries of a folder of one kind, in the order of names.
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

/// Returns whether a file is a picture by its name. macOS adds `._1.png` to `1.png`.
fn is_picture(path: &Path, name: &str) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    !name.starts_with('.') && ["png", "jpg", "jpeg"].contains(&extension.as_str())
}
