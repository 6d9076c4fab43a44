//! What can be wrong with folders of pictures.

use std::path::PathBuf;

use thiserror::Error as ThisError;

use super::system::Refusal;
use crate::shape::LIMIT;

/// A folder of pictures, or a picture in it, is not what it should be.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum PictureError {
    /// The operating system refused to read a folder or a file.
    #[error("{}", Refusal(path, source))]
    Io {
        /// The folder or the file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There are no classes.
    #[error("{}: expected a folder for each class in it, but found none", dir.display())]
    NoClasses {
        /// The folder.
        dir: PathBuf,
    },
    /// A class has no pictures.
    #[error(
        "{}: expected pictures in this folder of a class (.png, .jpg, .jpeg), but found none; \
         remove it, or put some there",
        dir.display()
    )]
    EmptyClass {
        /// The folder of the class.
        dir: PathBuf,
    },
    /// A folder is of none of the classes that were asked for.
    #[error(
        "{}: this folder is of none of the classes {}; add it to them, or move it away",
        dir.display(),
        classes.join(", ")
    )]
    UnknownClass {
        /// The folder.
        dir: PathBuf,
        /// The classes that were asked for.
        classes: Vec<String>,
    },
    /// A file is no picture, or not a whole one.
    #[error("{}: expected a whole picture, PNG or JPEG, but {reason}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// A picture is larger than the limit when it is decoded.
    #[error(
        "{}: its header claims {}×{} pixels, {bytes} bytes in memory, and the limit is {most_bytes}; make the \
         picture smaller, or raise the limit if the header is right",
        path.display(), size[0], size[1]
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Height and width that the header claims.
        size: [usize; 2],
        /// Number of bytes that its pixels would take.
        bytes: u64,
        /// The limit.
        most_bytes: u64,
    },
    /// A picture has another size than the first.
    #[error(
        "{}: expected {}×{} pixels, as in the first picture, but found {}×{}; resize them all \
         with `size`",
        path.display(), wanted[0], wanted[1], found[0], found[1]
    )]
    Size {
        /// The file.
        path: PathBuf,
        /// Height and width of the first picture.
        wanted: [usize; 2],
        /// Height and width of this one.
        found: [usize; 2],
    },
    /// A size that no picture can have, or that no model takes.
    #[error(
        "the size of pictures is {height}×{width}: both must be from 1 to 65535, and height·width·3 \
         at most {LIMIT}"
    )]
    NoSize {
        /// The height asked for.
        height: usize,
        /// The width asked for.
        width: usize,
    },
    /// The pictures do not fit into one array of images with a byte for each label.
    #[error("{count} pictures of {classes} classes are too many for `Images`: stream them")]
    TooMany {
        /// The number of pictures.
        count: usize,
        /// The number of classes, at most 256 of which fit.
        classes: usize,
    },
}
