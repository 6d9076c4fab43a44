//! Cosine: long with large steps, then long with small ones, since half a cosine is flat at both ends.
//! A warm restart, back to a factor of 1, may lead out of one minimum and into a better one; the
//! parameters at the end of each cycle are a model to keep.

use super::{Progress, Schedule, half_cosine};
use crate::error::TrainError;
use crate::error::in_range;

/// Falls from 1 to an end along half a cosine, once or in several cycles.
///
/// ```text
/// factor = end + (1 - end)·½·(1 + cos(π·p))        p: finished share of the cycle
/// ```
///
/// - **Settings**: the factor at the `end`, from 0 to 1; the number of [`Cosine::cycles`], 1 by
///   default, up to 10,000; their [`Cosine::growth`], 1 by default, at least 1.
/// - **Source**: I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts",
///   ICLR 2017; PyTorch's `CosineAnnealingLR` and `CosineAnnealingWarmRestarts`.
///
/// ```
/// use chainrule::optim::schedule::Progress;
/// use chainrule::prelude::*;
///
/// assert_eq!(Cosine::new(0.1).factor(&Progress::new(5, 10)), 0.55);
/// // Cycles of 10, 20 and 40 epochs: each begins with 1.
/// let schedule = Cosine::new(0.0).cycles(3).growth(2.0);
/// let factors = [0, 5, 10, 30].map(|epoch| schedule.factor(&Progress::new(epoch, 70)));
/// assert_eq!(factors, [1.0, 0.5, 1.0, 1.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cosine {
    end: f32,
    cycles: usize,
    growth: f32,
}

/// Share of the run by which a restart may come early, so that the rounding of `done` does not delay it
/// by a step: several times the rounding error of an f32 below 1.
const SLACK: f64 = 1e-6;

impl Cosine {
    /// Falls over the whole run to the factor `end`.
    pub fn new(end: f32) -> Self {
        Cosine { end, cycles: 1, growth: 1.0 }
    }

    /// Sets the number of cycles, each of which starts again from 1.
    #[must_use]
    pub fn cycles(self, cycles: usize) -> Self {
        Cosine { cycles, ..self }
    }

    /// Sets the length of each cycle relative to the previous one.
    #[must_use]
    pub fn growth(self, growth: f32) -> Self {
        Cosine { growth, ..self }
    }

    /// Finished share of the current cycle.
    fn in_cycle(&self, done: f32) -> f32 {
        // Counted backwards in lengths of the last cycle, so that no growth overflows.
        let (shrink, cycles) = (1.0 / f64::from(self.growth), self.cycles.clamp(1, 10_000));
        let lengths = || std::iter::successors(Some(1.0), |length| Some(length * shrink));
        let total: f64 = lengths().take(cycles).sum();
        let (at, slack) = (f64::from(done) * total, SLACK * total);
        let mut start = total;
        for length in lengths().take(cycles) {
            start -= length;
            if at + slack >= start {
                return ((at - start) / length).clamp(0.0, 1.0) as f32;
            }
        }
        0.0
    }
}

impl Schedule for Cosine {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        let end = f64::from(self.end);
        (end + (1.0 - end) * half_cosine(self.in_cycle(at.done))) as f32
    }

    fn check(&self) -> Result<(), TrainError> {
        if !(1..=10_000).contains(&self.cycles) {
            let (setting, came) = ("the number of Cosine's cycles", self.cycles.to_string());
            return Err(TrainError::Setting { setting, came, wanted: "1 to 10000" });
        }
        in_range("Cosine's growth", self.growth, 1.0.., "at least 1")?;
        in_range("Cosine's end", self.end, 0.0..=1.0, "a factor from 0 to 1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_ends_just_before_the_next_begins() {
        let schedule = Cosine::new(0.0).cycles(4);
        let factor = |done| schedule.factor(&Progress { done, ..Progress::new(0, 1) });
        assert!(factor(0.2499) < 1e-5 && factor(0.25) == 1.0);
        assert!(factor(1f32.next_down()) < 1e-5);
    }

    #[test]
    fn an_absurd_growth_leaves_the_last_cycle() {
        let schedule = Cosine::new(0.0).cycles(10_000).growth(f32::MAX);
        assert_eq!(schedule.factor(&Progress::new(1, 2)), 0.5);
        assert_eq!(schedule.factor(&Progress::new(0, 1)), 1.0);
    }
}
