//! Some samples of another data set.

use super::{Dataset, Target, TargetKind};
use crate::error::{DataError, Result};

/// A view of some samples of another data set, by number and in an order of its own. Nothing is
/// copied but the numbers, and a view of a view is one as well.
///
/// ```
/// use chainrule::data::Subset;
/// use chainrule::prelude::*;
///
/// let digits = Mnist::sample().train;
/// let sevens = (0..digits.len()).filter(|&i| digits.label(i) == 7).collect();
/// let sevens = Subset::new(&digits, sevens)?;
/// assert_eq!(sevens.target(100), Target::Class(7));
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Clone)]
pub struct Subset<'a> {
    data: &'a dyn Dataset,
    indices: Vec<usize>,
}

impl<'a> Subset<'a> {
    /// The samples of `data` with these numbers, of which any may come twice.
    ///
    /// # Errors
    ///
    /// [`DataError::Index`] where a number is not below the data set's length.
    pub fn new(data: &'a dyn Dataset, indices: Vec<usize>) -> Result<Self> {
        let samples = data.len();
        match indices.iter().find(|&&index| index >= samples) {
            Some(&index) => Err(DataError::Index { index, samples }.into()),
            None => Ok(Subset { data, indices }),
        }
    }

    /// The samples with numbers that are known to be below the data set's length.
    pub(super) fn of_valid(data: &'a dyn Dataset, indices: Vec<usize>) -> Self {
        Subset { data, indices }
    }

    /// The numbers that the samples have in the whole set.
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }
}

impl Dataset for Subset<'_> {
    fn len(&self) -> usize {
        self.indices.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        self.data.input_shape()
    }

    fn target_kind(&self) -> TargetKind {
        self.data.target_kind()
    }

    fn class_names(&self) -> &[String] {
        self.data.class_names()
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        self.data.input(self.indices[index], x)
    }

    fn in_memory(&self) -> bool {
        self.data.in_memory()
    }

    fn sequence_length(&self, index: usize) -> Option<usize> {
        self.data.sequence_length(self.indices[index])
    }

    fn target(&self, index: usize) -> Target<'_> {
        self.data.target(self.indices[index])
    }
}

/// The numbers alone, because samples would fill the screen.
impl std::fmt::Debug for Subset<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subset").field("indices", &self.indices).finish_non_exhaustive()
    }
}
