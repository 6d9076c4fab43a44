//! Branches: several ways for one input, whose outputs become one.

use super::build::Branch;
use super::join::Join;
use super::{Block, Sequential};
use crate::error::Result;

/// Sends the input through several branches, and adds what they give or puts it side by side.
///
/// ```text
/// add:          y = Σₖ fₖ(x)                     dx = Σₖ fₖ'(x)ᵀ·dy
/// concatenate:  y = (f₁(x), f₂(x), ...)          dx = Σₖ fₖ'(x)ᵀ·dyₖ         dyₖ: the part of fₖ
/// ```
///
/// - **Plain twin**: [`reference::add_branches`](crate::reference::add_branches()) and
///   [`reference::concatenate_branches`](crate::reference::concatenate_branches()), to read first.
/// - **Input**: any shape that all branches take.
/// - **Output**: to add, all branches give one shape, and that is the output's; to concatenate, they
///   may differ in the last axis (channels), whose sizes add up.
/// - **Parameters**: those of the branches' layers, branch after branch.
/// - **Errors**: what a branch refuses; shapes that cannot be added or put side by side; no branches.
/// - **Source**: C. Szegedy et al., "Going deeper with convolutions", CVPR 2015.
///
/// ```
/// use chainrule::prelude::*;
///
/// // Two sizes of windows, and the input as it is.
/// let model = Sequential::new([28, 28, 3]).add(
///     Branches::concatenate()
///         .branch(|x| x.add(Conv2d::new(8, 3).padding(Padding::Same)))
///         .branch(|x| x.add(Conv2d::new(4, 5).padding(Padding::Same)))
///         .branch(Ok),
/// )?;
/// assert_eq!(model.output_shape(), [28, 28, 8 + 4 + 3]);
/// # Ok::<(), chainrule::Error>(())
/// ```
pub struct Branches {
    branches: Vec<Branch<'static>>,
    join: Join,
}

impl Branches {
    /// Branches whose outputs are added.
    #[allow(clippy::should_implement_trait)] // it makes a block, and does not sum
    pub fn add() -> Self {
        Branches { branches: Vec::new(), join: Join::Add }
    }

    /// Branches whose outputs stand side by side along the last axis.
    pub fn concatenate() -> Self {
        Branches { branches: Vec::new(), join: Join::Concatenate }
    }

    /// One more branch: what `layers` appends to the model that it is given. `Ok` is the identity.
    #[must_use]
    pub fn branch(
        mut self,
        layers: impl FnOnce(Sequential) -> Result<Sequential> + 'static,
    ) -> Self {
        self.branches.push(Box::new(layers));
        self
    }
}

impl Block for Branches {
    fn add_to(self, model: Sequential) -> Result<Sequential> {
        let name = match self.join {
            Join::Add => "Add",
            Join::Concatenate => "Concatenate",
        };
        model.push_branches(name, self.branches, self.join)
    }
}
