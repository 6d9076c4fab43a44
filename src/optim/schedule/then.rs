//! Sequence of two schedules.

use super::{Progress, Schedule};
use crate::error::TrainError;
use crate::error::in_range;

/// Follows one schedule for a share of the run, then another. [`Schedule::then`] creates it.
///
/// ```text
/// factor = first(done/share)                      while done < share
/// factor = second((done - share)/(1 - share))     from there on
/// ```
///
/// Each reads the progress of its own part. The second counts epochs from the switch on, and does not
/// see earlier ones; the number of epochs before it is `share·epochs`, rounded.
///
/// - **Settings**: the `share`, from 0 to 1, and those of both.
/// - **Source**: PyTorch's `SequentialLR`.
///
/// ```
/// use chainrule::optim::schedule::{Constant, Progress};
/// use chainrule::prelude::*;
///
/// let schedule = Constant.then(0.5, Exponential::new(0.5));
/// assert_eq!([4, 5, 6].map(|epoch| schedule.factor(&Progress::new(epoch, 10))), [1.0, 1.0, 0.5]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Then<A, B> {
    pub(super) first: A,
    pub(super) share: f32,
    pub(super) second: B,
}

impl<A: Schedule, B: Schedule> Schedule for Then<A, B> {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        let epochs = (self.share * at.epochs as f32).round() as usize;
        if at.done < self.share {
            let done = at.done / self.share;
            return self.first.factor(&Progress { done, epochs, ..*at });
        }
        self.second.factor(&Progress {
            done: ((at.done - self.share) / (1.0 - self.share)).min(1f32.next_down()),
            epoch: at.epoch.saturating_sub(epochs),
            epochs: at.epochs.saturating_sub(epochs),
            history: at.history.get(epochs..).unwrap_or(&[]),
        })
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("the share of the run before `then`", self.share, 0.0..=1.0, "from 0 to 1")?;
        self.first.check()?;
        self.second.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::schedule::Constant;

    #[test]
    fn a_switch_within_an_epoch_counts_from_the_nearest_whole_one() {
        /// Number of epochs of each part, as tens and ones.
        #[derive(Debug)]
        struct Seen;
        impl Schedule for Seen {
            fn factor(&self, at: &Progress<'_>) -> f32 {
                (10 * at.epoch + at.epochs) as f32
            }
        }
        let schedule = Seen.then(0.36, Constant.then(0.0, Seen));
        let factor = |epoch, done| schedule.factor(&Progress { done, ..Progress::new(epoch, 10) });
        assert_eq!((factor(3, 0.3), factor(3, 0.38), factor(4, 0.4)), (34.0, 6.0, 6.0));
        assert_eq!(factor(5, 0.5), 16.0);
    }
}
