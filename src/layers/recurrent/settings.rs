//! Settings that all recurrent layers have.

use serde::{Deserialize, Serialize};

use super::Cell;
use crate::layer::Mismatch;
use crate::layers::dropout::check_rate;

/// Order in which a recurrent layer reads the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// From the first step to the last.
    Forward,
    /// From the last step to the first: of a padded sequence, from the last that counts.
    Reverse,
    /// Both, with parameters of their own. Their outputs stand side by side, forward first.
    Both,
}

/// A recurrent layer with cells of one kind: [`SimpleRnn`](super::SimpleRnn), [`Lstm`](super::Lstm) or
/// [`Gru`](super::Gru), whose pages have the formulas.
///
/// ```
/// use chainrule::layers::Direction;
/// use chainrule::prelude::*;
///
/// // An output at each step, by two directions, and then one for the whole sequence.
/// let model = Sequential::new([28, 10]);
/// let model = model.add(Lstm::new(32).every_step().direction(Direction::Both))?;
/// assert_eq!(model.output_shape(), [28, 64]);
/// let model = model.add(Gru::new(16).dropout(0.2))?;
/// assert_eq!(model.output_shape(), [16]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(bound = "C: Cell")]
pub struct Recurrent<C> {
    pub(super) cell: C,
    pub(super) units: usize,
    pub(super) every_step: bool,
    pub(super) direction: Direction,
    pub(super) dropout: f32,
    pub(super) truncate: Option<usize>,
    pub(super) learned_state: bool,
}

impl<C: Cell> Recurrent<C> {
    pub(super) fn of(cell: C, units: usize) -> Self {
        Recurrent {
            cell,
            units,
            every_step: false,
            direction: Direction::Forward,
            dropout: 0.0,
            truncate: None,
            learned_state: false,
        }
    }

    /// Gives the state after each step, as Keras does with `return_sequences` and PyTorch always. By default,
    /// the output is the state after the last step: of a padded sequence, after the last that counts.
    #[must_use]
    pub fn every_step(self) -> Self {
        Recurrent { every_step: true, ..self }
    }

    /// Sets the order in which the steps are read.
    #[must_use]
    pub fn direction(self, direction: Direction) -> Self {
        Recurrent { direction, ..self }
    }

    /// Sets numbers of the state to zero at random while training, before they are multiplied with the recurrent
    /// weights. A sequence has one mask for all its steps.
    ///
    /// Source: Y. Gal, Z. Ghahramani, "A theoretically grounded application of dropout in recurrent neural
    /// networks", NIPS 2016; `recurrent_dropout` of Keras.
    #[must_use]
    pub fn dropout(self, rate: f32) -> Self {
        Recurrent { dropout: rate, ..self }
    }

    /// Stops the gradient at every `steps` steps: the next step gets the state, and sends no gradient back through it.
    /// This is truncated backpropagation through time, for which others cut the sequence into parts and hand
    /// the state on.
    ///
    /// Source: R. Williams, J. Peng, "An efficient gradient-based algorithm for on-line training of recurrent
    /// network trajectories", Neural Computation 2, 1990.
    #[must_use]
    pub fn truncate(self, steps: usize) -> Self {
        Recurrent { truncate: Some(steps), ..self }
    }

    /// Makes the state before the first step a parameter, `state`, which starts at 0. Otherwise it is 0.
    #[must_use]
    pub fn learned_state(self) -> Self {
        Recurrent { learned_state: true, ..self }
    }

    /// Refuses settings that make no sense.
    pub(super) fn check(&self) -> Result<(), Mismatch> {
        check_rate(self.dropout)?;
        if self.units == 0 {
            return Err(Mismatch::new("at least one unit", "`new` takes the width of the state"));
        }
        if self.truncate == Some(0) {
            return Err(Mismatch::new(
                "at least one step between two cuts of the gradient",
                "leave out `.truncate(...)` for no cuts",
            ));
        }
        Ok(())
    }

    /// The directions: `true` for the reverse one.
    pub(super) fn directions(&self) -> &'static [bool] {
        match self.direction {
            Direction::Forward => &[false],
            Direction::Reverse => &[true],
            Direction::Both => &[false, true],
        }
    }
}
