//! Verdicts as sentences, with the fix.

use std::fmt;

use super::Verdict;

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |validation| if validation { "validation loss" } else { "training loss" };
        match *self {
            Verdict::Diverged { since, from, to } => write!(
                f,
                "diverged: the training loss rose from {} in epoch {since} to {}. \
                 A lower learning rate or a clipped gradient (Clip) helps",
                Number(from),
                Number(to)
            ),
            Verdict::AtChance { loss, chance } => write!(
                f,
                "at chance: the loss, {}, is no better than that of guessing, {}. \
                 Try a learning rate ten times lower or higher, or more epochs, \
                 and check that the targets belong to the inputs",
                Number(loss),
                Number(chance)
            ),
            Verdict::Overfits { since, from, to } => write!(
                f,
                "overfits since epoch {since}: the validation loss rose from {} to {}, while the \
                 training loss fell. Stop there (EarlyStopping), or add dropout, augmentation or data",
                Number(from),
                Number(to)
            ),
            Verdict::StillImproving { validation, epochs, from, to } => write!(
                f,
                "still improving: the {} fell from {} to {} in {}. Train for more epochs{}",
                name(validation),
                Number(from),
                Number(to),
                if epochs == 1 { "the last epoch".into() } else { format!("{epochs} epochs") },
                if validation { "" } else { ", with a validation set, which shows over-fitting" }
            ),
            Verdict::Converged { validation, best, loss } => write!(
                f,
                "converged: the {}, lowest in epoch {best} at {}, no longer falls. \
                 More epochs will hardly help; another learning rate, a larger model or more data may",
                name(validation),
                Number(loss)
            ),
        }
    }
}

/// A loss with four decimal places, where that shows it.
pub(super) struct Number(pub f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.abs() {
            0.001..1e4 | 0.0 => write!(f, "{:.4}", self.0),
            _ => write!(f, "{:.2e}", self.0),
        }
    }
}
