//! MNIST and the data sets in its format, from a directory or from the crate.
//!
//! [`Mnist::load`] reads the four files from a directory; [`Mnist::sample`] needs no files. Neither
//! downloads: `./data-fetch.sh` does, for MNIST itself.

mod files;
mod kind;
mod mapping;

pub use kind::MnistKind;

use std::path::Path;

use super::Images;
#[cfg(feature = "sample")]
use super::idx;
use crate::error::DataError;
use files::Half;

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
    /// The images to train on: 60,000 of MNIST, or 10,000 in the sample.
    pub train: Images,
    /// The images to test on, which nothing may train on: 10,000 of MNIST.
    pub test: Images,
}

impl Mnist {
    /// Reads the four files of a data set from a directory. Their names decide the kind: MNIST, QMNIST
    /// or one of EMNIST. MNIST's names come first; of several others, choose one with
    /// [`load_as`](Mnist::load_as).
    ///
    /// Each file may be plain or gzip, and spelled `train-images-idx3-ubyte` or
    /// `train-images.idx3-ubyte`, with `.gz` or without; the first spelling found is read.
    ///
    /// ```no_run
    /// let mnist = chainrule::data::Mnist::load("data")?;
    /// assert_eq!(mnist.train.pixels().dim(), (60_000, 28, 28, 1));
    /// # Ok::<(), chainrule::error::DataError>(())
    /// ```
    ///
    /// Fashion-MNIST and KMNIST have MNIST's names. They load as well, but their classes have no names
    /// unless [`load_as`](Mnist::load_as) is told the kind.
    ///
    /// # Errors
    ///
    /// [`DataError`], naming the directory or the file, if a file is missing, is not whole, or does
    /// not go with the others, and if the names of the files leave a choice.
    pub fn load(dir: impl AsRef<Path>) -> Result<Mnist, DataError> {
        let dir = dir.as_ref();
        Mnist::load_as(dir, files::kind(dir)?)
    }

    /// Reads the four files of a data set of this kind, and names its classes.
    ///
    /// EMNIST's images, which are stored column by column, are turned upright, and the labels of EMNIST
    /// Letters, which begin at 1, become classes from 0. EMNIST's mapping file, such as
    /// `emnist-letters-mapping.txt`, names the classes where it is there, and else the paper does.
    ///
    /// ```no_run
    /// use chainrule::data::{Mnist, MnistKind};
    /// use chainrule::prelude::*;
    ///
    /// let letters = Mnist::load_as("data/emnist", MnistKind::EmnistLetters)?;
    /// assert_eq!(letters.train.class_names()[0], "A");
    /// let clothes = Mnist::load_as("data/fashion", MnistKind::FashionMnist)?;
    /// assert_eq!(clothes.train.class_names()[0], "T-shirt/top");
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError`], naming the directory or the file, if a file is missing, is not whole, or does
    /// not go with the others.
    pub fn load_as(dir: impl AsRef<Path>, kind: MnistKind) -> Result<Mnist, DataError> {
        let dir = dir.as_ref();
        files::check_dir(dir)?;
        let (train, test) =
            (files::read(dir, kind, Half::Train)?, files::read(dir, kind, Half::Test)?);
        if train.shape() != test.shape() {
            return Err(DataError::ShapesDiffer {
                dir: dir.into(),
                train: train.shape(),
                test: test.shape(),
            });
        }
        let names = mapping::class_names(dir, kind)?;
        if names.is_empty() {
            return Ok(Mnist { train, test });
        }
        Ok(Mnist { train: train.with_class_names(&names)?, test: test.with_class_names(names)? })
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
            let labels = files::of_bytes(idx::from_reader(labels, labels_name)?, labels_name)?;
            files::pair(images, images_name, labels, labels_name, MnistKind::Mnist)
        };
        let train = half(
            include_bytes!("../sample/train-images-idx3-ubyte.gz"),
            include_bytes!("../sample/train-labels-idx1-ubyte.gz"),
        );
        let test = half(
            include_bytes!("../sample/t10k-images-idx3-ubyte.gz"),
            include_bytes!("../sample/t10k-labels-idx1-ubyte.gz"),
        );
        Mnist {
            train: train.expect("the embedded training images are whole"),
            test: test.expect("the embedded test images are whole"),
        }
    }
}
