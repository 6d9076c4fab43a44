//! What can be added to a model: a layer, or several that belong together.

use std::sync::Arc;

use super::Sequential;
use crate::error::Result;
use crate::layer::Layer;

/// A layer, or a recipe that appends several. Write one for what a network repeats:
///
/// ```
/// use chainrule::prelude::*;
///
/// /// A convolution that keeps the size, and its activation.
/// struct ConvRelu(usize);
///
/// impl Block for ConvRelu {
///     fn add_to(self, model: Sequential) -> Result<Sequential> {
///         model.add(Conv2d::new(self.0, 3).padding(Padding::Same))?.add(Relu)
///     }
/// }
///
/// let model = Sequential::new([28, 28, 1]).add(ConvRelu(8))?.add(ConvRelu(16))?;
/// assert_eq!(model.output_shape(), [28, 28, 16]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be added to a model",
    label = "neither a layer nor a block of layers",
    note = "implement `Layer` for it, as `chainrule::layer` shows, or `Elementwise` if it is a function of \
            single values, or `Block` if it adds several layers"
)]
pub trait Block {
    /// Appends to the model.
    ///
    /// # Errors
    ///
    /// [`ModelError::Layer`](crate::error::ModelError::Layer) for a layer that cannot follow what
    /// stands before it.
    fn add_to(self, model: Sequential) -> Result<Sequential>;
}

impl Sequential {
    /// Appends a layer, or a [`Block`] of several, and draws its parameters with seed 0 (see
    /// [`Sequential::initialize`]).
    ///
    /// # Errors
    ///
    /// [`ModelError::Layer`](crate::error::ModelError::Layer) names the layer, its neighbour, the shape
    /// that came, what was wanted and the fix:
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let error = Sequential::new([28, 28, 1]).add(Dense::new(10)).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "layer 0, Dense(10), cannot follow the input, which gives 28×28×1: \
    ///      wanted features, or steps of features; add `Flatten` before it",
    /// );
    /// ```
    #[allow(clippy::should_implement_trait)] // it appends, as in Keras, and does not sum
    pub fn add(self, block: impl Block) -> Result<Self> {
        block.add_to(self)
    }
}

impl<L: Layer> Block for L {
    fn add_to(self, model: Sequential) -> Result<Sequential> {
        model.push_layer(Arc::new(self), None)
    }
}
