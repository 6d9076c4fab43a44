//! Weights from a file into a model, whoever wrote it.

use std::fs;
use std::path::Path;

use super::keras_settings;
use super::layer_names::layer_names;
use super::load_report::LoadReport;
use super::model_file::IN_MEMORY;
use super::stored::{self, Stored};
use super::weights;
use crate::error::{FileError, Result};
use crate::file::source::Source;
use crate::file::{RUN, WeightLayout};
use crate::sequential::Sequential;
use crate::sequential::node::ParamArray;

/// Weights in a file, for a model of the same layers.
///
/// | file | written by | feature |
/// | --- | --- | --- |
/// | `.safetensors` | [`Sequential::save`], `safetensors.torch.save_file(model.state_dict(), path)` | |
/// | `.pt`, `.pth` | `torch.save(model.state_dict(), path)` | `pytorch` |
/// | `.keras`, `.h5` | `model.save(path)` of Keras | `keras` |
///
/// The format is recognized by the first bytes. A file of this library, of PyTorch or of Keras needs no more than
/// [`Sequential::load_weights`]. A safetensors file of another program does not say how the axes of its
/// weights are ordered, and a square array would fit either way: name its [layout](WeightLayout). The
/// weights are brought into this library's.
///
/// **Which layer is which.** A tensor is called `layer.array`. Where the layers are called by their numbers
/// in the model, as in [`Sequential::summary`], the numbers decide. Else the layers with weights belong to
/// those of the model in their order: that of the state dict or of Keras's layers, or that which
/// [`WeightFile::layers`] names. Shapes and names of arrays are compared, so that no tensor is left over
/// or missing; two layers of the same shapes whose order differs are not noticed, so compare a prediction.
///
/// **What is compared.** A file of Keras describes its layers: of those with weights, ε, strides, dilation,
/// padding and activation must be those of the model. A state dict has no settings.
///
/// A `.pth` file is a pickle, which can run any code in Python. Here nothing is executed: what is no
/// part of a state dict is refused by its name.
///
/// ```no_run
/// use chainrule::prelude::*;
///
/// // class Net(nn.Module): conv = nn.Conv2d(1, 8, 3); fc = nn.Linear(5408, 10); ..
/// let mut model = Sequential::new([28, 28, 1])
///     .add(Conv2d::new(8, 3))?
///     .add(Relu)?
///     .add(Flatten)?
///     .add(Dense::new(10))?;
/// model.load_weights("net.pth")?;
///
/// let file = WeightFile::read("net.safetensors")?.layout(WeightLayout::PyTorch);
/// file.layers(["conv", "fc"]).load_into(&mut model)?;
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "`load_into` loads the weights"]
pub struct WeightFile {
    source: Source,
    layout: Option<WeightLayout>,
    /// Layers of the file, in the order of the model's that have weights.
    layers: Option<Vec<String>>,
}

impl WeightFile {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the file cannot be read, is cut short or damaged, needs a feature that is off, or
    /// holds more than weights.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let io = |source| FileError::Io { path: path.into(), source };
        WeightFile::of(&fs::read(path).map_err(io)?, path)
    }

    /// Reads the bytes of a file, such as of [`Sequential::weights_to_bytes`].
    ///
    /// # Errors
    ///
    /// Those of [`WeightFile::read`], with `the bytes` in place of a path.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        WeightFile::of(bytes, IN_MEMORY.as_ref())
    }

    fn of(bytes: &[u8], path: &Path) -> Result<Self> {
        Ok(WeightFile { source: Source::from_bytes(bytes, path)?, layout: None, layers: None })
    }

    /// Names the layout of a file that does not say it.
    pub fn layout(self, layout: WeightLayout) -> Self {
        WeightFile { layout: Some(layout), ..self }
    }

    /// Names the layers of the file, in the order of the model's layers that have weights:
    /// `conv1`, `fc1` for the tensors `conv1.weight`, `conv1.bias`, `fc1.weight` and `fc1.bias`. Tensors of
    /// other layers are refused.
    pub fn layers<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        WeightFile { layers: Some(names.into_iter().map(Into::into).collect()), ..self }
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
            params.extend(array.take(&mut self.source.tensors)?);
        }
        self.source.tensors.check_all_taken()?;
        weights::take_class_names(model, &self.source.tensors)?;
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
            let taken = array.take(&mut self.source.tensors);
            if let Some(values) = report.note(weights::name(index, spec), taken)? {
                params[range.clone()].copy_from_slice(&values);
            }
        }
        let is_unused = |name: &&str| arrays.iter().all(|array| array.name != *name);
        report.unused = self.source.tensors.names().filter(is_unused).map(String::from).collect();
        model.set_params(&params)?;
        Ok(report)
    }

    /// Returns the arrays of the model as the file should hold them, and leaves out what is for no
    /// model.
    fn arrays(&mut self, model: &Sequential) -> Result<Vec<Stored>, FileError> {
        let layout = self.checked_layout()?;
        let Source { tensors, writer, .. } = &mut self.source;
        tensors.forget(|name| name.starts_with(RUN));
        if layout == WeightLayout::PyTorch {
            // Its batch normalizations count the batches.
            tensors.forget(|name| name.ends_with(".num_batches_tracked"));
        }
        if layout != WeightLayout::Chainrule {
            tensors.convert_floats();
        }
        let layers = layer_names(model, tensors, self.layers.as_deref(), writer.is_some());
        let layers = layers.map_err(|reason| self.refused(layout, reason))?;
        if let Some(config) = &self.source.config {
            let same = keras_settings::check(model, &layers, config);
            same.map_err(|reason| self.refused(layout, reason))?;
        }
        stored::arrays(model, &self.source.tensors, layout, &layers)
    }

    /// Returns the layout that the file says or the caller named, and refuses two different ones.
    fn checked_layout(&self) -> Result<WeightLayout, FileError> {
        let ours = weights::is_ours(&self.source.tensors)?.then_some(WeightLayout::Chainrule);
        match (ours.or(self.source.writer), self.layout) {
            (Some(said), Some(named)) if said != named => Err(self.refused(
                named,
                format!("the file says that they are in {said}'s, so leave `.layout(..)` out"),
            )),
            (None, None) => Err(FileError::NoLayout { path: self.source.tensors.path().into() }),
            (said, named) => Ok(said.or(named).unwrap_or(WeightLayout::Chainrule)),
        }
    }

    fn refused(&self, layout: WeightLayout, reason: String) -> FileError {
        let path = self.source.tensors.path().into();
        FileError::Layout { path, layout: layout.to_string(), reason }
    }
}

impl Sequential {
    /// Replaces all weights by those of a file that this library saved, with or without the model, or of
    /// one by PyTorch or Keras: `WeightFile::read(path)?.load_into(&mut model)`. See [`WeightFile`].
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
