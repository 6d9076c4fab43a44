//! The recipe of a run: the settings and the data that its bits depend on, as text.
//!
//! A checkpoint keeps it, and a run that is resumed compares it with its own.

use std::fmt;

use flate2::Crc;

use super::Trainer;
use crate::data::{Dataset, Target};
use crate::error::Result;
use crate::optim::schedule::{Progress, Schedule};
use crate::optim::{ParamGroup, ParamInfo};
use crate::sequential::Sequential;
use crate::shape;

/// A part of a run's recipe that may change when the run is resumed, if
/// [`Trainer::allow_change`] names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// The loss.
    Loss,
    /// The optimizer or a setting of it, such as the learning rate. One of another kind, or with other
    /// moments, starts with moments of 0.
    Optimizer,
    /// The schedule of the learning rate.
    Schedule,
    /// The number of epochs, where the schedule or the average depends on it. Elsewhere it may change
    /// without being named.
    Epochs,
    /// The limit to the gradient.
    Clip,
    /// The settings of parameter groups.
    Groups,
    /// The augmentation.
    Augment,
    /// The training set, between two epochs.
    Data,
    /// The validation set.
    Validation,
}

impl Change {
    pub(super) const ALL: [Change; 9] = [
        Change::Loss,
        Change::Optimizer,
        Change::Schedule,
        Change::Epochs,
        Change::Clip,
        Change::Groups,
        Change::Augment,
        Change::Data,
        Change::Validation,
    ];

    /// Name of the part in errors and in checkpoints.
    pub(super) fn name(self) -> &'static str {
        match self {
            Change::Loss => "loss",
            Change::Optimizer => "optimizer",
            Change::Schedule => "schedule",
            Change::Epochs => "number of epochs",
            Change::Clip => "clipping",
            Change::Groups => "parameter groups",
            Change::Augment => "augmentation",
            Change::Data => "training set",
            Change::Validation => "validation set",
        }
    }
}

/// A value for each part of the recipe.
pub(super) struct Recipe([String; Change::ALL.len()]);

impl Recipe {
    /// Describes a run.
    ///
    /// # Errors
    ///
    /// Those of [`Dataset::input`].
    pub fn of(trainer: &Trainer<'_>, model: &Sequential, data: &dyn Dataset) -> Result<Self> {
        let mut values = Change::ALL.map(|_| String::new());
        for (value, part) in values.iter_mut().zip(Change::ALL) {
            *value = match part {
                Change::Loss => format!("{:?}", trainer.loss),
                Change::Optimizer => format!("{:?}", trainer.optimizer),
                Change::Schedule => format!("{:?}", trainer.schedule),
                Change::Epochs => trainer.epochs.to_string(),
                Change::Clip => or_none(trainer.clip.as_ref()),
                Change::Groups => groups(&trainer.groups, model),
                Change::Augment => or_none(trainer.augment.as_ref()),
                Change::Data => contents(data)?,
                Change::Validation => trainer.validation.map_or(Ok("none".into()), contents)?,
            };
        }
        Ok(Recipe(values))
    }

    /// Returns the parts and their values.
    pub fn parts(&self) -> impl Iterator<Item = (Change, &str)> {
        Change::ALL.into_iter().zip(self.0.iter().map(String::as_str))
    }
}

/// Returns whether a schedule gives other rates in a run of another number of epochs, at the beginnings
/// of epochs that both have. Results of epochs are left out.
pub(super) fn depends_on_epochs(schedule: &dyn Schedule, epochs: usize, others: usize) -> bool {
    const POINTS: u128 = 64;
    let both = epochs.min(others) as u128;
    (0..POINTS.min(both)).any(|point| {
        let epoch = (point * both / POINTS.min(both)) as usize;
        let factor = |epochs| schedule.factor(&Progress::new(epoch, epochs));
        factor(epochs).to_bits() != factor(others).to_bits()
    })
}

fn or_none(value: Option<&impl fmt::Debug>) -> String {
    value.map_or("none".into(), |value| format!("{value:?}"))
}

/// Lists the parameter arrays with settings of their own.
fn groups(groups: &[ParamGroup], model: &Sequential) -> String {
    let mut changed = Vec::new();
    for layer in model.layers() {
        for param in layer.params() {
            let (layer, layer_name) = (layer.index(), layer.name());
            let (name, shape) = (param.name, param.values.shape());
            let settings =
                ParamGroup::settings(groups, &ParamInfo { layer, layer_name, name, shape });
            if !settings.is_usual() {
                changed.push(format!("{layer}.{name} {settings:?}"));
            }
        }
    }
    if changed.is_empty() { "none".into() } else { changed.join(", ") }
}

/// Describes a data set: its size, and a checksum of its targets and of up to 64 inputs.
fn contents(data: &dyn Dataset) -> Result<String> {
    const INPUTS: usize = 64;
    let mut crc = Crc::new();
    for index in 0..data.len() {
        match data.target(index) {
            Target::Class(class) => crc.update(&(class as u64).to_le_bytes()),
            Target::Classes(classes) => {
                crc.update(&(classes.len() as u64).to_le_bytes());
                classes.iter().for_each(|&class| crc.update(&(class as u64).to_le_bytes()));
            }
            Target::Values(values) => values.iter().for_each(|v| crc.update(&v.to_le_bytes())),
        }
    }
    let shape = data.input_shape();
    let mut x = vec![0.0f32; shape::len(&shape)];
    for index in (0..data.len()).step_by(data.len().div_ceil(INPUTS).max(1)) {
        data.input(index, &mut x)?;
        x.iter().for_each(|x| crc.update(&x.to_le_bytes()));
    }
    let (n, inputs, targets) = (data.len(), shape::label(&shape), data.target_kind());
    Ok(format!("{n} samples of {inputs}, {targets:?}, checksum {:08x}", crc.sum()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optim::schedule::{Constant, Cosine, ReduceOnPlateau, StepDecay, Warmup};

    #[test]
    fn schedules_by_share_depend_on_the_number_of_epochs_and_staircases_do_not() {
        for (epochs, others) in [(4, 8), (8, 4), (1000, 1001), (usize::MAX, 2)] {
            assert!(depends_on_epochs(&Cosine::new(0.0), epochs, others));
            assert!(depends_on_epochs(&Warmup::new(0.5), epochs, others));
            assert!(!depends_on_epochs(&Constant, epochs, others));
            assert!(!depends_on_epochs(&StepDecay::new(2, 0.5), epochs, others));
            assert!(!depends_on_epochs(&ReduceOnPlateau::new(0.1, 3), epochs, others));
        }
    }
}
