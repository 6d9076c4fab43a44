//! The six element types of IDX, and an array of any of them.

use std::io::{self, Write};

use byteorder::{BigEndian, ByteOrder, WriteBytesExt};
use ndarray::ArrayD;

/// Which of the six types a file's elements have. The number is the byte in its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementType {
    /// An unsigned byte: pixels and labels.
    U8 = 0x08,
    /// A signed byte.
    I8 = 0x09,
    /// A short.
    I16 = 0x0b,
    /// An int.
    I32 = 0x0c,
    /// A float.
    F32 = 0x0d,
    /// A double.
    F64 = 0x0e,
}

impl ElementType {
    /// The type that `code` stands for in an IDX header, if it stands for one.
    pub fn from_code(code: u8) -> Option<ElementType> {
        use ElementType::{F32, F64, I8, I16, I32, U8};
        [U8, I8, I16, I32, F32, F64].into_iter().find(|element| element.code() == code)
    }

    /// The byte that stands for this type in an IDX header.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// How many bytes an element takes.
    pub fn size(self) -> usize {
        match self {
            ElementType::U8 | ElementType::I8 => 1,
            ElementType::I16 => 2,
            ElementType::I32 | ElementType::F32 => 4,
            ElementType::F64 => 8,
        }
    }

    /// The name of the type in Rust.
    pub fn name(self) -> &'static str {
        match self {
            ElementType::U8 => "u8",
            ElementType::I8 => "i8",
            ElementType::I16 => "i16",
            ElementType::I32 => "i32",
            ElementType::F32 => "f32",
            ElementType::F64 => "f64",
        }
    }
}

/// A Rust type that an IDX file can hold: `u8`, `i8`, `i16`, `i32`, `f32` or `f64`.
///
/// Sealed: the format has these six and no others.
pub trait IdxElement: sealed::Codec {
    /// What an IDX header calls this type.
    const TYPE: ElementType;
}

pub(super) mod sealed {
    use super::{Write, io};

    /// How elements become bytes and bytes elements.
    pub trait Codec: Copy {
        /// Every whole element in `bytes`. Takes a vector because for `u8` it is the answer.
        fn decode(bytes: Vec<u8>) -> Vec<Self>;
        /// Writes one element.
        fn encode(self, writer: &mut impl Write) -> io::Result<()>;
    }
}

impl IdxElement for u8 {
    const TYPE: ElementType = ElementType::U8;
}

impl sealed::Codec for u8 {
    fn decode(bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }

    fn encode(self, writer: &mut impl Write) -> io::Result<()> {
        writer.write_u8(self)
    }
}

impl IdxElement for i8 {
    const TYPE: ElementType = ElementType::I8;
}

impl sealed::Codec for i8 {
    fn decode(bytes: Vec<u8>) -> Vec<i8> {
        bytes.into_iter().map(u8::cast_signed).collect()
    }

    fn encode(self, writer: &mut impl Write) -> io::Result<()> {
        writer.write_i8(self)
    }
}

/// The types of more than one byte differ only in their names.
macro_rules! big_endian {
    ($type:ident, $variant:ident, $read:ident, $write:ident) => {
        impl IdxElement for $type {
            const TYPE: ElementType = ElementType::$variant;
        }

        impl sealed::Codec for $type {
            fn decode(bytes: Vec<u8>) -> Vec<$type> {
                bytes.chunks_exact(size_of::<$type>()).map(BigEndian::$read).collect()
            }

            fn encode(self, writer: &mut impl Write) -> io::Result<()> {
                writer.$write::<BigEndian>(self)
            }
        }
    };
}

big_endian!(i16, I16, read_i16, write_i16);
big_endian!(i32, I32, read_i32, write_i32);
big_endian!(f32, F32, read_f32, write_f32);
big_endian!(f64, F64, read_f64, write_f64);

/// An array whose element type is known only from its file: what
/// [`read_any`](super::read_any) returns.
///
/// ```
/// use chainrule::data::idx::{self, IdxArray};
///
/// let file = [0, 0, 0x0b, 1, 0, 0, 0, 2, 0, 7, 1, 0]; // two i16: 7 and 256
/// match idx::any_from_reader(&file[..], "two shorts")? {
///     IdxArray::I16(shorts) => assert_eq!(shorts.as_slice(), Some(&[7, 256][..])),
///     other => panic!("{:?}", other.element_type()),
/// }
/// # Ok::<(), chainrule::error::IdxError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum IdxArray {
    /// Unsigned bytes.
    U8(ArrayD<u8>),
    /// Signed bytes.
    I8(ArrayD<i8>),
    /// Shorts.
    I16(ArrayD<i16>),
    /// Ints.
    I32(ArrayD<i32>),
    /// Floats.
    F32(ArrayD<f32>),
    /// Doubles.
    F64(ArrayD<f64>),
}

impl IdxArray {
    /// The type of the elements.
    pub fn element_type(&self) -> ElementType {
        match self {
            IdxArray::U8(_) => ElementType::U8,
            IdxArray::I8(_) => ElementType::I8,
            IdxArray::I16(_) => ElementType::I16,
            IdxArray::I32(_) => ElementType::I32,
            IdxArray::F32(_) => ElementType::F32,
            IdxArray::F64(_) => ElementType::F64,
        }
    }

    /// The dimensions, the slowest first.
    pub fn shape(&self) -> &[usize] {
        match self {
            IdxArray::U8(array) => array.shape(),
            IdxArray::I8(array) => array.shape(),
            IdxArray::I16(array) => array.shape(),
            IdxArray::I32(array) => array.shape(),
            IdxArray::F32(array) => array.shape(),
            IdxArray::F64(array) => array.shape(),
        }
    }
}
