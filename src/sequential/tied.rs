//! A layer that has the parameters of another.

use std::sync::Arc;

use super::{Block, Sequential};
use crate::error::Result;
use crate::layer::Layer;
use crate::layer::erased::ErasedLayer;

/// Adds a layer whose parameters are those of an earlier one: weight tying.
///
/// The two layers read one slice of the model's parameters, and its gradient is the sum of both. It is counted, saved
/// and changed once, as that of the earlier layer: with it, the tied layer is frozen, has its rate, and starts.
///
/// The parameters must have the same shapes, in the same order, such as the table of an
/// [`Embedding`](crate::layers::Embedding) and that of an [`Unembedding`](crate::layers::Unembedding).
///
/// Source: O. Press, L. Wolf, "Using the output embedding to improve language models", EACL 2017.
///
/// ```
/// use chainrule::prelude::*;
///
/// let model = Sequential::new([20])
///     .add(Embedding::new(70, 32))?
///     .add(Lstm::new(32).every_step())?
///     .add(Tied::to(0, Unembedding::new(70)))?;
/// assert_eq!(model.param_count(), 70 * 32 + (32 + 32 + 1) * 4 * 32);
/// let error = model.add(Tied::to(1, Dense::new(70))).unwrap_err();
/// assert!(error.to_string().contains("parameters of the shapes of those of layer 1, Lstm(32, every step)"));
/// # Ok::<(), chainrule::Error>(())
/// ```
pub struct Tied {
    layer: Arc<dyn ErasedLayer>,
    to: usize,
}

impl Tied {
    /// Ties a layer to layer number `to` of the model, counted from 0 as in [`Sequential::layers`].
    pub fn to(to: usize, layer: impl Layer) -> Self {
        Tied { layer: Arc::new(layer), to }
    }
}

impl Block for Tied {
    fn add_to(self, model: Sequential) -> Result<Sequential> {
        model.push_layer(self.layer, Some(self.to))
    }
}
