//! Objects that the instructions of a pickle make: values that refer to each other by number.
//!
//! Two lists may hold the same object, so that a copy of each would grow without bound. Here an object
//! is made once by an instruction, and there are no more of them than bytes in the pickle.

use std::rc::Rc;

use safetensors::Dtype;

/// Number of an object, in the order in which they were made.
pub(super) type Id = usize;

#[derive(Debug, Clone)]
pub(super) enum Object {
    /// A value of no use here, such as a number with a fraction.
    Other,
    Int(i64),
    Text(Rc<str>),
    /// A tuple or a list.
    Sequence(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A function or a class.
    Global(Global),
    Storage(Storage),
    View(View),
}

/// Functions and classes that a state dict names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Global {
    /// A dictionary.
    OrderedDict,
    /// Makes a tensor of a storage.
    Tensor,
    /// Makes a parameter of a tensor.
    Parameter,
    /// Type of the numbers in a storage.
    Storage(Dtype),
}

impl Global {
    /// Returns the one of this module and name, if a state dict needs it.
    pub fn named(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("collections", "OrderedDict") => Global::OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2") => Global::Tensor,
            ("torch._utils", "_rebuild_parameter") => Global::Parameter,
            ("torch", "DoubleStorage") => Global::Storage(Dtype::F64),
            ("torch", "FloatStorage") => Global::Storage(Dtype::F32),
            ("torch", "HalfStorage") => Global::Storage(Dtype::F16),
            ("torch", "BFloat16Storage") => Global::Storage(Dtype::BF16),
            ("torch", "LongStorage") => Global::Storage(Dtype::I64),
            ("torch", "IntStorage") => Global::Storage(Dtype::I32),
            ("torch", "ShortStorage") => Global::Storage(Dtype::I16),
            ("torch", "CharStorage") => Global::Storage(Dtype::I8),
            ("torch", "ByteStorage") => Global::Storage(Dtype::U8),
            ("torch", "BoolStorage") => Global::Storage(Dtype::BOOL),
            _ => return None,
        })
    }
}

/// Numbers of one type: the entry `data/{key}` of the archive.
#[derive(Debug, Clone)]
pub(super) struct Storage {
    pub key: Rc<str>,
    pub dtype: Dtype,
}

/// A tensor: element (i, j, ..) is number `offset + i·strides[0] + j·strides[1] + ..` of its storage.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub storage: Storage,
    pub offset: usize,
    pub shape: Vec<usize>,
    pub strides: Vec<usize>,
}
