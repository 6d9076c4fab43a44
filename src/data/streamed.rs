//! Data sets larger than memory: samples that stay on the disk until a batch wants them.

use std::fs::File;
use std::path::{Path, PathBuf};

use byteorder::{BigEndian, ByteOrder};

use super::images::scale;
use super::positioned::Positioned;
use super::{Dataset, Target, TargetKind, idx};
use crate::error::{DataError, IdxError, Result};
use idx::ElementType;

/// Inputs in an uncompressed IDX file, with their labels in another. Only the labels are in memory:
/// an input is read whenever it is wanted, by any number of threads at once, and is not kept.
///
/// Bytes are pixels, of shape (n, h, w) or (n, h, w, c), and become numbers in 0..1 as in
/// [`Images`](super::Images). Floats are features of any shape (n, input..), taken as they are.
///
/// ```
/// use chainrule::data::{StreamedIdx, idx};
/// use chainrule::prelude::*;
/// use ndarray::Axis;
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let (images, labels) = (dir.path().join("images"), dir.path().join("labels"));
/// let digits = Mnist::sample().test.take(100)?;
/// idx::write(&images, &digits.pixels().remove_axis(Axis(3)))?;
/// idx::write(&labels, &ndarray::arr1(digits.labels()))?;
///
/// let streamed = StreamedIdx::open(&images, &labels, 10)?;
/// assert_eq!(streamed.input_shape(), [28, 28, 1]);
/// assert_eq!(inputs(&streamed, &[7])?, inputs(&digits, &[7])?);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug)]
pub struct StreamedIdx {
    path: PathBuf,
    file: Positioned,
    /// Where the first input begins.
    start: u64,
    element: ElementType,
    shape: Vec<usize>,
    labels: Vec<u8>,
    classes: usize,
}

impl StreamedIdx {
    /// Checks the header and the length of the file of inputs, and reads the labels, which are in
    /// `0..classes` and may be compressed.
    ///
    /// # Errors
    ///
    /// [`DataError`], naming the file, where it is compressed, is not whole, holds other elements
    /// than u8 or f32, or where the two do not go together.
    pub fn open(
        inputs: impl AsRef<Path>,
        labels: impl AsRef<Path>,
        classes: usize,
    ) -> Result<Self> {
        let (path, labels_path) = (inputs.as_ref(), labels.as_ref());
        let idx::Header { element, shape: found, start } = idx::header(path)?;
        let mut shape = found.get(1..).unwrap_or_default().to_vec();
        match (element, found.len()) {
            (ElementType::U8, 3) => shape.push(1),
            (ElementType::U8, 4) => {}
            (ElementType::U8, _) => return Err(IdxError::not_images(path, found).into()),
            (ElementType::F32, 0 | 1) => {
                let (path, expected) = (path.into(), "2 or more (n, input..)");
                let fix = "give the numbers of a sample an axis of their own";
                return Err(IdxError::WrongRank { path, expected, found, fix }.into());
            }
            (ElementType::F32, _) => {}
            (other, _) => {
                let (expected, found) = ("u8 or f32", other.name());
                return Err(IdxError::WrongElement { path: path.into(), expected, found }.into());
            }
        }
        if found.contains(&0) {
            let found = format!("inputs of shape {found:?}");
            return Err(DataError::NoNumbers { found }.into());
        }
        let labels = check_labels(found[0], idx::read(labels_path)?, classes, labels_path)
            .map_err(|source| DataError::Pair {
                images: path.into(),
                labels: labels_path.into(),
                source: Box::new(source),
            })?;
        let file = File::open(path).map_err(|source| IdxError::Io { path: path.into(), source })?;
        let (path, file) = (path.into(), Positioned::new(file));
        Ok(StreamedIdx { path, file, start, element, shape, labels, classes })
    }

    /// All labels, one for each input.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }
}

/// One label below `classes` for each of `n` inputs.
fn check_labels(
    n: usize,
    labels: ndarray::ArrayD<u8>,
    classes: usize,
    path: &Path,
) -> Result<Vec<u8>, DataError> {
    if labels.ndim() != 1 {
        return Err(IdxError::not_labels(path, labels.shape().to_vec()).into());
    }
    if labels.len() != n {
        return Err(DataError::LabelCount { images: n, labels: labels.len() });
    }
    let labels: Vec<u8> = labels.into_iter().collect();
    match labels.iter().position(|&label| usize::from(label) >= classes) {
        _ if classes == 0 => Err(DataError::NoClasses),
        Some(index) => Err(DataError::LabelRange { index, label: labels[index].into(), classes }),
        None => Ok(labels),
    }
}

impl Dataset for StreamedIdx {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes(self.classes)
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        const PIECE: usize = 16 << 10;
        let width = self.element.size();
        let start = self.start + index as u64 * (x.len() * width) as u64;
        let mut bytes = [0; PIECE];
        for (number, x) in x.chunks_mut(PIECE / width).enumerate() {
            let bytes = &mut bytes[..x.len() * width];
            let place = start + (number * PIECE) as u64;
            self.file.read_exact_at(bytes, place).map_err(|source| {
                let source = Box::new(IdxError::Io { path: self.path.clone(), source });
                DataError::Sample { index, source }
            })?;
            match self.element {
                ElementType::F32 => BigEndian::read_f32_into(bytes, x),
                _ => scale(bytes, x),
            }
        }
        Ok(())
    }

    fn target(&self, index: usize) -> Target<'_> {
        Target::Class(self.labels[index].into())
    }
}
