//! Frozen parameters: those that training leaves as they are.

use std::sync::OnceLock;

use super::{Selection, Sequential};
use crate::error::Result;

impl Sequential {
    /// Freezes parameters: training leaves them as they are, bit by bit.
    ///
    /// ```text
    /// frozen parameter          no step, decay, penalty or norm reaches it
    /// frozen statistics         used in training as in prediction, and kept
    /// below all that learns     no backward pass
    /// ```
    ///
    /// A layer whose statistics are frozen, such as a batch normalization, normalizes by its running
    /// statistics in training, too. Where nothing below a layer learns, the backward pass ends at that
    /// layer, so a frozen body costs its forward pass alone. Files keep what is frozen.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let model = Sequential::new([4])
    ///     .add(Dense::new(8))?
    ///     .add(Relu)?
    ///     .freeze(..)? // all so far
    ///     .add(Dense::new(2))?;
    /// let frozen: Vec<bool> = model.layers().map(|layer| layer.is_frozen()).collect();
    /// assert_eq!(frozen, [true, true, false]);
    ///
    /// let model = model.unfreeze("0.bias")?;
    /// let error = model.freeze("Conv2d").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the model has no layer `Conv2d`: its layers are 0 Dense(8), 1 Relu, 2 Dense(2)",
    /// );
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ModelError::NoLayer`](crate::error::ModelError::NoLayer) for a number or a name that the model
    /// does not have.
    pub fn freeze<'s>(self, layers: impl Into<Selection<'s>>) -> Result<Self> {
        self.set_frozen(layers.into(), true)
    }

    /// Lets frozen parameters learn again.
    ///
    /// # Errors
    ///
    /// Those of [`Sequential::freeze`].
    pub fn unfreeze<'s>(self, layers: impl Into<Selection<'s>>) -> Result<Self> {
        self.set_frozen(layers.into(), false)
    }

    fn set_frozen(mut self, layers: Selection<'_>, frozen: bool) -> Result<Self> {
        for (node, array) in layers.find(&self.graph)? {
            self.graph.nodes[node].arrays[array].frozen = frozen;
        }
        self.graph.update_needs_gradient();
        // Plan and packed parameters depend on where gradients are wanted.
        self.prepared = OnceLock::new();
        Ok(self)
    }
}
