//! A data set as seen through an augmentation that does not change.

use crate::data::augment::{Augment, Scratch};
use crate::data::{Dataset, Target, TargetKind};
use crate::error::{Result, TrainError};
use crate::random::Key;

/// Images of another data set, each changed in a way of its own that stays the same: what number `i`
/// is made into depends on the seed and `i`. Nothing is stored, and nothing is mixed.
///
/// ```
/// use chainrule::data::augment::{Augment, Rotate};
/// use chainrule::prelude::*;
/// use chainrule::report::robustness::Corrupted;
///
/// let digits = Mnist::sample().test;
/// let on_the_head = Augment::new().with(Rotate::between(180.0..=180.0));
/// let turned = Corrupted::new(&digits, &on_the_head, 0)?;
/// let (x, y) = (inputs(&digits, &[3])?, inputs(&turned, &[3])?);
/// assert_eq!(x[[0, 10, 12, 0]], y[[0, 17, 15, 0]]);
/// # Ok::<(), chainrule::Error>(())
/// ```
pub struct Corrupted<'a> {
    data: &'a dyn Dataset,
    augment: &'a Augment,
    shape: [usize; 3],
    key: Key,
}

impl<'a> Corrupted<'a> {
    /// The data set, seen so.
    ///
    /// # Errors
    ///
    /// [`TrainError`] for settings without meaning, and for inputs that are no images (h, w, c).
    pub fn new(data: &'a dyn Dataset, augment: &'a Augment, seed: u64) -> Result<Self, TrainError> {
        let shape = data.input_shape();
        augment.check(&shape)?;
        let shape = [shape[0], shape[1], shape[2]];
        Ok(Corrupted { data, augment, shape, key: Key::new(seed) })
    }
}

impl Dataset for Corrupted<'_> {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        self.shape.to_vec()
    }

    fn target_kind(&self) -> TargetKind {
        self.data.target_kind()
    }

    fn class_names(&self) -> &[String] {
        self.data.class_names()
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        self.data.input(index, x)?;
        let key = self.key.fold(index as u64);
        self.augment.apply(x, self.shape, key, &mut Scratch::default());
        Ok(())
    }

    fn sequence_length(&self, index: usize) -> Option<usize> {
        self.data.sequence_length(index)
    }

    fn target(&self, index: usize) -> Target<'_> {
        self.data.target(index)
    }
}
