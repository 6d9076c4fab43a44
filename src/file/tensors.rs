//! A file of named tensors and facts: the format of safetensors.
//!
//! ```text
//! 8 bytes     the length of the header, the lowest byte first
//! header      JSON: {"__metadata__": {fact: text, ..}, tensor: {"dtype", "shape", "data_offsets"}, ..}
//! the rest    the tensors' numbers in row-major order, one tensor after the other
//! ```
//!
//! The crate's own writer shuffles the metadata, and its reader lets the last of two tensors of one
//! name win. So the header is written and read here, and the crate says what it means: its types,
//! and whether the tensors fill the file without gaps and overlaps.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use super::floats;
use super::header::{self, Header};
use crate::atomic;
use crate::error::FileError;

/// Facts, and tensors in the order in which they were put.
#[derive(Debug, Default)]
pub(crate) struct Tensors {
    /// The file that they came from, for messages.
    path: PathBuf,
    facts: BTreeMap<String, String>,
    tensors: Vec<(String, Tensor)>,
}

/// Name, type, shape and bytes of a tensor in a file of another program.
#[cfg(any(feature = "keras", feature = "pytorch"))]
pub(super) type Part = (String, Dtype, Vec<usize>, Vec<u8>);

#[derive(Debug)]
struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    /// Its numbers, the lowest byte first.
    bytes: Vec<u8>,
}

/// A type of numbers in files.
pub(crate) trait Element: Copy {
    const DTYPE: Dtype;
    type Bytes: AsRef<[u8]> + for<'a> TryFrom<&'a [u8]>;
    fn to_bytes(self) -> Self::Bytes;
    fn from_bytes(bytes: Self::Bytes) -> Self;
}

macro_rules! element {
    ($($number:ty: $dtype:ident),*) => {$(
        impl Element for $number {
            const DTYPE: Dtype = Dtype::$dtype;
            type Bytes = [u8; size_of::<$number>()];
            fn to_bytes(self) -> Self::Bytes {
                self.to_le_bytes()
            }
            fn from_bytes(bytes: Self::Bytes) -> Self {
                Self::from_le_bytes(bytes)
            }
        }
    )*};
}

element!(f32: F32, f64: F64, u64: U64, u32: U32, u8: U8);

impl Tensors {
    pub fn new() -> Self {
        Tensors::default()
    }

    /// Returns the tensors of a file in another format, in its order. Each has a name, a type, a shape
    /// and its numbers, the lowest byte first.
    #[cfg(any(feature = "keras", feature = "pytorch"))]
    pub fn of_parts(path: &Path, parts: Vec<Part>) -> Result<Self, FileError> {
        let mut seen = std::collections::BTreeSet::new();
        if let Some((name, ..)) = parts.iter().find(|(name, ..)| !seen.insert(name)) {
            return Err(FileError::DuplicateTensor { path: path.into(), tensor: name.clone() });
        }
        let own = |(name, dtype, shape, bytes)| (name, Tensor { dtype, shape, bytes });
        let tensors = parts.into_iter().map(own).collect();
        Ok(Tensors { path: path.into(), facts: BTreeMap::new(), tensors })
    }

    /// Returns no tensors, of a file that is to be written.
    pub fn of_path(path: &Path) -> Self {
        Tensors { path: path.into(), ..Tensors::default() }
    }

