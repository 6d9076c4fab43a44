//! Reading IDX.

use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;

use byteorder::{BigEndian, ByteOrder};
use ndarray::{ArrayD, IxDyn};

use super::gunzip::{Gunzip, MAGIC};
use super::{ElementType, IdxArray, IdxElement};
use crate::error::IdxError;

/// The elements of an IDX file, plain or gzip, which must be of type `T`.
///
/// ```no_run
/// use chainrule::data::idx;
///
/// let labels = idx::read::<u8>("data/train-labels-idx1-ubyte.gz")?;
/// assert_eq!(labels.shape(), [60_000]);
/// # Ok::<(), chainrule::error::IdxError>(())
/// ```
///
/// # Errors
///
/// [`IdxError`], naming `path`, if the file cannot be read, is not IDX, holds another type, or is
/// longer or shorter than its header says.
pub fn read<T: IdxElement>(path: impl AsRef<Path>) -> Result<ArrayD<T>, IdxError> {
    let path = path.as_ref();
    from_reader(open(path)?, path)
}

/// The elements of an IDX file, plain or gzip, of whatever type they are.
///
/// # Errors
///
/// As [`read`], except that every type is right.
pub fn read_any(path: impl AsRef<Path>) -> Result<IdxArray, IdxError> {
    let path = path.as_ref();
    any_from_reader(open(path)?, path)
}

/// As [`read`], from bytes wherever they come from; errors call them `name`.
///
/// # Errors
///
/// As [`read`].
pub fn from_reader<T: IdxElement>(
    reader: impl Read,
    name: impl AsRef<Path>,
) -> Result<ArrayD<T>, IdxError> {
    let stream = Stream::begin(reader, name.as_ref())?;
    if stream.element != T::TYPE {
        return Err(IdxError::WrongElement {
            path: stream.path.into(),
            expected: T::TYPE.name(),
            found: stream.element.name(),
        });
    }
    stream.elements()
}

/// As [`read_any`], from bytes wherever they come from; errors call them `name`.
///
/// # Errors
///
/// As [`read_any`].
pub fn any_from_reader(reader: impl Read, name: impl AsRef<Path>) -> Result<IdxArray, IdxError> {
    let stream = Stream::begin(reader, name.as_ref())?;
    Ok(match stream.element {
        ElementType::U8 => IdxArray::U8(stream.elements()?),
        ElementType::I8 => IdxArray::I8(stream.elements()?),
        ElementType::I16 => IdxArray::I16(stream.elements()?),
        ElementType::I32 => IdxArray::I32(stream.elements()?),
        ElementType::F32 => IdxArray::F32(stream.elements()?),
        ElementType::F64 => IdxArray::F64(stream.elements()?),
    })
}

/// Where the elements of a plain IDX file are, for one who reads some of them.
pub(in crate::data) struct Header {
    pub element: ElementType,
    pub shape: Vec<usize>,
    /// The place of the first element's first byte.
    pub start: u64,
}

/// The header of a file that is as long as it says, and not compressed.
pub(in crate::data) fn header(path: &Path) -> Result<Header, IdxError> {
    let stream = Stream::begin(open(path)?, path)?;
    if stream.bytes.gzip {
        return Err(IdxError::Compressed { path: path.into() });
    }
    let Stream { element, ref shape, .. } = stream;
    let start = 4 + 4 * shape.len() as u64;
    let expected = shape
        .iter()
        .try_fold(element.size(), |size, &dimension| size.checked_mul(dimension))
        .ok_or_else(|| stream.too_large())? as u64;
    let length =
        fs::metadata(path).map_err(|source| IdxError::Io { path: path.into(), source })?.len();
    let found = length.saturating_sub(start);
    match found.cmp(&expected) {
        Ordering::Less => {
            Err(IdxError::Truncated { path: path.into(), part: "elements", expected, found })
        }
        Ordering::Greater => Err(IdxError::TrailingBytes { path: path.into(), expected }),
        Ordering::Equal => Ok(Header { element, shape: shape.clone(), start }),
    }
}

fn open(path: &Path) -> Result<BufReader<File>, IdxError> {
    File::open(path)
        .map(BufReader::new)
        .map_err(|source| IdxError::Io { path: path.into(), source })
}

