//! Errors of IDX files.

use std::path::{Path, PathBuf};

use thiserror::Error as ThisError;

use super::system::Refusal;

/// An IDX file is not what it should be.
///
/// The path is the file's, or the name that the caller gave to what was read from memory.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum IdxError {
    /// The operating system refused to read or write a file.
    #[error("{}", Refusal(path, source))]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason that the system gave.
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
        /// The reason that the decompressor gave.
        source: std::io::Error,
    },
    /// A gzip stream holds another gzip stream.
    #[error(
        "{}: expected an IDX file after decompression, but found gzip again: the file is compressed \
         twice; unpack it once with gunzip",
        path.display()
    )]
    GzipTwice {
        /// The file.
        path: PathBuf,
    },
    /// A file does not begin as an IDX file does.
    #[error(
        "{}: expected an IDX file, which begins with the bytes 00 00, an element type and a rank, \
         but found {found:02x?}{}",
        path.display(), fix(found)
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
         but found {found:02x}; the file is damaged or no IDX file, fetch it again",
        path.display()
    )]
    UnknownElement {
        /// The file.
        path: PathBuf,
        /// The byte of the type in the header.
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
        "{}: expected an array of rank {expected}, but found rank {} (shape {found:?}); {fix}",
        path.display(), found.len()
    )]
    WrongRank {
        /// The file.
        path: PathBuf,
        /// The rank, and the meaning of its axes.
        expected: &'static str,
        /// The shape that came.
        found: Vec<usize>,
        /// The fix.
        fix: &'static str,
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
        /// The limit that the shape goes beyond.
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
    /// A file has more bytes than its header announces.
    #[error(
        "{}: expected the end of the file after {expected} bytes of elements, but found more; \
         its header and its content do not go together, fetch it again",
        path.display()
    )]
    TrailingBytes {
        /// The file.
        path: PathBuf,
        /// The bytes of elements that the header announces, uncompressed.
        expected: u64,
    },
}

impl IdxError {
    /// Refuses an array that has not the rank of images.
    pub(crate) fn not_images(path: &Path, found: Vec<usize>) -> Self {
        IdxError::WrongRank {
            path: path.into(),
            expected: "3 (n, height, width) or 4 (n, height, width, channels)",
            found,
            fix: "write the file again with the height and the width of the images in its shape, as \
                  `idx::write` does for an array of that shape",
        }
    }

    /// Refuses an array that has not the rank of labels.
    pub(crate) fn not_labels(path: &Path, found: Vec<usize>) -> Self {
        let (path, expected) = (path.into(), "1");
        let fix = "check that this is the file of labels";
        IdxError::WrongRank { path, expected, found, fix }
    }
}

/// Names the fix for what is often found in the place of an IDX file, by its first bytes.
fn fix(found: &[u8]) -> &'static str {
    match found {
        [] => "; the file is empty, fetch it again",
        [b'P', b'K', ..] => "; this is a zip archive, unpack it with unzip",
        [0xfd, b'7', ..] => "; this is compressed by xz, unpack it with unxz",
        [b'B', b'Z', b'h', ..] => "; this is compressed by bzip2, unpack it with bunzip2",
        [b'<', ..] => "; this is a web page and not the file, fetch it again",
        [0x93, b'N', ..] => "; this is an array of NumPy, which has another format",
        _ => "; check that this is the right file",
    }
}
