//! Checkpoints: a run on disk, and how it is resumed.
//!
//! A checkpoint is a [model file](crate::file) with more in it: it loads as a model, averaged if the
//! run averages. It has these tensors in addition:
//!
//! | tensor                    | shape       | holds                                                 |
//! |---------------------------|-------------|-------------------------------------------------------|
//! | `run.params`              | (n)         | the parameters as the last step left them, if the model's are averaged |
//! | `run.moment.i`            | (n)         | the optimizer's moments                               |
//! | `run.memory`              | (1)         | the number that the optimizer carries from step to step |
//! | `run.totals`              | (5)         | sums over the batches of the current epoch            |
//! | `run.history`             | (epochs, 6) | the epochs that are done; NaN where one has no value  |
//! | `run.callback.NAME.i.KEY` | (any)       | the [state](crate::trainer::callbacks::State) of the callbacks |
//!
//! Seed, place and the recipe of the run are facts. All that is random follows from seed and place, so
//! no generator has to be saved. Nor has a schedule, which follows from the history. A run is
//! saved between steps only, so no gradient has to be saved either.

mod history;
mod restore;
mod same_run;
mod save;

use std::path::Path;

use super::Run;
use super::fit::Callbacks;
use crate::error::Result;
use crate::file::RUN;
use crate::file::tensors::Tensors;
use crate::trainer::callbacks::{Callback, State};

/// The point in a run at which [`Callback::save`] is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// After a batch.
    Batch,
    /// After an epoch, with its validation.
    Epoch,
    /// After the last batch, perhaps in the middle of an epoch.
    End,
}

/// A moment at which the whole run can be saved.
pub struct SavePoint<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) moment: Moment,
    /// The callbacks other than the one that saves.
    pub(super) before: &'a Callbacks<'a>,
    pub(super) after: &'a Callbacks<'a>,
}

impl SavePoint<'_> {
    /// The run as it is now.
    pub fn run(&self) -> &Run<'_> {
        self.run
    }

    /// The point in the run.
    pub fn moment(&self) -> Moment {
        self.moment
    }

    /// Writes a checkpoint for [`Trainer::resume`](crate::trainer::Trainer::resume). The file is
    /// written whole or not at all, even if the machine fails.
    ///
    /// # Errors
    ///
    /// [`FileError`](crate::error::FileError): as [`ModelFile::save`](crate::sequential::ModelFile::save). A model with layers that
    /// have no name in files is saved all the same, but loads as weights alone.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let mut file = Tensors::new();
        self.run.put(&mut file, path.as_ref())?;
        // The one that saves has no state of its own.
        let mut prefixes = Prefixes::default();
        for callback in self.before.iter().chain(self.after) {
            let State { floats, numbers } = callback.state();
            let prefix = prefixes.next(&**callback);
            for (name, values) in floats {
                file.put(format!("{prefix}{name}"), &[values.len()], &values);
            }
            for (name, values) in numbers {
                file.put(format!("{prefix}{name}"), &[values.len()], &values);
            }
        }
        Ok(file.write(path.as_ref())?)
    }
}

/// Prefixes of the names of callbacks' tensors: the callback's name, and its number among those of that
/// name, so that a run may be resumed with other callbacks, too.
#[derive(Default)]
struct Prefixes(Vec<String>);

impl Prefixes {
    fn next(&mut self, callback: &dyn Callback) -> String {
        let name = callback.name();
        let number = self.0.iter().filter(|earlier| **earlier == name).count();
        let prefix = format!("{RUN}callback.{name}.{number}.");
        self.0.push(name);
        prefix
    }
}