/// An IDX file of which the header is read and the elements are not.
struct Stream<'a> {
    path: &'a Path,
    bytes: Bytes<'a>,
    element: ElementType,
    shape: Vec<usize>,
}

impl<'a> Stream<'a> {
    fn begin(reader: impl Read + 'a, path: &'a Path) -> Result<Stream<'a>, IdxError> {
        let mut bytes = Bytes::begin(reader, path)?;
        let magic = bytes.at_most(4)?;
        let &[0, 0, code, rank] = &magic[..] else {
            if magic.starts_with(&MAGIC) {
                return Err(IdxError::GzipTwice { path: path.into() });
            }
            return Err(IdxError::NotIdx { path: path.into(), found: magic });
        };
        let element = ElementType::from_code(code)
            .ok_or_else(|| IdxError::UnknownElement { path: path.into(), found: code })?;
        let dimensions = bytes.exactly(4 * u64::from(rank), "dimensions")?;
        let shape =
            dimensions.chunks_exact(4).map(|bytes| BigEndian::read_u32(bytes) as usize).collect();
        Ok(Stream { path, bytes, element, shape })
    }

    fn elements<T: IdxElement>(mut self) -> Result<ArrayD<T>, IdxError> {
        let size = (self.shape.iter())
            .try_fold(size_of::<T>(), |size, &dimension| size.checked_mul(dimension))
            .ok_or_else(|| self.too_large())?;
        let expected = size as u64;
        let bytes = self.bytes.exactly(expected, "elements")?;
        // Asking for one byte more also makes the decompressor go on to the stream's checksum.
        if !self.bytes.at_most(1)?.is_empty() {
            return Err(IdxError::TrailingBytes { path: self.path.into(), expected });
        }
        // Refused here: a shape such as (0, 2³¹, 2³¹, 2³¹), without elements and yet not addressable.
        ArrayD::from_shape_vec(IxDyn(&self.shape), T::decode(bytes)).map_err(|_| self.too_large())
    }

    fn too_large(&self) -> IdxError {
        IdxError::TooLarge {
            path: self.path.into(),
            limit: "the memory that a computer can address",
            shape: self.shape.clone(),
        }
    }
}

/// What a file holds after decompression, if it is compressed.
struct Bytes<'a> {
    path: &'a Path,
    reader: Box<dyn Read + 'a>,
    gzip: bool,
}

impl<'a> Bytes<'a> {
    fn begin(mut reader: impl Read + 'a, path: &'a Path) -> Result<Bytes<'a>, IdxError> {
        let mut start = Vec::new();
        (&mut reader)
            .take(2)
            .read_to_end(&mut start)
            .map_err(|source| IdxError::Io { path: path.into(), source })?;
        let gzip = start == MAGIC;
        let whole = io::Cursor::new(start).chain(reader);
        let reader: Box<dyn Read + 'a> =
            if gzip { Box::new(Gunzip::new(BufReader::new(whole))) } else { Box::new(whole) };
        Ok(Bytes { path, reader, gzip })
    }

    /// The next `limit` bytes, or as many as are left. Memory grows as they arrive, so that a
    /// header which lies about a file's length costs nothing.
    fn at_most(&mut self, limit: u64) -> Result<Vec<u8>, IdxError> {
        let mut bytes = Vec::new();
        match (&mut self.reader).take(limit).read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(source) => Err(self.refused(source)),
        }
    }

    /// The next `expected` bytes, which are the `part` of the file that messages name.
    fn exactly(&mut self, expected: u64, part: &'static str) -> Result<Vec<u8>, IdxError> {
        let bytes = self.at_most(expected)?;
        let found = bytes.len() as u64;
        if found < expected {
            return Err(IdxError::Truncated { path: self.path.into(), part, expected, found });
        }
        Ok(bytes)
    }

    /// Tells a broken gzip stream, which another copy of the file cures, from a failing disk.
    fn refused(&self, source: io::Error) -> IdxError {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        let path = self.path.into();
        match source.kind() {
            InvalidData | InvalidInput | UnexpectedEof if self.gzip => {
                IdxError::Gzip { path, source }
            }
            _ => IdxError::Io { path, source },
        }
    }
}
