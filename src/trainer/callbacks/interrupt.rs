//! Ctrl-C ends training, and not the program.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Callback;
use crate::error::{Result, TrainError};
use crate::trainer::Run;

/// Stops after the batch at hand when Ctrl-C is pressed (SIGINT arrives), so that the run can be
/// saved and `fit` returns as usual. A second Ctrl-C ends the program at once.
///
/// It listens from the first run on that has it, for as long as the program lasts.
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

/// Whether Ctrl-C was pressed, and nobody has stopped for it yet.
static PRESSED: AtomicBool = AtomicBool::new(false);

/// What an interrupted program returns by custom: 128 and the number of SIGINT.
const EXIT_CODE: i32 = 130;

impl Callback for Interrupt {
    fn begin(&mut self, _run: &mut Run<'_>) -> Result<()> {
        static LISTENING: OnceLock<Result<(), String>> = OnceLock::new();
        let listening = LISTENING.get_or_init(|| {
            let on_signal = || {
                if PRESSED.swap(true, Ordering::SeqCst) {
                    std::process::exit(EXIT_CODE);
                }
            };
            ctrlc::set_handler(on_signal).map_err(|error| error.to_string())
        });
        listening.clone().map_err(|reason| TrainError::Interrupt { reason }.into())
    }

    fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
        if PRESSED.load(Ordering::SeqCst) {
            run.stop("interrupted");
        }
        Ok(())
    }

    fn end(&mut self, _run: &mut Run<'_>) -> Result<()> {
        // The next run begins with a clean slate.
        PRESSED.store(false, Ordering::SeqCst);
        Ok(())
    }
}
