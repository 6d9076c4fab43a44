//! A layer as the export sees it: shapes, parameters, and the settings that a model file has.

use ndarray::ArrayViewD;
use serde::de::DeserializeOwned;

use crate::file::Registry;
use crate::layer::erased::ErasedLayer;
use crate::sequential::LayerView;

/// A layer that has a name in files.
pub(super) struct Layer<'a> {
    pub view: LayerView<'a>,
    /// Its settings as JSON.
    settings: serde_json::Value,
}

impl<'a> Layer<'a> {
    /// A layer of a model, or why its settings cannot be read.
    pub fn new(
        view: LayerView<'a>,
        layer: &dyn ErasedLayer,
        registry: &Registry,
    ) -> Result<Self, String> {
        Ok(Layer { view, settings: registry.describe(layer)?.settings })
    }

    /// Reads those settings that `T` names.
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T, String> {
        T::deserialize(&self.settings).map_err(|error| format!("its settings are odd ({error})"))
    }

    /// Shape of one input, as in the model.
    pub fn input(&self) -> &'a [usize] {
        self.view.input_shape()
    }

    /// Shape of one output, as in the model.
    pub fn output(&self) -> &'a [usize] {
        self.view.output_shape()
    }

    /// A parameter array that the layer always has.
    pub fn param(&self, name: &str) -> ArrayViewD<'a, f32> {
        self.optional(name).unwrap_or_else(|| unreachable!("every such layer has a `{name}`"))
    }

    /// A parameter array that the layer may lack.
    pub fn optional(&self, name: &str) -> Option<ArrayViewD<'a, f32>> {
        self.view.used(name)
    }
}
