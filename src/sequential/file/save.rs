//! A model to a file and back: whole, or its weights alone.

use std::path::Path;

use super::model_file::{ModelFile, check_format};
use super::weights;
use crate::error::Result;
use crate::file::tensors::Tensors;
use crate::file::{RUN, Registry};
use crate::sequential::Sequential;

impl Sequential {
    /// Saves the model as a safetensors file: its layers, and its weights by name. For what a user of
    /// the file must know beside it, see [`ModelFile`].
    ///
    /// # Errors
    ///
    /// As [`ModelFile::save`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        ModelFile::new(self.clone()).save(path)
    }

    /// As [`Sequential::save`], with layers of your own.
    ///
    /// # Errors
    ///
    /// As [`ModelFile::save`].
    pub fn save_with(&self, path: impl AsRef<Path>, registry: &Registry) -> Result<()> {
        ModelFile::new(self.clone()).save_with(path, registry)
    }

    /// Loads a model, without the code that built it. It predicts, and goes on training, as the one
    /// that was saved would, bit by bit.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("m.safetensors");
    /// let model = Sequential::new([4]).add(Dense::new(3))?.add(Relu)?.initialize(42);
    /// model.save(&path)?;
    /// assert_eq!(Sequential::load(&path)?.summary(), model.summary());
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ModelFile::load`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Ok(ModelFile::load(path)?.model)
    }

    /// As [`Sequential::load`], with layers of your own.
    ///
    /// # Errors
    ///
    /// As [`ModelFile::load`].
    pub fn load_with(path: impl AsRef<Path>, registry: &Registry) -> Result<Self> {
        Ok(ModelFile::load_with(path, registry)?.model)
    }

    /// Saves the weights alone, statistics included, by name: for [`Sequential::load_weights`], and for
    /// models with layers that [`Sequential::save`] has no name for.
    ///
    /// # Errors
    ///
    /// [`FileError`](crate::error::FileError) if the file cannot be written, or a weight is not finite; a file that was there
    /// is then left as it was.
    pub fn save_weights(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let mut tensors = Tensors::new();
        weights::put(self, self.params(), &mut tensors, path)?;
        Ok(tensors.write(path)?)
    }

    /// Replaces all weights by those of a file, by name: one that this library saved, or one that
    /// another program did, of 32-bit floats called `0.weight` and so on, in the shapes that the
    /// layers' documentation tells.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("m.safetensors");
    /// let model = Sequential::new([4]).add(Dense::new(3))?.add(Relu)?.add(Dense::new(2))?;
    /// model.save(&path)?; // 0.weight, 0.bias, 2.weight, 2.bias
    /// let mut other = model.clone().initialize(1);
    /// other.load_weights(&path)?;
    /// assert_eq!(other.params(), model.params());
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError`](crate::error::FileError) if the file cannot be read or is damaged, and where a tensor is missing, is
    /// none of the model's, has another shape or type, or a number that is not finite. The model is
    /// then as it was.
    pub fn load_weights(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let mut tensors = Tensors::read(path)?;
        check_format(&tensors)?;
        tensors.forget(RUN);
        let params = weights::take(self, &mut tensors)?;
        tensors.finish()?;
        self.set_params(&params)
    }
}
