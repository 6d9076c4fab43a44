//! Checks of a trainer's settings and data, and its threads.

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::Trainer;
use crate::data::{ByName, Dataset};
use crate::error::{Result, TrainError};
use crate::optim::ParamGroup;
use crate::sequential::{Sequential, check_data};

impl Trainer<'_> {
    /// Refuses settings without meaning, and data that is empty or does not fit the model.
    pub(super) fn check(&self, model: &Sequential, data: &dyn Dataset) -> Result<()> {
        self.check_settings(model)?;
        let names = match model.class_names() {
            [] => data.class_names(),
            names => names,
        };
        let check = |data, which| {
            let by_name = ByName::new(data, names, which)?;
            check_data(model, by_name.dataset(), &*self.loss, which)
        };
        check(data, "training")?;
        self.validation.map_or(Ok(()), |data| check(data, "validation"))
    }

    /// Refuses settings without meaning.
    pub(super) fn check_settings(&self, model: &Sequential) -> Result<()> {
        for (setting, value, range, wanted) in [
            ("the number of epochs", self.epochs, 1..=usize::MAX, "at least 1"),
            ("the batch size", self.batch_size, 1..=usize::MAX, "at least 1"),
            ("the number of batches of a step", self.accumulate, 1..=usize::MAX, "at least 1"),
            (
                "the number of batches of a bucket",
                self.bucket.unwrap_or(1),
                1..=usize::MAX,
                "at least 1",
            ),
            ("the number of threads", self.threads.unwrap_or(1), 1..=1024, "1 to 1024"),
        ] {
            if !range.contains(&value) {
                let came = value.to_string();
                return Err(TrainError::Setting { setting, came, wanted }.into());
            }
        }
        self.optimizer.check()?;
        self.schedule.check()?;
        self.groups.iter().try_for_each(ParamGroup::check)?;
        self.clip.map_or(Ok(()), |clip| clip.check())?;
        self.average.map_or(Ok(()), |average| average.check())?;
        self.augment.as_ref().map_or(Ok(()), |augment| augment.check(model.input_shape()))?;
        model.check_not_empty()?;
        Ok(check_not_frozen(model)?)
    }

    /// Number of samples of a step; the last of an epoch may have fewer.
    pub(super) fn step_size(&self, data: &dyn Dataset) -> usize {
        self.batch_size.saturating_mul(self.accumulate).min(data.len())
    }

    /// Starts a pool of this number of threads. WebAssembly starts none: rayon does all on this thread, or on
    /// those that the page started.
    pub(super) fn pool(&self, threads: usize) -> Result<Option<ThreadPool>, TrainError> {
        if cfg!(target_family = "wasm") {
            return Ok(None);
        }
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        pool.map(Some).map_err(|error| TrainError::Threads { threads, reason: error.to_string() })
    }

    /// Does some work on the first thread of a pool of its own.
    pub(super) fn on_threads<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        match self.pool(self.threads.unwrap_or_else(rayon::current_num_threads))? {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

/// Refuses a model of which all that could learn is frozen.
fn check_not_frozen(model: &Sequential) -> Result<(), TrainError> {
    let (mut free, mut frozen) = (0, 0);
    for own in model.layers().flat_map(|layer| layer.params()).filter(|own| own.trainable) {
        *(if own.frozen { &mut frozen } else { &mut free }) += own.range.len();
    }
    if free == 0 && frozen > 0 { Err(TrainError::AllFrozen { params: frozen }) } else { Ok(()) }
}
