//! What can be wrong with files and data sets.

use std::path::PathBuf;

use thiserror::Error as ThisError;

use super::IdxError;
use super::system::Refusal;
use crate::shape::{LIMIT, label};

/// A data file or a data set is not what it should be.
///
/// Where a variant has a `path`, it is the file's, or the name that the caller gave to what was
/// read from memory.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum DataError {
    /// An IDX file is not what it should be.
    #[error(transparent)]
    Idx(#[from] IdxError),
    /// The operating system refused to read or write a file.
    #[error("{}", Refusal(path, source))]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason that the system gave.
        source: std::io::Error,
    },
    /// The directory of a data set does not exist.
    #[error(
        "{}: there is no such directory; run ./data-fetch.sh, which brings MNIST into data/, or give \
         the directory that has the files",
        dir.display()
    )]
    MissingFolder {
        /// The directory.
        dir: PathBuf,
    },
    /// A file came in the place of the directory of a data set.
    #[error("{}: this is a file; give the directory that has the files", dir.display())]
    NotFolder {
        /// The path.
        dir: PathBuf,
    },
    /// A directory lacks a file of a data set.
    #[error("{}: expected one of {}, but found none; {fix}", dir.display(), tried.join(", "))]
    MissingFile {
        /// The directory.
        dir: PathBuf,
        /// The spellings of the name that were tried.
        tried: Vec<String>,
        /// The fix.
        fix: &'static str,
    },
    /// A directory has the files of several data sets.
    #[error(
        "{}: expected the files of one data set, but found those of {}; choose one with \
         `Mnist::load_as`",
        dir.display(), found.join(", ")
    )]
    SeveralSets {
        /// The directory.
        dir: PathBuf,
        /// The names of the data sets.
        found: Vec<String>,
    },
    /// A label in a file is not one of its data set.
    #[error(
        "{}: expected labels from {first} to {last}, but label {index} is {label}; check that this \
         is the right file",
        path.display()
    )]
    FileLabel {
        /// The file.
        path: PathBuf,
        /// The position of the first such label.
        index: usize,
        /// The label.
        label: i32,
        /// The smallest label of the data set.
        first: usize,
        /// The largest label of the data set.
        last: usize,
    },
    /// A file does not list the classes of its data set.
    #[error("{}: {reason}", path.display())]
    Mapping {
        /// The file.
        path: PathBuf,
        /// The fault, and the fix.
        reason: String,
    },
    /// Two files are each well formed and yet make no data set.
    #[error("{} with {}: {source}", images.display(), labels.display())]
    Pair {
        /// The file of images.
        images: PathBuf,
        /// The file of labels.
        labels: PathBuf,
        /// What is wrong between them.
        source: Box<DataError>,
    },
    /// A data set would hold no image.
    #[error("expected at least one image, but found none")]
    NoImages,
    /// A data set would have no class.
    #[error("expected at least one class, but found 0; MNIST has 10")]
    NoClasses,
    /// Images would have no pixel.
    #[error(
        "expected images of at least 1×1 pixels and 1 channel, but found [h, w, c] = {found:?}"
    )]
    EmptyImages {
        /// Height, width and channels of every image.
        found: [usize; 3],
    },
    /// There is not one label for each image.
    #[error("expected {images} labels, one for each image, but found {labels}")]
    LabelCount {
        /// The number of images.
        images: usize,
        /// The number of labels.
        labels: usize,
    },
    /// A label is not the number of a class.
    #[error("expected labels below {classes}, the number of classes, but label {index} is {label}")]
    LabelRange {
        /// The position of the first such label.
        index: usize,
        /// The label.
        label: usize,
        /// The number of classes.
        classes: usize,
    },
    /// The number of names differs from the number of classes.
    #[error("expected a name for each of {classes} classes, but found {names} names")]
    ClassNames {
        /// The number of names.
        names: usize,
        /// The number of classes.
        classes: usize,
    },
    /// Two classes have one name.
    #[error("two classes are called `{name}`: give each class a name of its own")]
    SameName {
        /// The name.
        name: String,
    },
    /// Images to train on and images to test on differ in shape.
    #[error(
        "{}: expected test images of shape {train:?}, as in the training set, but found {test:?}",
        dir.display()
    )]
    ShapesDiffer {
        /// The directory that holds both.
        dir: PathBuf,
        /// Height, width and channels of the training images.
        train: [usize; 3],
        /// Height, width and channels of the test images.
        test: [usize; 3],
    },
    /// A caller asked for a part that the data set does not have.
    #[error("expected between 1 and {available} images to take, but {asked} were asked for")]
    TakeCount {
        /// The number asked for.
        asked: usize,
        /// The number of images in the set.
        available: usize,
    },
    /// A sample cannot be read when it is wanted. For data sets of your own, too.
    #[error("sample {index} cannot be read: {source}")]
    Sample {
        /// The number of the sample.
        index: usize,
        /// What stood in the way.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Arrays of samples hold no numbers.
    #[error("expected at least one sample of at least one number, but found {found}")]
    NoNumbers {
        /// Which array, and its shape.
        found: String,
    },
    /// There is not one target for each input.
    #[error("expected {inputs} targets, one for each input, but found {targets}")]
    TargetCount {
        /// The number of inputs.
        inputs: usize,
        /// The number of targets.
        targets: usize,
    },
    /// A sequence has no steps, or steps without features.
    #[error("sequence {index} is empty: leave it out")]
    EmptySequence {
        /// Number of the sequence.
        index: usize,
    },
    /// A sequence has another number of features than the first.
    #[error(
        "sequence {index} has {came} features at each step, but the first has {wanted}: give all as many"
    )]
    SequenceFeatures {
        /// Number of the sequence.
        index: usize,
        /// Number of features of the first sequence.
        wanted: usize,
        /// Number of features of this one.
        came: usize,
    },
    /// A sequence has more targets than steps.
    #[error(
        "sequence {index} has {targets} targets for {steps} steps: give at most one for each step"
    )]
    SequenceTargets {
        /// Number of the sequence.
        index: usize,
        /// Number of its steps.
        steps: usize,
        /// Number of its targets.
        targets: usize,
    },
    /// A sequence is longer than all were to be.
    #[error(
        "sequence {index} has {came} steps, more than {steps}: cut it, or allow for more steps"
    )]
    SequenceTooLong {
        /// Number of the sequence.
        index: usize,
        /// Largest number of steps.
        steps: usize,
        /// Number of its steps.
        came: usize,
    },
    /// A row of targets does not have a single 1.
    #[error(
        "expected rows with 1 for the class and 0 for the others, but row {index} is {found}; give \
         distributions over classes to `Arrays::new`"
    )]
    NotOneHot {
        /// The position of the first such row.
        index: usize,
        /// The row.
        found: String,
    },
    /// Samples have more numbers than memory holds, or one has more than a model takes.
    #[error(
        "there is no room for inputs of shape {}, {samples} at a time: take fewer, or smaller ones; \
         one may have {LIMIT} numbers at most",
        label(shape)
    )]
    TooManyNumbers {
        /// The number of samples.
        samples: usize,
        /// The shape of one.
        shape: Vec<usize>,
    },
    /// A sample is asked for that the data set does not have.
    #[error("there is no sample {index}: the data set has {samples}, counted from 0")]
    Index {
        /// The number asked for.
        index: usize,
        /// The number of samples.
        samples: usize,
    },
    /// A data set cannot be divided as asked for.
    #[error("cannot split {samples} samples into {parts}: {reason}")]
    Split {
        /// The number of samples.
        samples: usize,
        /// The parts asked for.
        parts: String,
        /// What is wrong, and the fix.
        reason: String,
    },
    /// Features cannot be standardized, or not by these numbers.
    #[error("cannot standardize by this scaling: {reason}")]
    Scaling {
        /// What is wrong.
        reason: String,
    },
    /// Targets are not classes, where only classes have a meaning.
    #[error("{what} takes targets that are classes, but {found}")]
    NotClasses {
        /// Who wants them.
        what: &'static str,
        /// A target that is none.
        found: String,
    },
    /// Targets are not labels that are there or not.
    #[error("scores of labels take targets of 0 and 1, but {found}")]
    NotLabels {
        /// A target that is not.
        found: String,
    },
}
