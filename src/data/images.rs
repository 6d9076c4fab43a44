//! Images with one label each, checked once.

use std::fmt;

use ndarray::{Array4, ArrayView3, ArrayView4, Axis, Slice};

use super::class_names::one_for_each;
use super::{Dataset, Target, TargetKind};
use crate::error::{DataError, Result};
use crate::kernels::simd::arch;

/// A set of images of one shape, each with the number of its class.
///
/// A value of this type promises: there is at least one image; every image has at least one pixel
/// and one channel; there are as many labels as images, each below [`classes`](Images::classes);
/// and the pixels lie in memory in the order (image, row, column, channel) without gaps.
///
/// ```
/// use chainrule::data::Images;
/// use ndarray::Array4;
///
/// let pixels = Array4::zeros((2, 28, 28, 1));
/// let images = Images::new(pixels, vec![7, 3], 10)?;
/// assert_eq!(images.len(), 2);
/// assert_eq!(images.shape(), [28, 28, 1]);
/// assert_eq!(images.label(1), 3);
///
/// let refusal = Images::new(Array4::zeros((2, 28, 28, 1)), vec![7, 10], 10).unwrap_err();
/// assert!(refusal.to_string().contains("label 1 is 10"));
/// # Ok::<(), chainrule::error::DataError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Images {
    pixels: Array4<u8>,
    labels: Vec<u8>,
    classes: usize,
    /// One for each class, or none.
    names: Vec<String>,
}

impl Images {
    /// A set from pixels of shape (n, height, width, channels) and n labels in `0..classes`.
    ///
    /// # Errors
    ///
    /// [`DataError::NoImages`], [`EmptyImages`](DataError::EmptyImages),
    /// [`LabelCount`](DataError::LabelCount), [`NoClasses`](DataError::NoClasses) or
    /// [`LabelRange`](DataError::LabelRange), where a set would break a promise of this type.
    pub fn new(pixels: Array4<u8>, labels: Vec<u8>, classes: usize) -> Result<Images, DataError> {
        let (n, height, width, channels) = pixels.dim();
        if n == 0 {
            return Err(DataError::NoImages);
        }
        let shape = [height, width, channels];
        if shape.contains(&0) {
            return Err(DataError::EmptyImages { found: shape });
        }
        if labels.len() != n {
            return Err(DataError::LabelCount { images: n, labels: labels.len() });
        }
        if classes == 0 {
            return Err(DataError::NoClasses);
        }
        if let Some(index) = labels.iter().position(|&label| usize::from(label) >= classes) {
            return Err(DataError::LabelRange { index, label: labels[index].into(), classes });
        }
        let pixels = if pixels.is_standard_layout() {
            pixels
        } else {
            pixels.as_standard_layout().into_owned()
        };
        Ok(Images { pixels, labels, classes, names: Vec::new() })
    }

