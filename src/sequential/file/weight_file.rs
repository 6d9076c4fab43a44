//! Weights from a file into a model, whoever wrote it.

use std::path::Path;

use super::load_report::LoadReport;
use super::model_file::IN_MEMORY;
use super::stored::{self, Stored};
use super::weights;
use crate::error::{FileError, Result};
use crate::file::tensors::Tensors;
use crate::file::{RUN, WeightLayout};
use crate::sequential::Sequential;
use crate::sequential::node::ParamArray;

/// The weights in a safetensors file, for a model of the same layers.
///
/// A file that this library saved needs no more than [`Sequential::load_weights`]. One of another
/// program does not say how the axes of its weights are ordered, and a square array would fit either
/// way: name its [layout](WeightLayout), and the weights are brought into this library's.
///
/// In Python, with `safetensors.torch.save_file` for PyTorch and `safetensors.numpy.save_file` for
/// Keras:
///
/// ```text
/// save_file(torch_model.state_dict(), "torch.safetensors")      # of an nn.Sequential
/// save_file({f"{i}.{w.name}": w.numpy() for i, layer in enumerate(keras_model.layers)
///            for w in layer.weights}, "keras.safetensors")
/// ```
///
/// Names begin with the number of the layer in the model, as in [`Sequential::summary`]; numbers are
/// 32-bit floats.
///
/// ```no_run
/// use chainrule::prelude::*;
///
/// // nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(5408, 10))
/// let mut model = Sequential::new([28, 28, 1])
///     .add(Conv2d::new(8, 3))?
///     .add(Relu)?
///     .add(Flatten)?
///     .add(Dense::new(10))?;
/// let file = WeightFile::read("torch.safetensors")?;
/// file.layout(WeightLayout::PyTorch).load_into(&mut model)?;
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "`load_into` loads the weights"]
pub struct WeightFile {
    tensors: Tensors,
    layout: Option<WeightLayout>,
}

impl WeightFile {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the file cannot be read, is cut short or damaged.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        Ok(WeightFile { tensors: Tensors::read(path)?, layout: None })
    }

    /// Reads the bytes of a file, such as of [`Sequential::weights_to_bytes`].
    ///
    /// # Errors
    ///
    /// Those of [`WeightFile::read`], with `the bytes` in place of a path.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(WeightFile { tensors: Tensors::from_bytes(bytes, IN_MEMORY.as_ref())?, layout: None })
    }

    /// Names the layout of a file that does not say it.
    pub fn layout(self, layout: WeightLayout) -> Self {
        WeightFile { layout: Some(layout), ..self }
    }

    /// Replaces all weights of a model, statistics included, and the names of its classes if the file
    /// has some.
    ///
    /// # Errors
    ///
    /// [`FileError`]: the layout is not known, or the weights cannot be brought into this library's;
    /// a tensor is missing, belongs to no array of the model, has another shape or type, or a number that
    /// is not finite. The model is then as it was.
    pub fn load_into(mut self, model: &mut Sequential) -> Result<()> {
        let mut params = Vec::with_capacity(model.param_count());
        for array in self.arrays(model)? {
            params.extend(array.take(&mut self.tensors)?);
        }
        self.tensors.check_all_taken()?;
        weights::take_class_names(model, &self.tensors)?;
        model.set_params(&params)
    }

    /// Replaces those weights of a model that the file has under the same name and in the same shape,
    /// and leaves the others as they are.
    ///
    /// # Errors
    ///
    /// [`FileError`]: the layout is not known, or the weights cannot be brought into this library's; a
    /// number that would be loaded is not finite. The model is then as it was.
    pub fn load_matching_into(mut self, model: &mut Sequential) -> Result<LoadReport> {
        let arrays = self.arrays(model)?;
        let mut params = model.params().to_vec();
        let mut report = LoadReport::default();
        let nodes = model.graph.nodes.iter().enumerate();
        let own = nodes.flat_map(|(index, node)| node.arrays.iter().map(move |own| (index, own)));
        for ((index, ParamArray { spec, range, .. }), array) in own.zip(&arrays) {
            let taken = array.take(&mut self.tensors);
            if let Some(values) = report.note(weights::name(index, spec), taken)? {
                params[range.clone()].copy_from_slice(&values);
            }
        }
        let is_unused = |name: &&str| arrays.iter().all(|array| array.name != *name);
        report.unused = self.tensors.names().filter(is_unused).map(String::from).collect();
        model.set_params(&params)?;
        Ok(report)
    }

    /// Returns the arrays of the model as the file should hold them, and leaves out what is for no
    /// model.
    fn arrays(&mut self, model: &Sequential) -> Result<Vec<Stored>, FileError> {
        let layout = self.checked_layout()?;
        self.tensors.forget(RUN);
        let arrays = stored::arrays(model, &self.tensors, layout)?;
        if layout == WeightLayout::PyTorch {
            // Its batch normalizations count the batches.
            let counts = (0..model.graph.nodes.len()).map(|i| format!("{i}.num_batches_tracked"));
            counts.for_each(|name| self.tensors.forget(&name));
        }
        Ok(arrays)
    }

    /// Returns the layout that the file says or the caller named, and refuses two different ones.
    fn checked_layout(&self) -> Result<WeightLayout, FileError> {
        let path = self.tensors.path().into();
        match (weights::is_ours(&self.tensors)?, self.layout) {
            (true, None | Some(WeightLayout::Chainrule)) => Ok(WeightLayout::Chainrule),
            (true, Some(layout)) => {
                let reason =
                    "the file says that they are in chainrule's, so leave `.layout(..)` out";
                Err(FileError::Layout { path, layout: layout.to_string(), reason: reason.into() })
            }
            (false, Some(layout)) => Ok(layout),
            (false, None) => Err(FileError::NoLayout { path }),
        }
    }
}

impl Sequential {
    /// Replaces all weights by those of a file that this library saved, with or without the model:
    /// `WeightFile::read(path)?.load_into(&mut model)`. For weights of other programs, see
    /// [`WeightFile`].
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
    /// Those of [`WeightFile::read`] and [`WeightFile::load_into`].
    pub fn load_weights(&mut self, path: impl AsRef<Path>) -> Result<()> {
        WeightFile::read(path)?.load_into(self)
    }

    /// Replaces those weights that a file of this library has under the same name and in the same
    /// shape, and leaves the others as they are: the body of another model, for a head of one's own. A
    /// name begins with the number of the layer.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("m.safetensors");
    /// let digits = Sequential::new([4]).add(Dense::new(3))?.add(Relu)?.add(Dense::new(10))?;
    /// digits.initialize(42).save(&path)?;
    ///
    /// let mut even_odd = Sequential::new([4]).add(Dense::new(3))?.add(Relu)?.add(Dense::new(2))?;
    /// let report = even_odd.load_matching_weights(&path)?;
    /// assert_eq!(report.matched, ["0.weight", "0.bias"]);
    /// println!("{report}");
    /// // 2 of 4 parameter arrays loaded; 2.weight does not fit: the model has 3×2, the file 3×10; ..
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`WeightFile::read`] and [`WeightFile::load_matching_into`].
    pub fn load_matching_weights(&mut self, path: impl AsRef<Path>) -> Result<LoadReport> {
        WeightFile::read(path)?.load_matching_into(self)
    }
}
