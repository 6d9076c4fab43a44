//! Sequences of different lengths in memory.

use ndarray::Array2;

use super::{Dataset, Target, TargetKind};
use crate::error::{DataError, Result};

/// Sequences of steps of features, of any lengths: each is padded up to the longest when a batch wants it.
///
/// ```
/// use chainrule::data::Sequences;
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let walks = vec![array![[1.0, 0.0], [0.0, 1.0]], array![[0.0, -1.0]]];
/// let data = Sequences::with_steps(walks, vec![vec![0, 1], vec![1]], 2)?;
/// assert_eq!(data.input_shape(), [2, 2]); // steps, features
/// assert_eq!((data.sequence_length(0), data.sequence_length(1)), (Some(2), Some(1)));
/// assert_eq!(data.target(1), Target::Classes(&[1]));
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sequences {
    inputs: Vec<Array2<f32>>,
    /// Number of steps of the longest, and number of features.
    shape: [usize; 2],
    classes: usize,
    targets: Targets,
}

/// Targets of sequences.
#[derive(Debug, Clone)]
enum Targets {
    /// A class for each sequence.
    Whole(Vec<usize>),
    /// A class for each step, or [`Target::IGNORED`].
    Steps(Vec<Vec<usize>>),
    /// A string for each sequence, of any length.
    Strings(Vec<Vec<usize>>),
}

impl Sequences {
    /// Sequences (steps, features) with a class below `classes` for each.
    ///
    /// # Errors
    ///
    /// [`DataError::TargetCount`] unless there is one target for each sequence, [`DataError::EmptySequence`] and
    /// [`DataError::SequenceFeatures`] for one without steps or with another number of features, and
    /// [`DataError::LabelRange`] for a number that is no class.
    pub fn with_classes(
        inputs: Vec<Array2<f32>>,
        targets: Vec<usize>,
        classes: usize,
    ) -> Result<Self> {
        check_count(inputs.len(), targets.len())?;
        for (index, &label) in targets.iter().enumerate() {
            check_class(index, label, classes)?;
        }
        Self::of(inputs, Targets::Whole(targets), classes)
    }

    /// Sequences (steps, features) with a class below `classes` for each step, or [`Target::IGNORED`]. Steps
    /// after the last target do not count.
    ///
    /// # Errors
    ///
    /// Those of [`Sequences::with_classes`], and [`DataError::SequenceTargets`] for more targets than steps.
    pub fn with_steps(
        inputs: Vec<Array2<f32>>,
        targets: Vec<Vec<usize>>,
        classes: usize,
    ) -> Result<Self> {
        check_count(inputs.len(), targets.len())?;
        for (index, (input, targets)) in inputs.iter().zip(&targets).enumerate() {
            let (steps, targets_len) = (input.nrows(), targets.len());
            if targets_len > steps {
                return Err(
                    DataError::SequenceTargets { index, steps, targets: targets_len }.into()
                );
            }
            let counted = targets.iter().filter(|class| **class != Target::IGNORED);
            counted.into_iter().try_for_each(|&label| check_class(index, label, classes))?;
        }
        Self::of(inputs, Targets::Steps(targets), classes)
    }

    /// Sequences (steps, features) with a string of classes below `classes` for each, for
    /// [`Ctc`](crate::loss::Ctc). A string may be empty.
    ///
    /// ```
    /// use chainrule::data::Sequences;
    /// use chainrule::prelude::*;
    /// use ndarray::Array2;
    ///
    /// let words = vec![Array2::zeros((9, 4)), Array2::zeros((5, 4))];
    /// let data = Sequences::with_strings(words, vec![vec![2, 0, 0], vec![1]], 3)?;
    /// assert_eq!(data.target_kind(), TargetKind::Sequences { classes: 3, longest: 3 });
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Sequences::with_classes`]. The loss refuses a string for which a model gives too few steps.
    pub fn with_strings(
        inputs: Vec<Array2<f32>>,
        strings: Vec<Vec<usize>>,
        classes: usize,
    ) -> Result<Self> {
        check_count(inputs.len(), strings.len())?;
        for (index, string) in strings.iter().enumerate() {
            string.iter().try_for_each(|&label| check_class(index, label, classes))?;
        }
        Self::of(inputs, Targets::Strings(strings), classes)
    }

    fn of(inputs: Vec<Array2<f32>>, targets: Targets, classes: usize) -> Result<Self> {
        let features = inputs.first().map_or(0, |first| first.ncols());
        for (index, input) in inputs.iter().enumerate() {
            if input.is_empty() {
                return Err(DataError::EmptySequence { index }.into());
            }
            if input.ncols() != features {
                let came = input.ncols();
                return Err(DataError::SequenceFeatures { index, wanted: features, came }.into());
            }
        }
        let steps = inputs.iter().map(|input| input.nrows()).max().unwrap_or(0);
        Ok(Sequences { inputs, shape: [steps, features], classes, targets })
    }

    /// Pads all sequences up to `steps`, for a model that takes longer ones. Each keeps its length.
    ///
    /// # Errors
    ///
    /// [`DataError::SequenceTooLong`] for a sequence of more steps.
    pub fn padded(self, steps: usize) -> Result<Self> {
        match self.inputs.iter().position(|input| input.nrows() > steps) {
            Some(index) => {
                let came = self.inputs[index].nrows();
                Err(DataError::SequenceTooLong { index, steps, came }.into())
            }
            None => Ok(Sequences { shape: [steps, self.shape[1]], ..self }),
        }
    }
}

fn check_count(inputs: usize, targets: usize) -> Result<(), DataError> {
    if inputs == targets { Ok(()) } else { Err(DataError::TargetCount { inputs, targets }) }
}

fn check_class(index: usize, label: usize, classes: usize) -> Result<(), DataError> {
    if label < classes { Ok(()) } else { Err(DataError::LabelRange { index, label, classes }) }
}

impl Dataset for Sequences {
    fn len(&self) -> usize {
        self.inputs.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        self.shape.to_vec()
    }

    fn target_kind(&self) -> TargetKind {
        match &self.targets {
            Targets::Whole(_) => TargetKind::Classes(self.classes),
            Targets::Steps(_) => {
                TargetKind::Sequences { classes: self.classes, longest: self.shape[0] }
            }
            Targets::Strings(strings) => {
                let longest = strings.iter().map(Vec::len).max().unwrap_or(0);
                TargetKind::Sequences { classes: self.classes, longest }
            }
        }
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        let input = &self.inputs[index];
        x.iter_mut().zip(input).for_each(|(x, &value)| *x = value);
        x[input.len()..].fill(0.0);
        Ok(())
    }

    fn sequence_length(&self, index: usize) -> Option<usize> {
        Some(self.inputs[index].nrows())
    }

    fn in_memory(&self) -> bool {
        true
    }

    fn target(&self, index: usize) -> Target<'_> {
        match &self.targets {
            Targets::Whole(classes) => Target::Class(classes[index]),
            Targets::Steps(all) | Targets::Strings(all) => Target::Classes(&all[index]),
        }
    }
}
