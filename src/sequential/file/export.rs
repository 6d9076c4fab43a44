//! Weights of a model for another library.

use std::path::Path;

use super::stored::{self, Stored};
use super::weights::check_finite;
use crate::atomic;
use crate::error::Result;
use crate::file::WeightLayout;
use crate::file::npz::{self, Array};
use crate::file::tensors::Tensors;
use crate::sequential::Sequential;

impl Sequential {
    /// Saves the weights, statistics included, with the names and axes of another library: as NumPy's
    /// archive where the path ends in `.npz`, and as safetensors elsewhere.
    ///
    /// Names begin with the number of the layer in this model, as in [`Sequential::summary`]. A model of
    /// PyTorch whose layers have the same numbers, such as an `nn.Sequential`, loads the file so:
    ///
    /// ```text
    /// from safetensors.torch import load_file
    /// from torch import nn
    ///
    /// model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(5408, 10))
    /// model.load_state_dict(load_file("model.safetensors"))
    /// model.eval()
    /// ```
    ///
    /// And one of Keras, from `model.npz`:
    ///
    /// ```text
    /// import keras, numpy
    /// from keras import layers
    ///
    /// model = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3), layers.ReLU(),
    ///                           layers.Flatten(), layers.Dense(10)])
    /// weights = numpy.load("model.npz")
    /// for i, layer in enumerate(model.layers):
    ///     layer.set_weights([weights[f"{i}.{w.name}"] for w in layer.weights])
    /// ```
    ///
    /// ε of a norm is no weight: give it the value that it has here (1e-5 by default; Keras has 1e-3). A
    /// depthwise convolution is a `DepthwiseConv2D` in Keras.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("model.npz");
    /// let model = Sequential::new([28, 28, 1])
    ///     .add(Conv2d::new(8, 3))?
    ///     .add(Relu)?
    ///     .add(Flatten)?
    ///     .add(Dense::new(10))?;
    /// model.export_weights(&path, WeightLayout::Keras)?;
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError`](crate::error::FileError): the weights cannot be brought into this layout, one is not finite, or the file
    /// cannot be written; a file that was there is then left as it was.
    pub fn export_weights(&self, path: impl AsRef<Path>, layout: WeightLayout) -> Result<()> {
        let path = path.as_ref();
        let layers: Vec<String> = (0..self.graph.nodes.len()).map(|i| i.to_string()).collect();
        let arrays = stored::arrays(self, &Tensors::of_path(path), layout, &layers)?;
        let ranges = self.graph.nodes.iter().flat_map(|node| &node.arrays);
        let mut values = Vec::with_capacity(arrays.len());
        for (array, own) in arrays.iter().zip(ranges) {
            let own = &self.params()[own.range.clone()];
            check_finite(own, &array.name, path)?;
            values.push(array.there(own));
        }
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npz")) {
            let arrays = arrays.iter().zip(&values);
            let arrays =
                arrays.map(|(Stored { name, shape, .. }, values)| Array { name, shape, values });
            let arrays: Vec<Array> = arrays.collect();
            return Ok(atomic::write(path, |writer| npz::write(writer, &arrays))?);
        }
        let mut tensors = Tensors::of_path(path);
        for (array, values) in arrays.iter().zip(&values) {
            tensors.put(&*array.name, &array.shape, values);
        }
        Ok(tensors.write(path)?)
    }
}
