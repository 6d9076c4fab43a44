//! The names of a model's classes.

use super::Sequential;
use crate::data::first_twice;
use crate::error::{ModelError, Result};
use crate::shape::len;

impl Sequential {
    /// Names of the classes by their numbers; empty where they are not known.
    ///
    /// [`Trainer::fit`](crate::trainer::Trainer::fit) takes them from its data set, a model file keeps
    /// them, and data sets that have names are matched by them: one that lists its classes in another
    /// order, or only some of them, is compared class by class, and one with a class that the model
    /// does not have is refused.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let images = Images::new(ndarray::Array4::zeros((3, 8, 8, 1)), vec![0, 1, 2], 3)?;
    /// let pets = images.with_class_names(["cat", "dog", "eel"])?;
    /// let mut model = Sequential::new([8, 8, 1]).add(Flatten)?.add(Dense::new(3))?;
    /// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).fit(&mut model, &pets)?;
    /// assert_eq!(model.class_names(), ["cat", "dog", "eel"]);
    ///
    /// let images = Images::new(ndarray::Array4::zeros((2, 8, 8, 1)), vec![0, 1], 2)?;
    /// let evaluation = model.evaluate(&images.with_class_names(["eel", "cat"])?, &SoftmaxCrossEntropy)?;
    /// assert_eq!(evaluation.actual, [2, 0]);
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// Names the classes, in the order of the outputs. No names at all forget those that there were,
    /// such as before a training on other classes. A single output separates two classes.
    ///
    /// # Errors
    ///
    /// [`ModelError::ClassNames`] unless there is one name for each class, and
    /// [`ModelError::SameName`] for a name that occurs twice.
    pub fn with_class_names<N: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self> {
        self.set_class_names(names.into_iter().map(Into::into).collect())?;
        Ok(self)
    }

    /// Takes over the names of a data set, unless there are some.
    pub(crate) fn take_class_names(&mut self, names: &[String]) {
        if self.class_names.is_empty() {
            self.class_names = names.to_vec();
        }
    }

    /// Sets the names, or refuses those that are not one for each class.
    pub(super) fn set_class_names(&mut self, names: Vec<String>) -> Result<(), ModelError> {
        let outputs = len(self.output_shape());
        if !names.is_empty() && names.len() != outputs.max(2) {
            return Err(ModelError::ClassNames { names: names.len(), outputs });
        }
        if let Some(name) = first_twice(&names) {
            return Err(ModelError::SameName { name: name.clone() });
        }
        self.class_names = names;
        Ok(())
    }
}
