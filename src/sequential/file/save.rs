//! A model to a file and back, and its weights alone to one.

use std::path::Path;

use super::model_file::{IN_MEMORY, ModelFile};
use super::weights;
use crate::error::Result;
use crate::file::Registry;
use crate::file::tensors::Tensors;
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
        Ok(weights_of(self, path)?.write(path)?)
    }

    /// Returns the bytes of the file that [`Sequential::save_weights`] would write.
    ///
    /// # Errors
    ///
    /// As [`Sequential::save_weights`]; they speak of `the bytes` instead of a path.
    pub fn weights_to_bytes(&self) -> Result<Vec<u8>> {
        let name = Path::new(IN_MEMORY);
        Ok(weights_of(self, name)?.to_bytes(name)?)
    }
}

/// Returns the weights of a model; errors call the file that they are for `path`.
fn weights_of(model: &Sequential, path: &Path) -> Result<Tensors> {
    let mut tensors = Tensors::new();
    weights::put(model, model.params(), &mut tensors, path)?;
    Ok(tensors)
}
