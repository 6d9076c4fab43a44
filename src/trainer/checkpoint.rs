//! Checkpoints: a run on disk, and how it is resumed.
//!
//! A checkpoint is a [model file](crate::file) with more in it: it loads as a model, averaged if the
//! run averages. Beside the model's, it has these tensors:
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
//! Seed and place are facts beside them: all that is random follows from these two, so no generator
//! has to be saved. Nor has a schedule, which follows from the history. A run is saved between steps
//! only, so no gradient has to be saved either.

use std::path::Path;

use super::Run;
use super::average::Running;
use super::fit::Callbacks;
use super::run::Totals;
use crate::error::{Error, FileError, Result};
use crate::file::tensors::Tensors;
use crate::file::{RUN, Registry};
use crate::metrics::Epoch;
use crate::sequential::file::{check_format, put_model, weights};
use crate::trainer::callbacks::{Callback, State};
use crate::trainer::step::OptimizerState;

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
    /// The callbacks beside the one that saves.
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
    /// there as a whole or not at all, whatever happens.
    ///
    /// # Errors
    ///
    /// [`FileError`]: as [`ModelFile::save`](crate::sequential::ModelFile::save). A model with layers that
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
/// name, so that a run may be resumed with others beside it.
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

impl Run<'_> {
    /// Numbers that must be the same when the run is resumed: the bits depend on them.
    fn facts(&self) -> [(&'static str, u64); 6] {
        let averaged = self.average.as_ref().map_or(0, |average| average.state().0.len() as u64);
        [
            ("seed", self.seed()),
            ("batch size", self.batch_size() as u64),
            ("accumulated batches", self.accumulated as u64),
            ("samples", self.samples() as u64),
            ("parameters", self.model.param_count() as u64),
            ("averaged parameters", averaged),
        ]
    }

    fn put(&self, file: &mut Tensors, path: &Path) -> Result<()> {
        let params = self.model.params();
        let average = self.average.as_ref().map(Running::state);
        let averaged = average.filter(|&(_, count)| count > 0).map(|(mean, _)| mean);
        let best = averaged.unwrap_or(params);
        match put_model(self.model, best, file, &Registry::default(), path) {
            Err(Error::File(FileError::NotSaveable { .. })) => {
                weights::put(self.model, best, file, path)?;
            }
            other => other?,
        }
        for (name, value) in self.facts() {
            file.put_fact(name, value.to_string());
        }
        file.put_fact("layers", self.layers());
        file.put_fact("epoch", self.epoch.to_string());
        file.put_fact("batch", self.batch.to_string());
        let OptimizerState { moments, steps, memory } = self.stepper.state();
        file.put_fact("steps", steps.to_string());
        file.put("run.memory", &[1], &[*memory]);
        for (number, moment) in moments.iter().enumerate() {
            file.put(format!("run.moment.{number}"), &[moment.len()], moment);
        }
        if let Some((_, count)) = average {
            file.put("run.params", &[params.len()], params);
            file.put_fact("weights in the average", count.to_string());
        }
        let Totals { loss, weight, correct, seconds, lr } = self.totals;
        let totals = [loss, weight, correct as f64, seconds, lr.into()];
        file.put("run.totals", &[totals.len()], &totals);
        let rows: Vec<[f64; COLUMNS]> = self.history.epochs.iter().map(row).collect();
        file.put("run.history", &[rows.len(), COLUMNS], rows.as_flattened());
        Ok(())
    }

    /// Resumes from a checkpoint of the same run.
    pub(super) fn restore(&mut self, path: &Path, callbacks: &mut Callbacks<'_>) -> Result<()> {
        let mut file = Tensors::read(path)?;
        check_format(&file)?;
        self.check(&file)?;
        let mut params = weights::take(self.model, &mut file)?;
        let lens = self.stepper.state().moments.each_ref().map(Vec::len);
        let mut moments: [Vec<f32>; 3] = Default::default();
        for (number, len) in lens.into_iter().enumerate() {
            moments[number] = file.take(&format!("run.moment.{number}"), &[len])?;
        }
        let memory: Vec<f64> = file.take("run.memory", &[1])?;
        let steps = number(&file, "steps")?;
        let totals: Vec<f64> = file.take("run.totals", &[5])?;
        let (shape, rows) = file.take_any::<f64>("run.history")?;
        if shape.len() != 2 || shape[1] != COLUMNS {
            let (path, tensor) = (path.into(), "run.history".into());
            let wanted = vec![rows.len() / COLUMNS, COLUMNS];
            return Err(FileError::Shape { path, tensor, wanted, came: shape }.into());
        }
        let (epoch, batch) = (number(&file, "epoch")?, number(&file, "batch")?);
        if epoch != rows.len() as u64 / COLUMNS as u64 + 1 || batch > self.batches() as u64 {
            let (path, key) = (path.into(), "epoch".into());
            let reason = "this place is not in the run".into();
            return Err(FileError::BadFact { path, key, reason }.into());
        }
        if let Some(average) = &mut self.average {
            let count = number(&file, "weights in the average")?;
            let raw = file.take("run.params", &[params.len()])?;
            let mean = std::mem::replace(&mut params, raw);
            if count > 0 {
                average.restore(mean, count as usize);
            }
        }
        let mut prefixes = Prefixes::default();
        for callback in callbacks.iter_mut() {
            let prefix = prefixes.next(&**callback);
            let names = file.names().filter_map(|name| name.strip_prefix(&prefix));
            let names: Vec<String> = names.map(str::to_string).collect();
            let mut state = State::default();
            for name in names {
                let tensor = format!("{prefix}{name}");
                match file.take_any(&tensor) {
                    Ok((_, values)) => state.put(&name, values),
                    Err(_) => state.put_numbers(&name, file.take_any(&tensor)?.1),
                }
            }
            callback.restore(state)?;
        }
        self.model.set_params(&params)?;
        self.stepper.restore(OptimizerState { moments, steps, memory: memory[0] });
        self.totals = Totals {
            loss: totals[0],
            weight: totals[1],
            correct: totals[2] as usize,
            seconds: totals[3],
            lr: totals[4] as f32,
        };
        (self.epoch, self.batch) = (epoch as usize, batch as usize);
        self.history.epochs = rows.as_chunks().0.iter().enumerate().map(unrow).collect();
        self.resumed_from = Some(path.into());
        Ok(())
    }

    /// Refuses the checkpoint of another run.
    fn check(&self, file: &Tensors) -> Result<(), FileError> {
        let other = |fact: &'static str, wanted: String, came: String| FileError::OtherRun {
            path: file.path().into(),
            fact,
            wanted,
            came,
        };
        for (fact, wanted) in self.facts() {
            let came = number(file, fact)?;
            if came != wanted {
                return Err(other(fact, wanted.to_string(), came.to_string()));
            }
        }
        let (wanted, came) = (self.layers(), file.required_fact("layers", FIX)?);
        if wanted != came {
            return Err(other("layers", wanted, came.to_string()));
        }
        Ok(())
    }

    fn layers(&self) -> String {
        let layers: Vec<String> = self.model.layers().map(|layer| layer.signature()).collect();
        layers.join(", ")
    }
}

