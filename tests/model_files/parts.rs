//! A model file as its parts, to be changed, and the errors of loading it.

use chainrule::error::FileError;
use chainrule::prelude::*;
use serde_json::{Value, json};

use crate::small;

/// A file as its parts, to be changed.
#[derive(Clone)]
pub struct Parts {
    pub header: Value,
    pub data: Vec<u8>,
}

impl Parts {
    pub fn of(model: &Sequential) -> Parts {
        let bytes = ModelFile::new(model.clone()).to_bytes().unwrap();
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let (header, data) = bytes[8..].split_at(length);
        Parts { header: serde_json::from_slice(header).unwrap(), data: data.to_vec() }
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.bytes_with(&self.header.to_string())
    }

    pub fn bytes_with(&self, header: &str) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &self.data].concat()
    }

    pub fn fact(mut self, key: &str, value: impl Into<String>) -> Parts {
        self.header["__metadata__"][key] = value.into().into();
        self
    }

    pub fn architecture(&self) -> Value {
        serde_json::from_str(self.header["__metadata__"]["chainrule.model"].as_str().unwrap())
            .unwrap()
    }

    /// With another architecture.
    pub fn model(self, change: impl FnOnce(&mut Value)) -> Parts {
        let mut model = self.architecture();
        change(&mut model);
        self.fact("chainrule.model", model.to_string())
    }

    /// With a tensor of one number more.
    pub fn extra(mut self, name: &str) -> Parts {
        let start = self.data.len();
        self.data.extend(0.5f32.to_le_bytes());
        let info = json!({"dtype": "F32", "shape": [1], "data_offsets": [start, start + 4]});
        self.header[name] = info;
        self
    }
}

pub fn load_bytes(bytes: &[u8]) -> Result<Sequential> {
    Ok(ModelFile::from_bytes(bytes)?.model)
}

/// The error of loading it, and of loading its weights into the model that it was: which must leave
/// that as it is.
#[track_caller]
pub fn refusals(bytes: &[u8]) -> [FileError; 2] {
    let mut model = small().initialize(9);
    let load = |model: &mut Sequential| WeightFile::from_bytes(bytes)?.load_into(model);
    let results = [load_bytes(bytes).err(), load(&mut model).err()];
    assert!(model.params() == small().initialize(9).params());
    results.map(|error| match error {
        Some(Error::File(error)) => {
            assert!(error.to_string().starts_with("the bytes: "), "{error}");
            error
        }
        other => panic!("{other:?}"),
    })
}

/// The error of loading it.
#[track_caller]
pub fn refusal(parts: &Parts) -> FileError {
    match load_bytes(&parts.bytes()) {
        Err(Error::File(error)) => error,
        other => panic!("{other:?}"),
    }
}

pub fn says(error: &FileError, words: &str) {
    assert!(error.to_string().contains(words), "{error}");
}