    /// The file that they were read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn put_fact(&mut self, key: &str, value: impl Into<String>) {
        self.facts.insert(key.to_string(), value.into());
    }

    pub fn fact(&self, key: &str) -> Option<&str> {
        self.facts.get(key).map(String::as_str)
    }

    /// A fact without which nothing can be done; `fix` says what can, in a sentence without its
    /// capital.
    pub fn required_fact(&self, key: &str, fix: &'static str) -> Result<&str, FileError> {
        let missing = || FileError::MissingFact { path: self.path.clone(), key: key.into(), fix };
        self.fact(key).ok_or_else(missing)
    }

    /// Adds a tensor of this shape, of as many values. Each name may be put once.
    pub fn put<T: Element>(&mut self, name: impl Into<String>, shape: &[usize], values: &[T]) {
        debug_assert_eq!(values.len(), shape.iter().product::<usize>());
        let mut bytes = Vec::with_capacity(size_of_val(values));
        values.iter().for_each(|value| bytes.extend(value.to_bytes().as_ref()));
        let tensor = Tensor { dtype: T::DTYPE, shape: shape.to_vec(), bytes };
        self.tensors.push((name.into(), tensor));
    }

    /// The names of the tensors.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.iter().map(|(name, _)| &**name)
    }

    /// Returns `true` if there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.shape(name).is_some()
    }

    /// Returns the shape of a tensor.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        let named = self.tensors.iter().find(|(own, _)| own == name);
        named.map(|(_, tensor)| &tensor.shape[..])
    }

    /// Takes out the values of a tensor, which must have this type and shape.
    pub fn take<T: Element>(&mut self, name: &str, shape: &[usize]) -> Result<Vec<T>, FileError> {
        self.check(name, shape)?;
        Ok(self.take_any(name)?.1)
    }

    /// Whether a tensor is there, and has this shape.
    pub fn check(&self, name: &str, shape: &[usize]) -> Result<(), FileError> {
        let came = &self.tensors[self.position(name)?].1.shape;
        if came == shape {
            return Ok(());
        }
        let (path, tensor) = (self.path.clone(), name.to_string());
        Err(FileError::Shape { path, tensor, wanted: shape.to_vec(), came: came.clone() })
    }

    /// Takes out the shape and the values of a tensor, which must have this type.
    pub fn take_any<T: Element>(&mut self, name: &str) -> Result<(Vec<usize>, Vec<T>), FileError> {
        let at = self.position(name)?;
        let came = self.tensors[at].1.dtype;
        if came != T::DTYPE {
            let (path, tensor) = (self.path.clone(), name.to_string());
            let (wanted, came) = (T::DTYPE.to_string(), came.to_string());
            return Err(FileError::Dtype { path, tensor, wanted, came });
        }
        let Tensor { shape, bytes, .. } = self.tensors.remove(at).1;
        let values = bytes.chunks_exact(size_of::<T>()).map(|bytes| {
            let Ok(bytes) = bytes.try_into() else { unreachable!("chunks of this size") };
            T::from_bytes(bytes)
        });
        Ok((shape, values.collect()))
    }

    fn position(&self, name: &str) -> Result<usize, FileError> {
        self.names().position(|own| own == name).ok_or_else(|| FileError::MissingTensor {
            path: self.path.clone(),
            tensor: name.to_string(),
        })
    }

    /// Leaves out the tensors of these names.
    pub fn forget(&mut self, is_meant: impl Fn(&str) -> bool) {
        self.tensors.retain(|(name, _)| !is_meant(name));
    }

    /// Converts all numbers with a fraction to 32 bits.
    pub fn convert_floats(&mut self) {
        for (_, Tensor { dtype, bytes, .. }) in &mut self.tensors {
            if let Some(converted) = floats::to_f32(*dtype, bytes) {
                (*dtype, *bytes) = (Dtype::F32, converted);
            }
        }
    }

    /// Refuses tensors that are left.
    pub fn check_all_taken(&self) -> Result<(), FileError> {
        match self.names().next() {
            None => Ok(()),
            Some(tensor) => {
                let (path, tensor) = (self.path.clone(), tensor.to_string());
                Err(FileError::ExtraTensor { path, tensor })
            }
        }
    }

    /// Writes the file, in one step. The same content makes the same bytes.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        let (header, tensors) = self.header(path)?;
        atomic::write(path, |writer| {
            writer.write_all(&header)?;
            tensors.iter().try_for_each(|tensor| writer.write_all(&tensor.bytes))
        })
    }

    /// Returns the bytes of the file; errors call it `path`.
    pub fn to_bytes(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        let (mut bytes, tensors) = self.header(path)?;
        bytes.reserve(tensors.iter().map(|tensor| tensor.bytes.len()).sum());
        tensors.iter().for_each(|tensor| bytes.extend_from_slice(&tensor.bytes));
        Ok(bytes)
    }

    /// Returns the header, and the tensors in the order in which they follow it.
    fn header(&self, path: &Path) -> Result<(Vec<u8>, Vec<&Tensor>), FileError> {
        let mut tensors: Vec<&(String, Tensor)> = self.tensors.iter().collect();
        // Where types of different widths are mixed, each then lies at a multiple of its own.
        tensors.sort_by_key(|(_, tensor)| Reverse(tensor.dtype));
        let mut end = 0;
        let place = |(name, tensor): &&(String, Tensor)| {
            let Tensor { dtype, shape, bytes } = tensor;
            let start = end;
            end += bytes.len();
            let (dtype, shape, data_offsets) = (*dtype, shape.clone(), (start, end));
            (name.clone(), TensorInfo { dtype, shape, data_offsets })
        };
        let places = tensors.iter().map(place).collect();
        let header = Header { facts: self.facts.clone(), tensors: places };
        let header = header.to_bytes().map_err(|fault| fault.at(path))?;
        Ok((header, tensors.into_iter().map(|(_, tensor)| tensor).collect()))
    }

    /// Reads a file, and refuses one that is damaged in any way that shows.
    pub fn read(path: impl AsRef<Path>) -> Result<Tensors, FileError> {
        let path = path.as_ref();
        let io = |source| FileError::Io { path: path.into(), source };
        Tensors::from_bytes(&fs::read(path).map_err(io)?, path)
    }

    /// As [`Tensors::read`], from memory; errors call it `path`.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Tensors, FileError> {
        let (Header { facts, mut tensors }, data) =
            header::split(bytes).map_err(|fault| fault.at(path))?;
        tensors.sort_by_key(|(_, info)| info.data_offsets);
        let not = |reason| FileError::NotSafetensors { path: path.into(), reason };
        let metadata = Metadata::new(None, tensors.clone())
            .map_err(|error| not(format!("its header contradicts itself ({error})")))?;
        let (expected, found) = (metadata.data_len() as u64, data.len() as u64);
        if found < expected {
            let (path, part) = (path.into(), "tensors");
            return Err(FileError::Truncated { path, part, expected, found });
        }
        if found > expected {
            return Err(not(format!("{} bytes follow its last tensor", found - expected)));
        }
        let tensors = tensors.into_iter().map(|(name, info)| {
            let TensorInfo { dtype, shape, data_offsets: (start, end) } = info;
            (name, Tensor { dtype, shape, bytes: data[start..end].to_vec() })
        });
        Ok(Tensors { path: path.into(), facts, tensors: tensors.collect() })
    }
}
