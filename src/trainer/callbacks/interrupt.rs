//! Ctrl-C and SIGTERM end training, and not the program.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::Callback;
use crate::error::{Result, TrainError};
use crate::trainer::Run;

/// Stops after the current batch when Ctrl-C is pressed (SIGINT arrives), or when a scheduler or
/// container asks the program to end (SIGTERM, SIGHUP), so that the run can be saved and `fit` returns
/// as usual. A second signal ends the program at once, and so does the first while no run with this
/// callback is under way; the exit status is then 130.
///
/// ```no_run
/// use chainrule::prelude::*;
///
/// # let data = Mnist::sample().train;
/// # let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
/// let history = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))
///     .epochs(1000)
///     .callback(Checkpoints::new("runs/digits"))
///     .callback(Interrupt)
///     .fit(&mut model, &data)?;
/// if let Some(reason) = history.stopped {
///     println!("{reason}; the run is in runs/digits");
/// }
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Interrupt;

/// A signal came, and not all runs that were under way have ended since.
static SIGNALLED: AtomicBool = AtomicBool::new(false);

/// Number of runs under way that stop at a signal.
static RUNS: AtomicUsize = AtomicUsize::new(0);

/// What an interrupted program returns by custom: 128 and the number of SIGINT.
const EXIT_CODE: i32 = 130;

impl Callback for Interrupt {
    fn begin(&mut self, _run: &mut Run<'_>) -> Result<()> {
        static LISTENING: OnceLock<Result<(), String>> = OnceLock::new();
        let listening = LISTENING.get_or_init(|| {
            let on_signal = || {
                let idle = RUNS.load(Ordering::SeqCst) == 0;
                if idle || SIGNALLED.swap(true, Ordering::SeqCst) {
                    std::process::exit(EXIT_CODE);
                }
            };
            ctrlc::set_handler(on_signal).map_err(|error| error.to_string())
        });
        listening.clone().map_err(|reason| TrainError::Interrupt { reason })?;
        RUNS.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
        if SIGNALLED.load(Ordering::SeqCst) {
            run.stop("interrupted");
        }
        Ok(())
    }

    fn end(&mut self, _run: &mut Run<'_>) -> Result<()> {
        // It may not have begun, if the beginning of another callback failed.
        let fewer = |runs: usize| Some(runs.saturating_sub(1));
        if RUNS.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer).is_ok_and(|runs| runs <= 1)
        {
            // The next run begins with a clean slate.
            SIGNALLED.store(false, Ordering::SeqCst);
        }
        Ok(())
    }
}
