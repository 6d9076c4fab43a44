//! The files of one data set: found by their names, and read into images with labels.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ndarray::{ArrayD, Axis, Ix1, Ix2, Ix3, Ix4};

use super::kind::MnistKind;
use crate::data::{Images, idx};
use crate::error::{DataError, IdxError};

/// One of the two sets in a directory.
#[derive(Clone, Copy)]
pub(super) enum Half {
    Train,
    Test,
}

/// Finds out by the names of files which data set a directory has. MNIST's own names come first.
///
/// # Errors
///
/// [`DataError::MissingFolder`] and [`DataError::NotFolder`] for a path that is no directory,
/// [`DataError::SeveralSets`] where the names leave a choice.
pub(super) fn kind(dir: &Path) -> Result<MnistKind, DataError> {
    check_dir(dir)?;
    let has = |kind: &MnistKind| -> Result<bool, DataError> {
        for half in [Half::Train, Half::Test] {
            for tried in [image_names(*kind, half), label_names(*kind, half)] {
                if find(dir, &tried)?.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    };
    let mut found = Vec::new();
    for kind in MnistKind::BY_FILES {
        if has(&kind)? {
            found.push(kind);
        }
    }
    match found[..] {
        [] => Ok(MnistKind::Mnist),
        [first, ..] if first == MnistKind::Mnist || found.len() == 1 => Ok(first),
        _ => {
            let found = found.iter().map(MnistKind::to_string).collect();
            Err(DataError::SeveralSets { dir: dir.into(), found })
        }
    }
}

/// Refuses a path that is no directory.
pub(super) fn check_dir(dir: &Path) -> Result<(), DataError> {
    match fs::metadata(dir) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(DataError::NotFolder { dir: dir.into() }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(DataError::MissingFolder { dir: dir.into() })
        }
        Err(source) => Err(DataError::Io { path: dir.into(), source }),
    }
}

/// Reads the training set or the test set of this kind.
pub(super) fn read(dir: &Path, kind: MnistKind, half: Half) -> Result<Images, DataError> {
    let path = |tried: Vec<String>| match find(dir, &tried)? {
        Some(path) => Ok(path),
        None => {
            let fix = match kind {
                MnistKind::Mnist => "run ./data-fetch.sh, which brings MNIST into data/",
                _ => "fetch it from the place that the other files came from",
            };
            Err(DataError::MissingFile { dir: dir.into(), tried, fix })
        }
    };
    let (images, labels) = (path(image_names(kind, half))?, path(label_names(kind, half))?);
    let numbers: Vec<i32> = match kind {
        MnistKind::Qmnist => first_column(idx::read(&labels)?, &labels)?,
        _ => of_bytes(idx::read(&labels)?, &labels)?,
    };
    pair(idx::read(&images)?, &images, numbers, &labels, kind)
}

fn image_names(kind: MnistKind, half: Half) -> Vec<String> {
    spellings(kind, half, "images", "idx3-ubyte")
}

/// QMNIST says more about each digit than its class, in a row of numbers.
fn label_names(kind: MnistKind, half: Half) -> Vec<String> {
    let ending = if kind == MnistKind::Qmnist { "idx2-int" } else { "idx1-ubyte" };
    spellings(kind, half, "labels", ending)
}

/// All spellings of the name of a file: `train-images-idx3-ubyte` or `train-images.idx3-ubyte`, with
/// `.gz` or without.
fn spellings(kind: MnistKind, half: Half, part: &str, ending: &str) -> Vec<String> {
    let half = match half {
        Half::Train => "train",
        Half::Test if kind.prefix().is_empty() => "t10k",
        Half::Test => "test",
    };
    let stem = format!("{}{half}-{part}", kind.prefix());
    let spell = |separator| ["", ".gz"].map(|suffix| format!("{stem}{separator}{ending}{suffix}"));
    ["-", "."].into_iter().flat_map(spell).collect()
}

/// Returns the first of these files that is there.
fn find(dir: &Path, tried: &[String]) -> Result<Option<PathBuf>, DataError> {
    for name in tried {
        let path = dir.join(name);
        match fs::metadata(&path) {
            // Some archives unpack into a directory of the file's name: look past it.
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Ok(Some(path)),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(DataError::Io { path, source }),
        }
    }
    Ok(None)
}

/// Labels of a byte each.
pub(super) fn of_bytes(labels: ArrayD<u8>, path: &Path) -> Result<Vec<i32>, DataError> {
    let found = labels.shape().to_vec();
    let labels = labels.into_dimensionality::<Ix1>();
    let labels = labels.map_err(|_| IdxError::not_labels(path, found))?;
    Ok(labels.into_iter().map(i32::from).collect())
}

/// Labels in the first column of a table.
fn first_column(labels: ArrayD<i32>, path: &Path) -> Result<Vec<i32>, DataError> {
    let found = labels.shape().to_vec();
    match labels.into_dimensionality::<Ix2>() {
        Ok(labels) if labels.ncols() > 0 => Ok(labels.column(0).to_vec()),
        _ => Err(IdxError::WrongRank {
            path: path.into(),
            expected: "2, with a column of labels at least",
            found,
            fix: "check that this is QMNIST's file of labels",
        }
        .into()),
    }
}

/// Makes a set of images of shape (n, h, w) or (n, h, w, c) and their labels.
pub(super) fn pair(
    images: ArrayD<u8>,
    images_path: &Path,
    labels: Vec<i32>,
    labels_path: &Path,
    kind: MnistKind,
) -> Result<Images, DataError> {
    let found = images.shape().to_vec();
    let pixels = match found.len() {
        3 => images.into_dimensionality::<Ix3>().map(|pixels| pixels.insert_axis(Axis(3))),
        _ => images.into_dimensionality::<Ix4>(),
    };
    let mut pixels = pixels.map_err(|_| IdxError::not_images(images_path, found))?;
    if kind.is_emnist() {
        // EMNIST stores images column by column.
        pixels.swap_axes(1, 2);
    }
    let labels = classes(labels, labels_path, kind)?;
    Images::new(pixels, labels, kind.classes()).map_err(|source| DataError::Pair {
        images: images_path.into(),
        labels: labels_path.into(),
        source: Box::new(source),
    })
}

/// Turns labels into classes, which begin at 0.
fn classes(labels: Vec<i32>, path: &Path, kind: MnistKind) -> Result<Vec<u8>, DataError> {
    let first = kind.first_label();
    let last = first + kind.classes() - 1;
    let class = |(index, label): (usize, i32)| match usize::try_from(label) {
        Ok(label) if (first..=last).contains(&label) => Ok((label - first) as u8),
        _ => Err(DataError::FileLabel { path: path.into(), index, label, first, last }),
    };
    labels.into_iter().enumerate().map(class).collect()
}
