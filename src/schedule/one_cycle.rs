//! The warm-up lets a larger learning rate be reached than the first steps could bear; the way down
//! lets the parameters settle.

use super::{Progress, Schedule};
use crate::error::TrainError;
use crate::optim::in_range;

/// Up in a straight line from 0 to 1, then down to 0 along half a cosine.
///
/// ```text
/// up:     factor = done/warmup                                     while done < warmup
/// down:   factor = ½·(1 + cos(π·(done - warmup)/(1 - warmup)))
/// ```
///
/// - **Settings**: `warmup`, the share of the run for the way up, from 0 to 1; 0.2 or 0.3 is usual.
/// - **Source**: L. Smith, N. Topin, "Super-convergence: very fast training of neural networks using
///   large learning rates", 2018; the cosine from I. Loshchilov, F. Hutter, "SGDR: stochastic
///   gradient descent with warm restarts", ICLR 2017.
///
/// ```
/// use chainrule::prelude::*;
///
/// let schedule = OneCycle::new(0.2);
/// assert_eq!([0, 1, 2].map(|epoch| schedule.factor(&Progress::new(epoch, 10))), [0.0, 0.5, 1.0]);
/// assert!((schedule.factor(&Progress::new(6, 10)) - 0.5).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneCycle {
    warmup: f32,
}

impl OneCycle {
    /// With this share of the run for the way up.
    pub fn new(warmup: f32) -> Self {
        OneCycle { warmup }
    }
}

impl Schedule for OneCycle {
    fn factor(&self, at: &Progress<'_>) -> f32 {
        if at.done < self.warmup {
            return at.done / self.warmup;
        }
        let down = f64::from((at.done - self.warmup) / (1.0 - self.warmup));
        (0.5 * (1.0 + (std::f64::consts::PI * down).cos())) as f32
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("OneCycle's warm-up", self.warmup, 0.0..=1.0, "a share from 0 to 1")
    }
}
