//! Which layer a name in a file stands for, and which name a layer of a model gets.
//!
//! A layer that can be saved is one that serde can write and read, and nothing in [`Layer`] tells of
//! it: whoever reads about layers need not know of files. The registry is the one list of names, and
//! keeps for each a function that writes the settings of such a layer, and one that makes a layer of
//! settings.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::layer::Layer;
use crate::layer::erased::ErasedLayer;
use crate::layers::*;

/// The layers that files can hold, by name: those of [`crate::layers`], and yours.
///
/// ```
/// use chainrule::file::Registry;
/// use chainrule::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// /// f(x) = xᵖ, f'(x) = p·xᵖ⁻¹
/// #[derive(Serialize, Deserialize)]
/// struct Power {
///     exponent: i32,
/// }
///
/// impl Elementwise for Power {
///     fn f(&self, x: f32) -> f32 {
///         x.powi(self.exponent)
///     }
///     fn derivative(&self, x: f32, _y: f32) -> f32 {
///         self.exponent as f32 * x.powi(self.exponent - 1)
///     }
/// }
///
/// let registry = Registry::default().with::<Power>("Power");
/// let model = Sequential::new([2]).add(Dense::new(3))?.add(Power { exponent: 2 })?;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("m.safetensors");
/// model.save_with(&path, &registry)?;
/// let again = Sequential::load_with(&path, &registry)?;
/// assert_eq!(again.params(), model.params());
/// assert!(Sequential::load(&path).unwrap_err().to_string().contains("layer 1 is a `Power`"));
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Clone)]
pub struct Registry {
    types: Vec<LayerType>,
}

#[derive(Clone)]
struct LayerType {
    name: String,
    /// The layer as JSON in as few digits as tell its numbers apart, and in as many as they have;
    /// `None` for a layer of another type.
    write: fn(&dyn Any) -> Option<serde_json::Result<[Value; 2]>>,
    read: fn(&Value) -> serde_json::Result<Arc<dyn ErasedLayer>>,
}

/// A layer as a file names and describes it.
pub(crate) struct Description {
    pub name: String,
    pub settings: Value,
}

impl Registry {
    /// Lets files hold layers of type `L` under this name. Where a name or a type was there before,
    /// the last one counts: a name that older files use can be given first, to be read only.
    #[must_use]
    pub fn with<L: Layer + Serialize + DeserializeOwned>(
        mut self,
        name: impl Into<String>,
    ) -> Self {
        self.types.push(LayerType { name: name.into(), write: write::<L>, read: read::<L> });
        self
    }

    /// The names, in the order in which they came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.types.iter().map(|own| &*own.name)
    }

    /// Returns the name of a layer's type; `None` for one that is not known.
    pub(crate) fn name_of(&self, layer: &dyn ErasedLayer) -> Option<&str> {
        let own = self.types.iter().rev().find(|own| (own.write)(layer).is_some())?;
        Some(&own.name)
    }

    /// What a file says of a layer, or why none can: only what makes the same layer again.
    pub(crate) fn describe(&self, layer: &dyn ErasedLayer) -> Result<Description, String> {
        let known = self.types.iter().rev();
        let Some((own, written)) = { known }.find_map(|own| Some((own, (own.write)(layer)?)))
        else {
            return Err("its type has no name in files: give it one in a `Registry` and use \
                        `save_with`, or save the weights alone with `save_weights`"
                .to_string());
        };
        let written = written.map_err(|error| format!("serde cannot write it ({error})"))?;
        let same = |settings: &Value| {
            let again = self.read(&own.name, settings).and_then(Result::ok);
            again.and_then(|again| (own.write)(&*again)?.ok()).as_ref() == Some(&written)
        };
        let name = own.name.clone();
        match written.iter().find(|settings| same(settings)) {
            Some(settings) => Ok(Description { name, settings: settings.clone() }),
            None => Err(format!(
                "its settings {} do not come back as they are: mend its `Serialize` or `Deserialize`",
                written[0]
            )),
        }
    }

    /// The layer of this name with these settings; `None` for a name that is not known.
    pub(crate) fn read(
        &self,
        name: &str,
        settings: &Value,
    ) -> Option<serde_json::Result<Arc<dyn ErasedLayer>>> {
        let own = self.types.iter().rev().find(|own| own.name == name)?;
        Some((own.read)(settings))
    }
}

/// 0.1 as 32 bits is 0.10000000149011612 as 64, and `0.1` reads back as either. Of all numbers of
/// 32 bits one, 7.038531e-26, does not come back from its short form by way of 64 bits.
fn write<L: Layer + Serialize>(layer: &dyn Any) -> Option<serde_json::Result<[Value; 2]>> {
    let layer: &L = layer.downcast_ref()?;
    let short = serde_json::to_string(layer).and_then(|text| serde_json::from_str(&text));
    Some(short.and_then(|short| Ok([short, serde_json::to_value(layer)?])))
}

fn read<L: Layer + DeserializeOwned>(settings: &Value) -> serde_json::Result<Arc<dyn ErasedLayer>> {
    let layer = L::deserialize(settings)?;
    Ok(Arc::new(layer))
}

impl Default for Registry {
    /// All layers of [`crate::layers`].
    fn default() -> Self {
        Registry { types: Vec::new() }
            .with::<AvgPool1d>("AvgPool1d")
            .with::<AvgPool2d>("AvgPool2d")
            .with::<BatchNorm>("BatchNorm")
            .with::<Conv1d>("Conv1d")
            .with::<Conv2d>("Conv2d")
            .with::<ConvTranspose2d>("ConvTranspose2d")
            .with::<CrossAttention>("CrossAttention")
            .with::<Dense>("Dense")
            .with::<Dropout>("Dropout")
            .with::<Dropout2d>("Dropout2d")
            .with::<Elu>("Elu")
            .with::<Embedding>("Embedding")
            .with::<Flatten>("Flatten")
            .with::<Gelu>("Gelu")
            .with::<GeluTanh>("GeluTanh")
            .with::<GlobalAvgPool1d>("GlobalAvgPool1d")
            .with::<GlobalAvgPool2d>("GlobalAvgPool2d")
            .with::<GlobalMaxPool1d>("GlobalMaxPool1d")
            .with::<GlobalMaxPool2d>("GlobalMaxPool2d")
            .with::<GroupNorm>("GroupNorm")
            .with::<Gru>("Gru")
            .with::<Hardswish>("Hardswish")
            .with::<LayerNorm>("LayerNorm")
            .with::<LeakyRelu>("LeakyRelu")
            .with::<LearnedPositions>("LearnedPositions")
            .with::<Lstm>("Lstm")
            .with::<MaxPool1d>("MaxPool1d")
            .with::<MaxPool2d>("MaxPool2d")
            .with::<Mish>("Mish")
            .with::<Prelu>("Prelu")
            .with::<Relu>("Relu")
            .with::<Reshape>("Reshape")
            .with::<SelfAttention>("SelfAttention")
            .with::<Selu>("Selu")
            .with::<Sigmoid>("Sigmoid")
            .with::<Silu>("Silu")
            .with::<SimpleRnn>("SimpleRnn")
            .with::<SinusoidalPositions>("SinusoidalPositions")
            .with::<Slice>("Slice")
            .with::<Softmax>("Softmax")
            .with::<Softplus>("Softplus")
            .with::<Tanh>("Tanh")
            .with::<Unembedding>("Unembedding")
            .with::<ZeroPad1d>("ZeroPad1d")
            .with::<ZeroPad2d>("ZeroPad2d")
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
