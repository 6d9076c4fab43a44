//! Residual: what some layers make of the input, added to the input.
//!
//! The gradient reaches the input on two ways, through the layers and past them, and what the two
//! bring adds up: `dx = dy + Jᵀ·dy`, where `J` is the layers' derivative. However small `Jᵀ·dy`
//! becomes, `dy` arrives whole, and so nets of a hundred layers still learn.

use super::build::Branch;
use super::join::Join;
use super::{Block, Sequential};
use crate::error::Result;

/// Adds a shortcut around some layers: the identity, or a projection where they change the shape.
///
/// ```text
/// y = f(x) + x              dx = f'(x)ᵀ·dy + dy
/// y = f(x) + g(x)           dx = f'(x)ᵀ·dy + g'(x)ᵀ·dy          with a projection g
/// ```
///
/// - **Plain twin**: [`reference::residual`](crate::reference::residual()), to read first.
/// - **Input**: any shape that `f` takes.
/// - **Output**: the shape that `f` gives; without a projection it must be the input's.
/// - **Parameters**: those of the layers of `f` and `g`, in this order.
/// - **Errors**: what `f` or `g` refuse; shapes of `f(x)` and the shortcut that differ.
/// - **Source**: K. He et al., "Deep residual learning for image recognition", CVPR 2016.
///
/// ```
/// use chainrule::prelude::*;
///
/// let model = Sequential::new([28, 28, 8])
///     .add(Residual::new(|x| x.add(Conv2d::new(8, 3).padding(Padding::Same))))?
///     .add(Relu)?
///     .add(
///         Residual::new(|x| x.add(Conv2d::new(16, 3).stride(2).padding(Padding::Same)))
///             .projection(|x| x.add(Conv2d::new(16, 1).stride(2))),
///     )?
///     .add(Relu)?;
/// assert_eq!(model.output_shape(), [14, 14, 16]);
/// # Ok::<(), chainrule::Error>(())
/// ```
pub struct Residual {
    layers: Branch<'static>,
    projection: Branch<'static>,
}

impl Residual {
    /// Around what `layers` appends to the model that it is given.
    pub fn new(layers: impl FnOnce(Sequential) -> Result<Sequential> + 'static) -> Self {
        Residual { layers: Box::new(layers), projection: Box::new(Ok) }
    }

    /// Lets the shortcut go through layers of its own.
    #[must_use]
    pub fn projection(
        self,
        layers: impl FnOnce(Sequential) -> Result<Sequential> + 'static,
    ) -> Self {
        Residual { projection: Box::new(layers), ..self }
    }
}

impl Block for Residual {
    fn add_to(self, model: Sequential) -> Result<Sequential> {
        model.push_branches("Residual", vec![self.layers, self.projection], Join::Add)
    }
}
