//! What a model learns from: numbered samples, each an input and a target.

use ndarray::ArrayD;

use crate::error::{DataError, Result};
use crate::shape::{LIMIT, checked_len};

/// What one sample should have given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target<'a> {
    /// The number of a class.
    Class(usize),
    /// The number of a class for each step of a sequence, or [`Target::IGNORED`]: steps after the last of them
    /// do not count. Or the labels of a string, for [`Ctc`](crate::loss::Ctc).
    Classes(&'a [usize]),
    /// Values, such as a distribution over classes or the numbers to be regressed.
    Values(&'a [f32]),
}

/// What all targets of a data set are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetKind {
    /// One of this many classes.
    Classes(usize),
    /// A class for each step of a sequence, or a string of classes: the loss decides.
    Sequences {
        /// Number of classes.
        classes: usize,
        /// Largest number of targets of a sample.
        longest: usize,
    },
    /// This many values.
    Values(usize),
}

impl<'a> Target<'a> {
    /// Target of a step that does not count: padding, or a part of a sequence that is given.
    pub const IGNORED: usize = usize::MAX;

    /// The classes of the steps, or of the string; none for other targets.
    pub(crate) fn classes(&self) -> &'a [usize] {
        match *self {
            Target::Classes(classes) => classes,
            _ => &[],
        }
    }
}

impl TargetKind {
    /// Whether accuracy has a meaning.
    pub fn is_classes(&self) -> bool {
        !matches!(self, TargetKind::Values(_))
    }
}

/// Samples by number. Implement it to train on data of your own.
///
/// The trainer asks for samples in a shuffled order and from several threads, a few at a time,
/// so a data set is never copied as a whole, and may keep its samples in any form: pixels stay
/// bytes until a batch is made.
///
/// ```
/// use chainrule::prelude::*;
///
/// /// Learn to tell whether a number is above one half.
/// struct Halves(Vec<f32>);
///
/// impl Dataset for Halves {
///     fn len(&self) -> usize {
///         self.0.len()
///     }
///     fn input_shape(&self) -> Vec<usize> {
///         vec![1]
///     }
///     fn target_kind(&self) -> TargetKind {
///         TargetKind::Classes(2)
///     }
///     fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
///         x[0] = self.0[index];
///         Ok(())
///     }
///     fn target(&self, index: usize) -> Target<'_> {
///         Target::Class((self.0[index] > 0.5) as usize)
///     }
/// }
///
/// let data = Halves((0..100).map(|i| i as f32 / 100.0).collect());
/// let mut model = Sequential::new([1]).add(Dense::new(2))?;
/// Trainer::new(SoftmaxCrossEntropy, Adam::new(0.1)).epochs(50).fit(&mut model, &data)?;
/// assert!(model.evaluate(&data, &SoftmaxCrossEntropy)?.accuracy.unwrap() > 0.9);
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// # A set larger than memory
///
/// Inputs may stay where they are until they are wanted. Only their names and the targets are in
/// memory here, and a file that cannot be read ends the run with an error that names it:
///
/// ```
/// use std::path::{Path, PathBuf};
///
/// use chainrule::prelude::*;
///
/// /// Sounds of 8000 bytes, each in a file of its own.
/// struct Sounds {
///     files: Vec<(PathBuf, usize)>,
/// }
///
/// fn read(path: &Path, x: &mut [f32]) -> std::io::Result<()> {
///     let bytes = std::fs::read(path)?;
///     if bytes.len() != x.len() {
///         return Err(std::io::Error::other(format!("{} has {} bytes", path.display(), bytes.len())));
///     }
///     for (x, byte) in x.iter_mut().zip(bytes) {
///         *x = f32::from(byte) / 128.0 - 1.0;
///     }
///     Ok(())
/// }
///
/// impl Dataset for Sounds {
///     fn len(&self) -> usize {
///         self.files.len()
///     }
///     fn input_shape(&self) -> Vec<usize> {
///         vec![8000, 1]
///     }
///     fn target_kind(&self) -> TargetKind {
///         TargetKind::Classes(2)
///     }
///     fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
///         let sound = read(&self.files[index].0, x);
///         Ok(sound.map_err(|error| DataError::Sample { index, source: Box::new(error) })?)
///     }
///     fn target(&self, index: usize) -> Target<'_> {
///         Target::Class(self.files[index].1)
///     }
/// }
///
/// let sounds = Sounds { files: vec![("missing.raw".into(), 0)] };
/// assert!(inputs(&sounds, &[0]).unwrap_err().to_string().starts_with("sample 0 cannot be read"));
/// ```
///
/// Batches of such a set are read ahead on threads of their own, in the same order for any number
/// of them: [`in_memory`](Dataset::in_memory) is false unless it says otherwise.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a data set",
    label = "not a data set",
    note = "take one of `chainrule::data`, such as `Arrays::new(inputs, targets)` for arrays in memory, or \
            implement `Dataset` for it"
)]
pub trait Dataset: Sync {
    /// How many samples there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shape of one input.
    fn input_shape(&self) -> Vec<usize>;

