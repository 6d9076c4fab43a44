//! What can be wrong with files and data sets.

use std::path::PathBuf;

use thiserror::Error as ThisError;

/// A data file or a data set is not what it should be.
///
/// Where a variant has a `path`, it is the file's, or the name that the caller gave to what was
/// read from memory.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum DataError {
    /// The operating system refused to read or write a file.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A gzip stream is damaged, cut short, or followed by something else.
    #[error(
        "{}: expected a whole gzip stream, but it is damaged or cut short ({source}); \
         fetch the file again",
        path.display()
    )]
    Gzip {
        /// The file.
        path: PathBuf,
        /// What the decompressor said.
        source: std::io::Error,
    },
    /// A file does not begin as an IDX file does.
    #[error(
        "{}: expected an IDX file, which begins with the bytes 00 00, an element type and a rank, \
         but found {found:02x?}",
        path.display()
    )]
    NotIdx {
        /// The file.
        path: PathBuf,
        /// The first bytes, at most four.
        found: Vec<u8>,
    },
    /// An IDX header names an element type that the format does not have.
    #[error(
        "{}: expected the element type 08 (u8), 09 (i8), 0b (i16), 0c (i32), 0d (f32) or 0e (f64), \
         but found {found:02x}",
        path.display()
    )]
    UnknownElement {
        /// The file.
        path: PathBuf,
        /// The type's byte in the header.
        found: u8,
    },
    /// An IDX file holds elements of another type than the one asked for.
    #[error(
        "{}: expected elements of type {expected}, but found {found}; read it as {found}, or with \
         `idx::read_any`",
        path.display()
    )]
    WrongElement {
        /// The file.
        path: PathBuf,
        /// The Rust name of the type asked for.
        expected: &'static str,
        /// The Rust name of the type in the file.
        found: &'static str,
    },
    /// An array has another number of dimensions than its use demands.
    #[error(
        "{}: expected an array of rank {expected}, but found rank {} (shape {found:?})",
        path.display(), found.len()
    )]
    WrongRank {
        /// The file.
        path: PathBuf,
        /// The number of dimensions wanted.
        expected: usize,
        /// The shape that came.
        found: Vec<usize>,
    },
    /// A file is compressed, and has no place from which a single sample could be read.
    #[error(
        "{}: expected an uncompressed file, of which single samples can be read, but found gzip; \
         unpack it with gunzip",
        path.display()
    )]
    Compressed {
        /// The file.
        path: PathBuf,
    },
    /// A shape is beyond what memory can address or what an IDX header can say.
    #[error("{}: expected a shape within {limit}, but found {shape:?}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What the shape goes beyond.
        limit: &'static str,
        /// The shape that came.
        shape: Vec<usize>,
    },
    /// A file ends before everything that its header announces.
    #[error(
        "{}: expected {expected} bytes of {part}, but found {found}; the file is cut short, \
         fetch it again",
        path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The part of the file that is cut short.
        part: &'static str,
        /// The bytes that the header announces, uncompressed.
        expected: u64,
        /// The bytes that are there, uncompressed.
        found: u64,
    },
    /// A file goes on after everything that its header announces.
    #[error(
        "{}: expected the end of the file after {expected} bytes of elements, but found more; \
         its header and its content do not go together",
        path.display()
    )]
    TrailingBytes {
        /// The file.
        path: PathBuf,
        /// The bytes of elements that the header announces, uncompressed.
        expected: u64,
    },
    /// A directory lacks a file of MNIST.
    #[error(
        "{}: expected one of {}, but found none; \
         run ./data-fetch.sh, which brings MNIST into data/",
        dir.display(), tried.join(", ")
    )]
    MissingFile {
        /// The directory.
        dir: PathBuf,
        /// The spellings of the name that were tried.
        tried: Vec<String>,
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
        label: u8,
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
}
