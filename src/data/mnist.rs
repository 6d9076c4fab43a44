//! MNIST: 70,000 handwritten digits, 28 × 28 pixels in grey, ten classes.
//!
//! [`Mnist::load`] reads the four files from a directory; [`Mnist::sample`] needs no files. Neither
//! downloads: `./data-fetch.sh` does. Sets that borrow MNIST's file names and have ten classes,
//! such as Fashion-MNIST, load as well.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ndarray::{Array, Array1, Array3, ArrayD, Axis, Dimension};

use super::{Images, idx};
use crate::error::DataError;

/// The digits 0 to 9.
const CLASSES: usize = 10;

/// Images to train on and images to test on, each of shape (n, 28, 28, 1), 0 black and 255 white.
///
/// ```
/// # #[cfg(feature = "sample")] {
/// use chainrule::data::Mnist;
///
/// let mnist = Mnist::sample();
/// assert_eq!(mnist.train.len(), 10_000);
/// assert_eq!(mnist.test.shape(), [28, 28, 1]);
/// assert_eq!(mnist.test.label(0), 7);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Mnist {
    /// The images to train on: 60,000, or 10,000 in the sample.
    pub train: Images,
    /// The images to test on, which nothing may train on: 10,000.
    pub test: Images,
}

impl Mnist {
    /// Reads the four files from a directory.
    ///
    /// Each may be plain or gzip, and spelled `train-images-idx3-ubyte` or
    /// `train-images.idx3-ubyte`, with `.gz` or without; the first spelling found is read.
    ///
    /// ```no_run
    /// let mnist = chainrule::data::Mnist::load("data")?;
    /// assert_eq!(mnist.train.pixels().dim(), (60_000, 28, 28, 1));
    /// # Ok::<(), chainrule::error::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError`], naming the directory or the file, if a file is missing, is not whole, or does
    /// not go with the others.
    pub fn load(dir: impl AsRef<Path>) -> Result<Mnist, DataError> {
        let dir = dir.as_ref();
        let half = |images, labels| {
            let (images, labels) = (find(dir, images, "idx3")?, find(dir, labels, "idx1")?);
            pair(idx::read(&images)?, &images, idx::read(&labels)?, &labels)
        };
        let train = half("train-images", "train-labels")?;
        let test = half("t10k-images", "t10k-labels")?;
        if train.shape() != test.shape() {
            return Err(DataError::ShapesDiffer {
                dir: dir.into(),
                train: train.shape(),
                test: test.shape(),
            });
        }
        Ok(Mnist { train, test })
    }

    /// The first 10,000 training images and all 10,000 test images, embedded in the crate.
    ///
    /// The test set is whole, so an accuracy measured on it compares with published ones. The
    /// images come under a licence of their own: see `src/data/sample/README.md`.
    ///
    /// This cannot fail, and so returns no `Result`: the bytes are part of the crate, and its tests
    /// read the same ones.
    #[cfg(feature = "sample")]
    pub fn sample() -> Mnist {
        let half = |images: &[u8], labels: &[u8]| {
            let (images_name, labels_name) =
                (Path::new("sample images"), Path::new("sample labels"));
            let images = idx::from_reader(images, images_name)?;
            let labels = idx::from_reader(labels, labels_name)?;
            pair(images, images_name, labels, labels_name)
        };
        let train = half(
            include_bytes!("sample/train-images-idx3-ubyte.gz"),
            include_bytes!("sample/train-labels-idx1-ubyte.gz"),
        );
        let test = half(
            include_bytes!("sample/t10k-images-idx3-ubyte.gz"),
            include_bytes!("sample/t10k-labels-idx1-ubyte.gz"),
        );
        Mnist {
            train: train.expect("the embedded training images are whole"),
            test: test.expect("the embedded test images are whole"),
        }
    }
}

/// The file `stem` of type `idx3` or `idx1`, in the first spelling that is there.
fn find(dir: &Path, stem: &str, kind: &str) -> Result<PathBuf, DataError> {
    let tried = ["-", "."].iter().flat_map(|separator| {
        ["", ".gz"].map(|suffix| format!("{stem}{separator}{kind}-ubyte{suffix}"))
    });
    let tried: Vec<String> = tried.collect();
    for name in &tried {
        let path = dir.join(name);
        match fs::metadata(&path) {
            // Some archives unpack into a directory of the file's name: look past it.
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Ok(path),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(source) => return Err(DataError::Io { path, source }),
        }
    }
    Err(DataError::MissingFile { dir: dir.into(), tried })
}

/// Images of shape (n, h, w) and labels of shape (n) as one set of shape (n, h, w, 1).
fn pair(
    images: ArrayD<u8>,
    images_path: &Path,
    labels: ArrayD<u8>,
    labels_path: &Path,
) -> Result<Images, DataError> {
    let pixels: Array3<u8> = of_rank(3, images, images_path)?;
    let labels: Array1<u8> = of_rank(1, labels, labels_path)?;
    Images::new(pixels.insert_axis(Axis(3)), labels.to_vec(), CLASSES).map_err(|source| {
        DataError::Pair {
            images: images_path.into(),
            labels: labels_path.into(),
            source: Box::new(source),
        }
    })
}

/// The array with its rank, which is that of `D`, in its type.
fn of_rank<D: Dimension>(
    expected: usize,
    array: ArrayD<u8>,
    path: &Path,
) -> Result<Array<u8, D>, DataError> {
    let found = array.shape().to_vec();
    array.into_dimensionality().map_err(|_| DataError::WrongRank {
        path: path.into(),
        expected,
        found,
    })
}
