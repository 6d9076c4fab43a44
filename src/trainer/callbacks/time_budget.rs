//! Stop when the time is up.

use std::time::Duration;

use super::Callback;
use crate::clock::Stopwatch;
use crate::error::Result;
use crate::trainer::Run;

/// Stops after the batch in which the time is up, counted from the call of `fit`. With
/// [`Checkpoints`](super::Checkpoints), the run can go on from there. On `wasm32-unknown-unknown`,
/// which has no clock, it never stops a run.
///
/// ```
/// use std::time::Duration;
/// use chainrule::prelude::*;
///
/// let data = Mnist::sample().train.take(500)?;
/// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
/// let history = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))
///     .epochs(usize::MAX)
///     .callback(TimeBudget::new(Duration::from_millis(20)))
///     .fit(&mut model, &data)?;
/// assert_eq!(history.stopped.as_deref(), Some("the time budget of 20ms is spent"));
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TimeBudget {
    budget: Duration,
    start: Option<Stopwatch>,
}

impl TimeBudget {
    /// A run may take this long, and no more than one batch longer.
    pub fn new(budget: Duration) -> Self {
        TimeBudget { budget, start: None }
    }
}

impl Callback for TimeBudget {
    fn begin(&mut self, _run: &mut Run<'_>) -> Result<()> {
        self.start = Some(Stopwatch::start());
        Ok(())
    }

    fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
        if self.start.is_some_and(|start| start.elapsed() >= self.budget) {
            run.stop(format!("the time budget of {:?} is spent", self.budget));
        }
        Ok(())
    }
}