const FIX: &str = "resume from a file that `Checkpoints` has written";

/// A fact that is a number.
fn number(file: &Tensors, fact: &str) -> Result<u64, FileError> {
    let text = file.required_fact(fact, FIX)?;
    text.parse().map_err(|_| FileError::MissingFact {
        path: file.path().into(),
        key: fact.to_string(),
        fix: FIX,
    })
}

const COLUMNS: usize = 6;

/// An epoch as numbers; NaN for a missing one.
fn row(epoch: &Epoch) -> [f64; COLUMNS] {
    let or_nan = |value: Option<f64>| value.unwrap_or(f64::NAN);
    [
        epoch.loss,
        or_nan(epoch.accuracy),
        or_nan(epoch.validation_loss),
        or_nan(epoch.validation_accuracy),
        epoch.learning_rate.into(),
        epoch.seconds,
    ]
}

fn unrow((index, row): (usize, &[f64; COLUMNS])) -> Epoch {
    let [loss, accuracy, validation_loss, validation_accuracy, learning_rate, seconds] = *row;
    let some = |value: f64| (!value.is_nan()).then_some(value);
    Epoch {
        epoch: index + 1,
        loss,
        accuracy: some(accuracy),
        validation_loss: some(validation_loss),
        validation_accuracy: some(validation_accuracy),
        learning_rate: learning_rate as f32,
        seconds,
    }
}
