//! A run as tensors and facts.

use std::path::Path;

use super::history::{COLUMNS, row};
use crate::error::{Error, FileError, Result};
use crate::file::Registry;
use crate::file::tensors::Tensors;
use crate::sequential::file::{put_model, weights};
use crate::trainer::Run;
use crate::trainer::average::Running;
use crate::trainer::run::Totals;
use crate::trainer::step::OptimizerState;

impl Run<'_> {
    /// Adds the run to a file that is to be written to `path`.
    pub(super) fn put(&self, file: &mut Tensors, path: &Path) -> Result<()> {
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
        self.put_facts(file)?;
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
        let Totals { loss, weight, correct, judged, seconds, lr } = self.totals;
        let totals = [loss, weight, correct as f64, judged as f64, seconds, lr.into()];
        file.put("run.totals", &[totals.len()], &totals);
        let rows: Vec<[f64; COLUMNS]> = self.history.epochs.iter().map(row).collect();
        file.put("run.history", &[rows.len(), COLUMNS], rows.as_flattened());
        Ok(())
    }
}