    /// What the targets are.
    fn target_kind(&self) -> TargetKind;

    /// Names of the classes by their numbers, for tables and reports; empty where they have none.
    fn class_names(&self) -> &[String] {
        &[]
    }

    /// Writes input `index` (below `len`) to `x`, in row-major order.
    ///
    /// # Errors
    ///
    /// For inputs that are read only now, such as from a file: [`DataError::Sample`], or what the
    /// reader says. Training then stops, and keeps the parameters of the last whole step.
    fn input(&self, index: usize, x: &mut [f32]) -> Result<()>;

    /// Number of steps of input `index` that are no padding, at least 1: steps are the first axis of the shape.
    /// `None`, unless it says otherwise, for inputs without padding. Lengths are asked for often: keep them in
    /// memory.
    ///
    /// Padding has no influence: see [`Lengths`](crate::layer::Lengths).
    fn sequence_length(&self, _index: usize) -> Option<usize> {
        None
    }

    /// Whether an input costs no more than a copy. If not, the trainer has batches read ahead, on
    /// threads of their own, while the ones before them train.
    fn in_memory(&self) -> bool {
        false
    }

    /// The target of input `index`: of the kind that [`Dataset::target_kind`] tells. Targets are
    /// small, and asked for often: keep them in memory.
    fn target(&self, index: usize) -> Target<'_>;
}

/// The inputs with these numbers as one batch (n, input..), such as to predict from.
///
/// ```
/// use chainrule::prelude::*;
///
/// let digits = Mnist::sample().test;
/// assert_eq!(inputs(&digits, &[0, 7])?.shape(), [2, 28, 28, 1]);
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`Dataset::input`], and [`DataError::TooManyNumbers`] where memory has no room for the
/// batch.
///
/// # Panics
///
/// If a number is not below the data set's length, as indexing a slice does.
pub fn inputs(data: &dyn Dataset, indices: &[usize]) -> Result<ArrayD<f32>> {
    load(data, indices.iter().copied())
}

/// Loads the inputs with these numbers as one batch.
pub(super) fn load(
    data: &dyn Dataset,
    indices: impl ExactSizeIterator<Item = usize>,
) -> Result<ArrayD<f32>> {
    let (samples, shape) = (indices.len(), data.input_shape());
    let too_many = || DataError::TooManyNumbers { samples, shape: shape.clone() };
    let size = input_len(data)?;
    let len = samples.checked_mul(size).ok_or_else(too_many)?;
    let mut x = Vec::new();
    x.try_reserve_exact(len).map_err(|_| too_many())?;
    x.resize(len, 0.0);
    for (x, index) in x.chunks_mut(size.max(1)).zip(indices) {
        data.input(index, x)?;
    }
    let batch = [&[samples], &shape[..]].concat();
    Ok(ArrayD::from_shape_vec(batch, x).map_err(|_| too_many())?)
}

/// Number of values of an input that are no padding, of `size` in all.
pub(crate) fn counted(data: &dyn Dataset, index: usize, size: usize) -> usize {
    let steps = data.input_shape().first().map_or(1, |&steps| steps.max(1));
    data.sequence_length(index).map_or(size, |length| length.min(steps) * (size / steps))
}

/// Number of values of an input, or a refusal of a shape that no model takes.
pub(super) fn input_len(data: &dyn Dataset) -> Result<usize, DataError> {
    let shape = data.input_shape();
    match checked_len(&shape) {
        Some(len) if len <= LIMIT => Ok(len),
        _ => Err(DataError::TooManyNumbers { samples: 1, shape }),
    }
}
