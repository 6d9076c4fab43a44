//! The classes of a data set, numbered as a model numbers them.

use super::class_names::position;
use super::{Dataset, Target, TargetKind};
use crate::error::{Result, TrainError};

/// A view of a data set whose classes have the numbers that a model gives to classes of these names.
///
/// Classes are matched by number if one side has no names.
#[derive(Clone)]
pub(crate) struct ByName<'a> {
    data: &'a dyn Dataset,
    names: &'a [String],
    /// The model's number of each class of the data set.
    numbers: Vec<usize>,
    /// The targets of sequences, with the model's numbers.
    sequences: Vec<Vec<usize>>,
}

impl<'a> ByName<'a> {
    /// Matches the classes of a data set by name. It may lack some of the model's classes.
    ///
    /// # Errors
    ///
    /// [`TrainError::UnknownClass`] for a class that the model does not have, and
    /// [`TrainError::ClassNames`] for a data set whose names are not one for each class.
    pub fn new(data: &'a dyn Dataset, names: &'a [String], which: &'static str) -> Result<Self> {
        let own = data.class_names();
        if let TargetKind::Classes(classes) | TargetKind::Sequences { classes, .. } =
            data.target_kind()
            && !own.is_empty()
            && own.len() != classes
        {
            return Err(TrainError::ClassNames { which, names: own.len(), classes }.into());
        }
        let number = |class: &String| {
            position(names, class).ok_or_else(|| {
                let (class, wanted, came) = (class.clone(), names.to_vec(), own.to_vec());
                TrainError::UnknownClass { which, class, wanted, came }
            })
        };
        let numbers: Vec<usize> = match names.is_empty() || own == names {
            true => Vec::new(),
            false => own.iter().map(number).collect::<Result<_, _>>()?,
        };
        let renamed = |index: usize| match data.target(index) {
            Target::Classes(classes) => {
                classes.iter().map(|&class| renumber(&numbers, class)).collect()
            }
            _ => Vec::new(),
        };
        let sequences = match data.target_kind() {
            TargetKind::Sequences { .. } if !numbers.is_empty() => {
                (0..data.len()).map(renamed).collect()
            }
            _ => Vec::new(),
        };
        Ok(ByName { data, names, numbers, sequences })
    }

    /// Returns the data set with the model's numbers.
    pub fn dataset(&self) -> &dyn Dataset {
        if self.numbers.is_empty() { self.data } else { self }
    }
}

impl Dataset for ByName<'_> {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        self.data.input_shape()
    }

    fn target_kind(&self) -> TargetKind {
        match self.data.target_kind() {
            TargetKind::Sequences { longest, .. } => {
                TargetKind::Sequences { classes: self.names.len(), longest }
            }
            _ => TargetKind::Classes(self.names.len()),
        }
    }

    fn class_names(&self) -> &[String] {
        self.names
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        self.data.input(index, x)
    }

    fn in_memory(&self) -> bool {
        self.data.in_memory()
    }

    fn sequence_length(&self, index: usize) -> Option<usize> {
        self.data.sequence_length(index)
    }

    fn target(&self, index: usize) -> Target<'_> {
        match self.data.target(index) {
            Target::Class(class) => Target::Class(renumber(&self.numbers, class)),
            Target::Classes(_) => Target::Classes(&self.sequences[index]),
            values => values,
        }
    }
}

/// The model's number of a class. One that the data set does not announce has none; a step that is ignored
/// stays so.
fn renumber(numbers: &[usize], class: usize) -> usize {
    let unknown = if class == Target::IGNORED { Target::IGNORED } else { usize::MAX - 1 };
    numbers.get(class).copied().unwrap_or(unknown)
}
