//! The header of a safetensors file: its length, and JSON in which no name may stand twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use safetensors::tensor::TensorInfo;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::FileError;

/// The bytes of the header's length.
const LENGTH: usize = 8;
/// What other readers accept; only a file that is none of safetensors announces more.
const LONGEST: u64 = 100_000_000;
/// The key of the facts.
const FACTS: &str = "__metadata__";

#[derive(Debug, Default)]
pub(super) struct Header {
    pub facts: BTreeMap<String, String>,
    pub tensors: Vec<(String, TensorInfo)>,
}

/// What is wrong with a header, in a file that is still to be named.
#[derive(Debug)]
pub(super) enum Fault {
    Truncated { part: &'static str, expected: u64, found: u64 },
    Duplicate(String),
    Other(String),
}

impl Fault {
    pub fn at(self, path: &Path) -> FileError {
        let path = path.into();
        match self {
            Fault::Truncated { part, expected, found } => {
                FileError::Truncated { path, part, expected, found }
            }
            Fault::Duplicate(tensor) => FileError::DuplicateTensor { path, tensor },
            Fault::Other(reason) => FileError::NotSafetensors { path, reason },
        }
    }
}

/// The header of a file, and the bytes behind it.
pub(super) fn split(bytes: &[u8]) -> Result<(Header, &[u8]), Fault> {
    let truncated = |part, expected: u64, found: usize| {
        Err(Fault::Truncated { part, expected, found: found as u64 })
    };
    let Some((length, rest)) = bytes.split_first_chunk::<LENGTH>() else {
        return truncated("its header's length", LENGTH as u64, bytes.len());
    };
    let length = u64::from_le_bytes(*length);
    if length > LONGEST {
        return Err(Fault::Other(format!("its first bytes announce a header of {length} bytes")));
    }
    if length > rest.len() as u64 {
        return truncated("its header", length, rest.len());
    }
    let (header, data) = rest.split_at(length as usize);
    let header: Header = serde_json::from_slice(header).map_err(|error| {
        Fault::Other(format!("its header is not what JSON of one is ({error})"))
    })?;
    header.check_names()?;
    Ok((header, data))
}

impl Header {
    /// With its length before it, and padded with spaces to a multiple of eight bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Fault> {
        self.check_names()?;
        let json = serde_json::to_vec(self).map_err(|error| Fault::Other(error.to_string()))?;
        let length = json.len().next_multiple_of(LENGTH);
        if length as u64 > LONGEST {
            return Err(Fault::Other(format!("its header would have {length} bytes")));
        }
        let mut bytes = (length as u64).to_le_bytes().to_vec();
        bytes.extend(json);
        bytes.resize(LENGTH + length, b' ');
        Ok(bytes)
    }

    fn check_names(&self) -> Result<(), Fault> {
        let mut seen = BTreeSet::new();
        match self.tensors.iter().find(|(name, _)| name == FACTS || !seen.insert(name)) {
            Some((name, _)) => Err(Fault::Duplicate(name.clone())),
            None => Ok(()),
        }
    }
}

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.facts.is_empty() {
            map.serialize_entry(FACTS, &self.facts)?;
        }
        for (name, info) in &self.tensors {
            map.serialize_entry(name, info)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

/// Takes the entries as they come; a map would keep one of two that have the same name.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut header = Header::default();
        let mut facts = None;
        while let Some(name) = map.next_key::<String>()? {
            if name != FACTS {
                header.tensors.push((name, map.next_value()?));
            } else if facts.replace(map.next_value::<Facts>()?).is_some() {
                return Err(A::Error::duplicate_field(FACTS));
            }
        }
        header.facts = facts.unwrap_or_default().0;
        Ok(header)
    }
}

/// Texts by name, each name once.
#[derive(Default)]
struct Facts(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FactEntries)
    }
}

struct FactEntries;

impl<'de> Visitor<'de> for FactEntries {
    type Value = Facts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Facts, A::Error> {
        let mut facts = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<String, String>()? {
            if facts.insert(key.clone(), value).is_some() {
                return Err(A::Error::custom(format!("`{key}` is there twice")));
            }
        }
        Ok(Facts(facts))
    }
}
