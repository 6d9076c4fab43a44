//! A run from tensors and facts.

use std::path::Path;

use super::Prefixes;
use super::history::{COLUMNS, unrow};
use super::same_run::number;
use crate::error::{FileError, Result};
use crate::file::tensors::Tensors;
use crate::sequential::file::{check_format, weights};
use crate::trainer::Run;
use crate::trainer::callbacks::State;
use crate::trainer::fit::Callbacks;
use crate::trainer::recipe::Change;
use crate::trainer::run::Totals;
use crate::trainer::step::OptimizerState;

impl Run<'_> {
    /// Resumes from a checkpoint of the same run.
    pub(in crate::trainer) fn restore(
        &mut self,
        path: &Path,
        callbacks: &mut Callbacks<'_>,
    ) -> Result<()> {
        let mut file = Tensors::read(path)?;
        check_format(&file)?;
        let changed = self.check_same(&file)?;
        let mut params = weights::take(self.model, &mut file)?;
        let optimizer = self.optimizer_state(&mut file, changed.contains(&Change::Optimizer))?;
        let totals: Vec<f64> = file.take("run.totals", &[6])?;
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
        restore_callbacks(&mut file, callbacks)?;
        self.model.set_params(&params)?;
        if let Some(optimizer) = optimizer {
            self.stepper.restore(optimizer);
        }
        self.totals = Totals {
            loss: totals[0],
            weight: totals[1],
            correct: totals[2] as usize,
            judged: totals[3] as usize,
            seconds: totals[4],
            lr: totals[5] as f32,
        };
        (self.epoch, self.batch) = (epoch as usize, batch as usize);
        self.history.epochs = rows.as_chunks().0.iter().enumerate().map(unrow).collect();
        self.resumed_from = Some(path.into());
        Ok(())
    }

    /// Takes out the state of the optimizer. Another kind of optimizer, or one with other moments,
    /// cannot use it, and starts with its own.
    fn optimizer_state(&self, file: &mut Tensors, changed: bool) -> Result<Option<OptimizerState>> {
        let lens = self.stepper.state().moments.each_ref().map(Vec::len);
        let name = |number: usize| format!("run.moment.{number}");
        let fits = || (0..lens.len()).all(|i| file.check(&name(i), &[lens[i]]).is_ok());
        if changed && !(self.has_kind_of_optimizer(file)? && fits()) {
            return Ok(None);
        }
        let mut moments: [Vec<f32>; 3] = Default::default();
        for (number, len) in lens.into_iter().enumerate() {
            moments[number] = file.take(&name(number), &[len])?;
        }
        let memory: Vec<f64> = file.take("run.memory", &[1])?;
        Ok(Some(OptimizerState { moments, steps: number(file, "steps")?, memory: memory[0] }))
    }
}

/// Gives the callbacks their states.
fn restore_callbacks(file: &mut Tensors, callbacks: &mut Callbacks<'_>) -> Result<()> {
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
    Ok(())
}
