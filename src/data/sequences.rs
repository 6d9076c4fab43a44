//! Sequences of different lengths in memory: of features, or of tokens.

use super::{Dataset, SequenceInput, Target, TargetKind};
use crate::error::{DataError, Result};

/// Sequences of any lengths, whose steps are features, (steps, features), or tokens, (steps): each is padded up to
/// the longest when a batch wants it.
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
///
/// // Tokens, for an `Embedding`.
/// let words = Sequences::with_classes(vec![vec![7, 4, 11], vec![0, 13]], vec![0, 1], 2)?;
/// assert_eq!(words.input_shape(), [3]); // steps
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sequences {
    inputs: Vec<Vec<f32>>,
    /// Number of steps of the longest.
    longest: usize,
    /// Number of features of a step; `None` for tokens.
    features: Option<usize>,
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
    /// Sequences with a class below `classes` for each.
    ///
    /// # Errors
    ///
    /// [`DataError::TargetCount`] unless there is one target for each sequence, [`DataError::EmptySequence`] and
    /// [`DataError::SequenceFeatures`] for one without steps or with another number of features, and
    /// [`DataError::LabelRange`] for a number that is no class.
    pub fn with_classes(
        inputs: Vec<impl SequenceInput>,
        targets: Vec<usize>,
        classes: usize,
    ) -> Result<Self> {
        check_count(inputs.len(), targets.len())?;
        for (index, &label) in targets.iter().enumerate() {
            check_class(index, label, classes)?;
        }
        Self::of(inputs, Targets::Whole(targets), classes)
    }

    /// Sequences with a class below `classes` for each step, or [`Target::IGNORED`]. Steps
    /// after the last target do not count.
    ///
    /// # Errors
    ///
    /// Those of [`Sequences::with_classes`], and [`DataError::SequenceTargets`] for more targets than steps.
    pub fn with_steps(
        inputs: Vec<impl SequenceInput>,
        targets: Vec<Vec<usize>>,
        classes: usize,
    ) -> Result<Self> {
        check_count(inputs.len(), targets.len())?;
        for (index, (input, targets)) in inputs.iter().zip(&targets).enumerate() {
            let (steps, targets_len) = (input.steps(), targets.len());
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

    /// Sequences with a string of classes below `classes` for each, for
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
        inputs: Vec<impl SequenceInput>,
        strings: Vec<Vec<usize>>,
        classes: usize,
    ) -> Result<Self> {
        check_count(inputs.len(), strings.len())?;
        for (index, string) in strings.iter().enumerate() {
            string.iter().try_for_each(|&label| check_class(index, label, classes))?;
        }
        Self::of(inputs, Targets::Strings(strings), classes)
    }

    fn of(inputs: Vec<impl SequenceInput>, targets: Targets, classes: usize) -> Result<Self> {
        let features = inputs.first().and_then(SequenceInput::features);
        for (index, input) in inputs.iter().enumerate() {
            if input.steps() == 0 || input.features() == Some(0) {
                return Err(DataError::EmptySequence { index }.into());
            }
            if let (Some(wanted), Some(came)) = (features, input.features())
                && wanted != came
            {
                return Err(DataError::SequenceFeatures { index, wanted, came }.into());
            }
        }
        let longest = inputs.iter().map(SequenceInput::steps).max().unwrap_or(0);
        let inputs = inputs.into_iter().map(SequenceInput::into_numbers).collect();
        Ok(Sequences { inputs, longest, features, classes, targets })
    }

    /// Number of steps of a sequence.
    fn steps(&self, index: usize) -> usize {
        self.inputs[index].len() / self.features.unwrap_or(1)
    }

    /// Pads all sequences up to `steps`, for a model that takes longer ones. Each keeps its length.
    ///
    /// # Errors
    ///
    /// [`DataError::SequenceTooLong`] for a sequence of more steps.
    pub fn padded(self, steps: usize) -> Result<Self> {
        match (0..self.inputs.len()).find(|&index| self.steps(index) > steps) {
            Some(index) => {
                let came = self.steps(index);
                Err(DataError::SequenceTooLong { index, steps, came }.into())
            }
            None => Ok(Sequences { longest: steps, ..self }),
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
        std::iter::once(self.longest).chain(self.features).collect()
    }

    fn target_kind(&self) -> TargetKind {
        match &self.targets {
            Targets::Whole(_) => TargetKind::Classes(self.classes),
            Targets::Steps(_) => {
                TargetKind::Sequences { classes: self.classes, longest: self.longest }
            }
            Targets::Strings(strings) => {
                let longest = strings.iter().map(Vec::len).max().unwrap_or(0);
                TargetKind::Sequences { classes: self.classes, longest }
            }
        }
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        let input = &self.inputs[index];
        x[..input.len()].copy_from_slice(input);
        x[input.len()..].fill(0.0);
        Ok(())
    }

    fn sequence_length(&self, index: usize) -> Option<usize> {
        Some(self.steps(index))
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