    /// Gives the classes names, which tables and reports then show instead of numbers.
    ///
    /// ```
    /// use chainrule::data::Images;
    /// use chainrule::prelude::*;
    ///
    /// let pets = Images::new(ndarray::Array4::zeros((3, 8, 8, 1)), vec![1, 0, 1], 2)?;
    /// let pets = pets.with_class_names(["cat", "dog"])?;
    /// assert_eq!(pets.class_names(), ["cat", "dog"]);
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::ClassNames`] unless there is one name for each class, and [`DataError::SameName`]
    /// for a name that occurs twice.
    pub fn with_class_names<N: Into<String>>(
        self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Images, DataError> {
        let names = one_for_each(names, self.classes)?;
        Ok(Images { names, ..self })
    }

    /// The number of images, at least 1.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Always false, because [`new`](Images::new) refuses an empty set.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Height, width and channels of every image.
    pub fn shape(&self) -> [usize; 3] {
        let (_, height, width, channels) = self.pixels.dim();
        [height, width, channels]
    }

    /// All pixels, of shape (n, height, width, channels).
    pub fn pixels(&self) -> ArrayView4<'_, u8> {
        self.pixels.view()
    }

    /// All labels, one for each image.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The number of classes, at least 1; every label is below it.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Image `i`, of shape (height, width, channels).
    ///
    /// # Panics
    ///
    /// If `i` is not below [`len`](Images::len), as indexing a slice does.
    pub fn image(&self, i: usize) -> ArrayView3<'_, u8> {
        self.pixels.index_axis(Axis(0), i)
    }

    /// The label of image `i`.
    ///
    /// # Panics
    ///
    /// If `i` is not below [`len`](Images::len), as indexing a slice does.
    pub fn label(&self, i: usize) -> u8 {
        self.labels[i]
    }

    /// A copy of the first `n` images, for a quick trial.
    ///
    /// # Errors
    ///
    /// [`DataError::TakeCount`] if `n` is 0 or more than there are: a shorter set than the one
    /// asked for would pass unnoticed.
    pub fn take(&self, n: usize) -> Result<Images, DataError> {
        if n == 0 || n > self.len() {
            return Err(DataError::TakeCount { asked: n, available: self.len() });
        }
        let pixels = self.pixels.slice_axis(Axis(0), Slice::from(..n)).to_owned();
        Ok(Images { pixels, labels: self.labels[..n].to_vec(), names: self.names.clone(), ..*self })
    }
}

/// Pixels become numbers in 0..1, and labels classes.
impl Dataset for Images {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        self.shape().to_vec()
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes(self.classes)
    }

    fn class_names(&self) -> &[String] {
        &self.names
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        let pixels = self.pixels.as_slice().expect("made contiguous by `Images::new`");
        let image = &pixels[index * x.len()..][..x.len()];
        scale(image, x);
        Ok(())
    }

    fn in_memory(&self) -> bool {
        true
    }

    fn target(&self, index: usize) -> Target<'_> {
        Target::Class(self.label(index).into())
    }
}

/// Bytes as numbers in 0..1.
pub(super) fn scale(pixels: &[u8], x: &mut [f32]) {
    arch().dispatch(
        #[inline(always)]
        || {
            for (x, &pixel) in x.iter_mut().zip(pixels) {
                *x = f32::from(pixel) * (1.0 / 255.0);
            }
        },
    );
}

/// Number and shape, because the pixels themselves would fill the screen.
impl fmt::Debug for Images {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Images")
            .field("len", &self.len())
            .field("shape", &self.shape())
            .field("classes", &self.classes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(shape: (usize, usize, usize, usize), labels: &[u8], classes: usize) -> String {
        Images::new(Array4::zeros(shape), labels.to_vec(), classes).unwrap_err().to_string()
    }

    #[test]
    fn what_breaks_a_promise_is_refused_by_name() {
        assert!(refusal((0, 2, 2, 1), &[], 10).contains("at least one image"));
        assert!(refusal((1, 2, 0, 1), &[0], 10).contains("[2, 0, 1]"));
        assert!(refusal((2, 2, 2, 1), &[0], 10).contains("expected 2 labels"));
        assert!(refusal((1, 2, 2, 1), &[0], 0).contains("at least one class"));
        assert!(refusal((3, 2, 2, 1), &[0, 1, 2], 2).contains("label 2 is 2"));
    }

    #[test]
    fn take_copies_the_first_and_refuses_none_and_too_many() {
        let pixels = Array4::from_shape_fn((3, 1, 2, 1), |(n, _, w, _)| (10 * n + w) as u8);
        let images = Images::new(pixels, vec![4, 5, 6], 10).unwrap();
        let two = images.take(2).unwrap();
        assert_eq!((two.len(), two.labels()), (2, &[4, 5][..]));
        assert_eq!(two.image(1), images.image(1));
        assert!(images.take(0).is_err());
        assert!(images.take(4).unwrap_err().to_string().contains("between 1 and 3"));
    }

    #[test]
    fn pixels_are_brought_into_standard_layout() {
        let channels_first =
            Array4::from_shape_fn((2, 3, 4, 5), |(n, c, h, w)| (n * 60 + c * 20 + h * 5 + w) as u8);
        let pixels = channels_first.clone().permuted_axes([0, 2, 3, 1]);
        let images = Images::new(pixels, vec![0, 1], 2).unwrap();
        assert!(images.pixels().is_standard_layout());
        assert_eq!(images.shape(), [4, 5, 3]);
        assert_eq!(images.image(1)[[2, 3, 1]], channels_first[[1, 1, 2, 3]]);
    }
}
