//! Writing IDX.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use byteorder::{BigEndian, ByteOrder};
use flate2::Compression;
use flate2::write::GzEncoder;
use ndarray::{ArrayRef, Dimension};

use super::IdxElement;
use crate::error::IdxError;

/// Writes an array of any memory layout as a plain IDX file, over one that is there.
///
/// # Errors
///
/// [`IdxError`], naming `path`, if the array is beyond what an IDX header can say (255 dimensions,
/// each below 2³²), in which case no file is made; or if the file cannot be written, in which case
/// it may be left incomplete.
pub fn write<T: IdxElement, D: Dimension>(
    path: impl AsRef<Path>,
    array: &ArrayRef<T, D>,
) -> Result<(), IdxError> {
    let path = path.as_ref();
    let header = header(array, path)?;
    File::create(path)
        .and_then(|file| put(BufWriter::new(file), &header, array)?.flush())
        .map_err(|source| IdxError::Io { path: path.into(), source })
}

/// As [`write()`], compressed with gzip as far as it goes.
///
/// The same array makes the same bytes: no time is recorded.
///
/// # Errors
///
/// As [`write()`].
pub fn write_gz<T: IdxElement, D: Dimension>(
    path: impl AsRef<Path>,
    array: &ArrayRef<T, D>,
) -> Result<(), IdxError> {
    let path = path.as_ref();
    let header = header(array, path)?;
    File::create(path)
        .map(|file| GzEncoder::new(file, Compression::best()))
        .and_then(|gzip| put(BufWriter::new(gzip), &header, array)?.into_inner()?.finish())
        .map(drop)
        .map_err(|source| IdxError::Io { path: path.into(), source })
}

/// As [`write()`], to wherever bytes can go; errors call it `name`. The bytes go out element by
/// element: a `writer` that is a file wants a [`BufWriter`] around it.
///
/// # Errors
///
/// As [`write()`].
pub fn to_writer<T: IdxElement, D: Dimension>(
    writer: impl Write,
    name: impl AsRef<Path>,
    array: &ArrayRef<T, D>,
) -> Result<(), IdxError> {
    let name = name.as_ref();
    let header = header(array, name)?;
    put(writer, &header, array)
        .map(drop)
        .map_err(|source| IdxError::Io { path: name.into(), source })
}

fn header<T: IdxElement, D: Dimension>(
    array: &ArrayRef<T, D>,
    path: &Path,
) -> Result<Vec<u8>, IdxError> {
    let too_large = || IdxError::TooLarge {
        path: path.into(),
        limit: "what IDX can say: 255 dimensions, each below 2^32",
        shape: array.shape().to_vec(),
    };
    let rank = u8::try_from(array.ndim()).map_err(|_| too_large())?;
    let dimensions: Vec<u32> = (array.shape().iter())
        .map(|&dimension| u32::try_from(dimension).map_err(|_| too_large()))
        .collect::<Result<_, _>>()?;
    let mut header = vec![0; 4 + 4 * dimensions.len()];
    header[2] = T::TYPE.code();
    header[3] = rank;
    BigEndian::write_u32_into(&dimensions, &mut header[4..]);
    Ok(header)
}

/// Writes header and elements, and gives the writer back to be finished.
fn put<W: Write, T: IdxElement, D: Dimension>(
    mut writer: W,
    header: &[u8],
    array: &ArrayRef<T, D>,
) -> io::Result<W> {
    writer.write_all(header)?;
    // `iter` goes through the elements in the order of their indices, however they lie in memory.
    for element in array {
        element.encode(&mut writer)?;
    }
    Ok(writer)
}
