//! The facts by which a run recognizes a checkpoint of its own.

use crate::error::{FileError, Result};
use crate::file::tensors::Tensors;
use crate::sequential::file::weights;
use crate::text::shortened;
use crate::trainer::recipe::{Change, depends_on_epochs};
use crate::trainer::{Run, Trainer};

/// Largest number of characters of a setting in an error.
const SHOWN: usize = 300;

const NO_CHECKPOINT: &str = "resume from a file that `Checkpoints` has written";
const NEVER: &str =
    "resume with the same, or begin a new run with the weights of the file, by `load_weights`";

impl Run<'_> {
    /// Facts that must be the same when the run is resumed, and that cannot be allowed to change.
    fn facts(&self) -> [(&'static str, String); 7] {
        let averaged = self.average.as_ref().map_or(0, |average| average.state().0.len());
        let layers: Vec<String> = self.model.layers().map(|layer| layer.signature()).collect();
        let Trainer { seed, accumulate, shuffle, bucket, .. } = self.trainer;
        let buckets = bucket.map_or(String::new(), |n| format!(", in buckets of {n} batches"));
        [
            ("seed", seed.to_string()),
            ("batch size", self.batch_size().to_string()),
            ("number of accumulated batches", accumulate.to_string()),
            ("shuffling", format!("{shuffle}{buckets}")),
            ("number of parameters", self.model.param_count().to_string()),
            ("number of averaged parameters", averaged.to_string()),
            ("layers", layers.join(", ")),
        ]
    }

    /// Adds what a resumed run is compared with.
    pub(super) fn put_facts(&self, file: &mut Tensors) -> Result<()> {
        for (name, value) in self.facts() {
            file.put_fact(name, value);
        }
        for (part, value) in self.recipe()?.parts() {
            file.put_fact(part.name(), value);
        }
        Ok(())
    }

    /// Refuses the checkpoint of another run. Returns the parts of the recipe that have changed, as
    /// they are allowed to.
    pub(super) fn check_same(&self, file: &Tensors) -> Result<Vec<Change>> {
        let refuse = |fact, wanted: &str, came: &str, fix: String| {
            let [wanted, came] = [wanted, came].map(|value| shortened(value, SHOWN).into());
            let (path, fix) = (file.path().into(), fix.into());
            Err(FileError::OtherRun { path, fact, wanted, came, fix }.into())
        };
        for (fact, wanted) in self.facts() {
            let came = file.required_fact(fact, NO_CHECKPOINT)?;
            if wanted != came {
                return refuse(fact, &wanted, came, NEVER.to_string());
            }
        }
        let (wanted, came) = (self.model.class_names(), weights::class_names(file)?);
        if wanted != came {
            let fix = "give the data set the classes of the checkpoint, in their order".to_string();
            return refuse("classes", &wanted.join(", "), &came.join(", "), fix);
        }
        let mut changed = Vec::new();
        for (part, wanted) in self.recipe()?.parts() {
            let came = file.required_fact(part.name(), NO_CHECKPOINT)?;
            if wanted == came || (part == Change::Epochs && !self.depends_on_epochs(file)?) {
                continue;
            }
            if !self.trainer.changes.contains(&part) {
                let fix = format!(
                    "resume with the same, or allow it with `.allow_change(Change::{part:?})`"
                );
                return refuse(part.name(), wanted, came, fix);
            }
            if part == Change::Data && number(file, "batch")? > 0 {
                let fix = "other data can be trained on only between two epochs: resume from a \
                           checkpoint at the end of one";
                return refuse(part.name(), wanted, came, fix.to_string());
            }
            changed.push(part);
        }
        Ok(changed)
    }

    /// Returns whether the checkpoint is of an optimizer of the same name.
    pub(super) fn has_kind_of_optimizer(&self, file: &Tensors) -> Result<bool> {
        let kind = |text: &str| {
            let name = text.split(|c: char| !c.is_alphanumeric()).next();
            name.unwrap_or_default().to_string()
        };
        let before = file.required_fact(Change::Optimizer.name(), NO_CHECKPOINT)?;
        Ok(kind(before) == kind(&format!("{:?}", self.trainer.optimizer)))
    }

    /// Returns whether the run would go another way than the checkpoint's, since that has another
    /// number of epochs.
    fn depends_on_epochs(&self, file: &Tensors) -> Result<bool> {
        let before = file.required_fact(Change::Epochs.name(), NO_CHECKPOINT)?;
        // Any number is one, for a run that is to be stopped.
        let before = before.parse().unwrap_or(usize::MAX);
        let Trainer { schedule, epochs, average, .. } = self.trainer;
        let by_average = average.is_some_and(|average| average.depends_on_epochs());
        Ok(by_average || depends_on_epochs(&**schedule, *epochs, before))
    }
}

/// Reads a fact that is a number of things that a run has counted.
pub(super) fn number(file: &Tensors, fact: &str) -> Result<u64, FileError> {
    const MOST: u64 = 1 << 48;
    let text = file.required_fact(fact, NO_CHECKPOINT)?;
    text.parse().ok().filter(|&count| count < MOST).ok_or_else(|| FileError::BadFact {
        path: file.path().into(),
        key: fact.to_string(),
        reason: format!("it is {text:?}, and no run can count that"),
    })
}
