//! Targets in memory: the class of each sample, or its values.

use super::{Target, TargetKind};

/// The targets of all samples of a data set.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Targets {
    Classes {
        /// The class of each sample, below `classes`.
        numbers: Vec<usize>,
        classes: usize,
        /// One for each class, or none.
        names: Vec<String>,
    },
    Values {
        /// Number of values of each sample.
        each: usize,
        /// Sample by sample.
        values: Vec<f32>,
    },
}

impl Targets {
    pub fn kind(&self) -> TargetKind {
        match *self {
            Targets::Classes { classes, .. } => TargetKind::Classes(classes),
            Targets::Values { each, .. } => TargetKind::Values(each),
        }
    }

    /// Names of the classes; empty where there are none.
    pub fn names(&self) -> &[String] {
        match self {
            Targets::Classes { names, .. } => names,
            Targets::Values { .. } => &[],
        }
    }

    /// Returns the target of a sample.
    pub fn get(&self, index: usize) -> Target<'_> {
        match self {
            Targets::Classes { numbers, .. } => Target::Class(numbers[index]),
            Targets::Values { each, values } => Target::Values(&values[index * each..][..*each]),
        }
    }
}
