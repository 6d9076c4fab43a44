//! IDX, the array format of MNIST's files: reading and writing, plain or gzip.
//!
//! The format is as simple as a format can be. All numbers are big-endian:
//!
//! | bytes           | meaning                                                                 |
//! |-----------------|-------------------------------------------------------------------------|
//! | `00 00`         | always                                                                  |
//! | 1               | element type: `08` u8, `09` i8, `0b` i16, `0c` i32, `0d` f32, `0e` f64   |
//! | 1               | rank *r*, the number of dimensions                                      |
//! | 4 × *r*         | the dimensions, each a u32                                              |
//! | size × product  | the elements, the last dimension running fastest                        |
//!
//! Reading promises:
//!
//! - gzip is told by its content (it begins `1f 8b`), never by a file's name, and is read to its
//!   end, because its checksum stands there; zeros after it are padding;
//! - memory grows only with bytes that are really there, whatever the header announces;
//! - what is returned is the whole file: a cut file and trailing bytes are refused, as a
//!   [`IdxError`](crate::error::IdxError) that names the file, what was expected and
//!   what was found.
//!
//! ```
//! use chainrule::data::idx;
//! use ndarray::array;
//!
//! let mut bytes = Vec::new();
//! idx::to_writer(&mut bytes, "memory", &array![[1i16, 2, 3], [4, 5, 6]])?;
//! assert_eq!(bytes[..4], [0, 0, 0x0b, 2]);
//!
//! let back = idx::from_reader::<i16>(&bytes[..], "memory")?;
//! assert_eq!(back.shape(), [2, 3]);
//! # Ok::<(), chainrule::error::IdxError>(())
//! ```

mod element;
mod gunzip;
mod read;
mod write;

pub use element::{ElementType, IdxArray, IdxElement};
pub(super) use read::{Header, header};
pub use read::{any_from_reader, from_reader, read, read_any};
pub use write::{to_writer, write, write_gz};
