//! What happens around training: who watches it, stops it, saves it.
//!
//! A [`Callback`] is told of the beginning of a run, of each batch and each epoch, and of the end,
//! whichever way training ends. It looks at the [`Run`], and may stop it.
//!
//! | callback          | does                                                               |
//! |-------------------|--------------------------------------------------------------------|
//! | [`EarlyStopping`] | stops when the validation gets no better, and brings back the best |
//! | [`Checkpoints`]   | saves the whole run: the best, every n epochs or batches, the last |
//! | [`TimeBudget`]    | stops when the time is up                                          |
//! | [`Interrupt`]     | stops after the batch at hand when Ctrl-C is pressed               |
//! | [`ProgressBar`]   | shows how far training is                                          |
//! | [`CsvLog`]        | writes the history as a table, epoch by epoch                      |
//! | [`JsonLog`]       | writes the run as lines of JSON                                    |
//! | [`TensorBoard`]   | writes curves, histograms and pictures for TensorBoard             |
//!
//! A learning rate that falls when the loss has stopped to is no callback but a
//! [schedule](crate::optim::schedule::ReduceOnPlateau): it follows from the history alone.
//!
//! Whatever a callback must not forget when a run is interrupted it gives to [`Callback::state`], and
//! gets it back when the run goes on. With that, a run that went on from a checkpoint is the run
//! that was never interrupted, bit for bit.

mod checkpoints;
#[cfg(feature = "csv")]
mod csv_log;
mod early_stopping;
#[cfg(all(feature = "interrupt", not(target_family = "wasm")))]
mod interrupt;
mod json_log;
mod monitor;
#[cfg(feature = "progress")]
mod progress_bar;
mod state;
#[cfg(feature = "tensorboard")]
mod tensorboard;
mod time_budget;

pub use checkpoints::Checkpoints;
#[cfg(feature = "csv")]
pub use csv_log::CsvLog;
pub use early_stopping::EarlyStopping;
#[cfg(all(feature = "interrupt", not(target_family = "wasm")))]
pub use interrupt::Interrupt;
pub use json_log::JsonLog;
pub use monitor::Monitor;
#[cfg(feature = "progress")]
pub use progress_bar::ProgressBar;
pub use state::State;
#[cfg(feature = "tensorboard")]
pub use tensorboard::{EventWriter, TensorBoard};
pub use time_budget::TimeBudget;

use crate::error::Result;
use crate::layer::type_label;
use crate::trainer::{Run, SavePoint};

/// Something that is told how training goes. All methods do nothing unless written.
///
/// Stop when the loss is low enough:
///
/// ```
/// use chainrule::prelude::*;
///
/// struct GoodEnough(f64);
///
/// impl Callback for GoodEnough {
///     fn epoch(&mut self, run: &mut Run<'_>) -> Result<()> {
///         if run.history().last().is_some_and(|epoch| epoch.loss < self.0) {
///             run.stop("the loss is low enough");
///         }
///         Ok(())
///     }
/// }
///
/// let data = Mnist::sample().train.take(500)?;
/// let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
/// let history = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))
///     .epochs(100)
///     .callback(GoodEnough(0.5))
///     .fit(&mut model, &data)?;
/// assert!(history.epochs.len() < 100);
/// assert_eq!(history.stopped.as_deref(), Some("the loss is low enough"));
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// An error ends training, as it would end a function that called all this with `?`: no further
/// batch is trained, and all callbacks are told of the end.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a callback",
    label = "not a callback",
    note = "take one of `chainrule::trainer::callbacks`, such as `EarlyStopping::new(3)`, or implement \
            `Callback` for it"
)]
pub trait Callback: Send + Sync {
    /// How its state is called in a checkpoint.
    fn name(&self) -> String {
        type_label::<Self>()
    }

    /// Checks whether training may begin. All callbacks are checked before any of them begins, so that one
    /// that refuses leaves the files of the others as they are.
    fn check(&mut self, _run: &Run<'_>) -> Result<()> {
        Ok(())
    }

    /// Training begins, or goes on from a checkpoint.
    fn begin(&mut self, _run: &mut Run<'_>) -> Result<()> {
        Ok(())
    }

    /// A step is done.
    fn batch(&mut self, _run: &mut Run<'_>) -> Result<()> {
        Ok(())
    }

    /// An epoch is done, and stands in the history. Where weights are averaged, the model has the
    /// average now, which is also what the validation was of.
    fn epoch(&mut self, _run: &mut Run<'_>) -> Result<()> {
        Ok(())
    }

    /// Training is over: all epochs are done, a callback stopped it, or an error did. The model is
    /// what `fit` will leave, averaged if there is an average (after an error, it is as the last
    /// whole step left it). All callbacks are told, also when one fails.
    fn end(&mut self, _run: &mut Run<'_>) -> Result<()> {
        Ok(())
    }

    /// All callbacks have seen a batch or an epoch, or the end is near: here the whole run can be
    /// written to a file.
    fn save(&mut self, _point: &SavePoint<'_>) -> Result<()> {
        Ok(())
    }

    /// What it must remember when the run is interrupted.
    fn state(&self) -> State {
        State::default()
    }

    /// Gets its state back, before [`Callback::begin`]; an empty one when the checkpoint is of a run
    /// without this callback.
    fn restore(&mut self, _state: State) -> Result<()> {
        Ok(())
    }
}

/// A callback that its owner wants to look at afterwards.
impl<C: Callback + ?Sized> Callback for &mut C {
    fn name(&self) -> String {
        (**self).name()
    }
    fn check(&mut self, run: &Run<'_>) -> Result<()> {
        (**self).check(run)
    }
    fn begin(&mut self, run: &mut Run<'_>) -> Result<()> {
        (**self).begin(run)
    }
    fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
        (**self).batch(run)
    }
    fn epoch(&mut self, run: &mut Run<'_>) -> Result<()> {
        (**self).epoch(run)
    }
    fn end(&mut self, run: &mut Run<'_>) -> Result<()> {
        (**self).end(run)
    }
    fn save(&mut self, point: &SavePoint<'_>) -> Result<()> {
        (**self).save(point)
    }
    fn state(&self) -> State {
        (**self).state()
    }
    fn restore(&mut self, state: State) -> Result<()> {
        (**self).restore(state)
    }
}
