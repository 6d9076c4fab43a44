//! Branches: several ways for one input, whose outputs become one.

use super::build::Branch;
use super::join::{Add, Append, Concatenate, Join, Multiply};
use super::{Block, Sequential};
use crate::error::Result;

/// Sends the input through several branches, and adds or multiplies what they give, or puts it side by
/// side, or one after the other.
///
/// ```text
/// add:          y = Σₖ fₖ(x)                     dx = Σₖ fₖ'(x)ᵀ·dy
/// multiply:     y = Πₖ fₖ(x)                     dx = Σₖ fₖ'(x)ᵀ·(dy·Πⱼ fⱼ(x))   over j ≠ k
/// concatenate:  y = (f₁(x), f₂(x), ...)          dx = Σₖ fₖ'(x)ᵀ·dyₖ         dyₖ: the part of fₖ
/// append:       the same along the first axis
/// ```
///
/// - **Plain twin**: [`reference::add_branches`](crate::reference::add_branches()),
///   [`reference::multiply_branches`](crate::reference::multiply_branches()),
///   [`reference::concatenate_branches`](crate::reference::concatenate_branches()) and
///   [`reference::append_branches`](crate::reference::append_branches()), to read first.
/// - **Input**: any shape that all branches take.
/// - **Output**: to add, all branches give one shape, and that is the output's; to multiply, too, but a
///   branch after the first may give one number a channel (c), which counts for each pixel; to
///   concatenate, they may differ in the last axis (channels), whose sizes add up; to append, in the first
///   (steps).
/// - **Parameters**: those of the branches' layers, branch after branch.
/// - **Errors**: what a branch refuses; shapes that cannot be joined; no branches.
/// - **Source**: C. Szegedy et al., "Going deeper with convolutions", CVPR 2015; J. Hu, L. Shen, G. Sun,
///   "Squeeze-and-excitation networks", CVPR 2018, which multiply channels by gates.
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
    join: &'static dyn Join,
}

impl Branches {
    /// Branches whose outputs are added.
    #[allow(clippy::should_implement_trait)] // it makes a block, and does not sum
    pub fn add() -> Self {
        Branches { branches: Vec::new(), join: &Add }
    }

    /// Branches whose outputs are multiplied: gates, which let each value of another branch through as
    /// far as their own says. The first has the most values.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// // Squeeze-and-excite: the mean of each channel says how much the channel counts.
    /// let model = Sequential::new([28, 28, 16]).add(Branches::multiply().branch(Ok).branch(|x| {
    ///     x.add(GlobalAvgPool2d)?.add(Dense::new(4))?.add(Relu)?.add(Dense::new(16))?.add(Sigmoid)
    /// }))?;
    /// assert_eq!(model.output_shape(), [28, 28, 16]);
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    pub fn multiply() -> Self {
        Branches { branches: Vec::new(), join: &Multiply }
    }

    /// Branches whose outputs stand side by side along the last axis.
    pub fn concatenate() -> Self {
        Branches { branches: Vec::new(), join: &Concatenate }
    }

    /// Branches whose outputs come one after the other along the first axis, that of steps. Of padded sequences,
    /// only the last may have padding in its branch.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// // The first 4 of 10 steps, and behind them what a convolution makes of the others.
    /// let model = Sequential::new([10, 8]).add(
    ///     Branches::append()
    ///         .branch(|x| x.add(Slice::steps(0..4)))
    ///         .branch(|x| x.add(Slice::steps(4..10))?.add(Conv1d::new(8, 3))),
    /// )?;
    /// assert_eq!(model.output_shape(), [4 + 4, 8]);
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    pub fn append() -> Self {
        Branches { branches: Vec::new(), join: &Append }
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
        model.push_branches(self.join.name(), self.branches, self.join)
    }
}
