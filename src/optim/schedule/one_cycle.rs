//! One cycle: a warm-up to a larger learning rate than the first steps would allow, then a way down on
//! which the parameters settle.

use super::{Progress, Schedule, half_cosine};
use crate::error::TrainError;
use crate::error::in_range;

/// Rises in a straight line from 0 to 1, then falls to 0 along half a cosine.
///
/// ```text
/// up:     factor = start + (1 - start)·p        p = done/warmup                  while done < warmup
/// down:   factor = end + (1 - end)·h(p)         p = (done - warmup)/(1 - warmup)
///
/// h(p) = ½·(1 + cos(π·p));   with a smooth way up, 1 - h(p) takes the place of p there
/// ```
///
/// - **Settings**: `warmup`, the share of the run for the way up, from 0 to 1; 0.2 or 0.3 is usual.
///   The factors [`OneCycle::start`] and [`OneCycle::end`], 0 by default, from 0 to 1. With
///   PyTorch's `div_factor` d and `final_div_factor` f they are 1/d and 1/(d·f), and its
///   `OneCycleLR` is [`OneCycle::smooth`] unless it is set to be linear.
/// - **Source**: L. Smith, N. Topin, "Super-convergence: very fast training of neural networks using
///   large learning rates", 2018; the cosine from I. Loshchilov, F. Hutter, "SGDR: stochastic
///   gradient descent with warm restarts", ICLR 2017.
///
/// ```
/// use chainrule::optim::schedule::Progress;
/// use chainrule::prelude::*;
///
/// let schedule = OneCycle::new(0.2);
/// assert_eq!([0, 1, 2].map(|epoch| schedule.factor(&Progress::new(epoch, 10))), [0.0, 0.5, 1.0]);
/// assert!((schedule.factor(&Progress::new(6, 10)) - 0.5).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneCycle {
    warmup: f32,
    start: f32,
    end: f32,
    smooth: bool,
}

impl OneCycle {
    /// Creates the schedule with this share of the run for the way up.
    pub fn new(warmup: f32) -> Self {
        OneCycle { warmup, start: 0.0, end: 0.0, smooth: false }
    }

    /// Sets the first factor.
    #[must_use]
    pub fn start(self, start: f32) -> Self {
        OneCycle { start, ..self }
    }

    /// Sets the last factor.
    #[must_use]
    pub fn end(self, end: f32) -> Self {
        OneCycle { end, ..self }
    }

    /// Rises along half a cosine, too.
    #[must_use]
    pub fn smooth(self) -> Self {
        OneCycle { smooth: true, ..self }
    }
}

impl Schedule for OneCycle {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        if at.done < self.warmup {
            let p = at.done / self.warmup;
            let risen = if self.smooth { (1.0 - half_cosine(p)) as f32 } else { p };
            return self.start + (1.0 - self.start) * risen;
        }
        let end = f64::from(self.end);
        (end + (1.0 - end) * half_cosine((at.done - self.warmup) / (1.0 - self.warmup))) as f32
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("OneCycle's warm-up", self.warmup, 0.0..=1.0, "a share from 0 to 1")?;
        in_range("OneCycle's start", self.start, 0.0..=1.0, "a factor from 0 to 1")?;
        in_range("OneCycle's end", self.end, 0.0..=1.0, "a factor from 0 to 1")
    }
}
