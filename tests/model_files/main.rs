//! Model files: what is saved comes back bit by bit, and what is not right is refused by name.
#![cfg(feature = "sample")]

mod bytes;
mod classify;
mod damage;
mod hostile;
mod own_layers;
mod parts;
mod python;
mod round_trip;
mod saving;
mod scalings;

use std::path::PathBuf;

use chainrule::prelude::*;
use tempfile::TempDir;

/// A file in a folder of its own.
struct Place {
    folder: TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Place { path: folder.path().join("m.safetensors"), folder }
    }
}

fn small() -> Sequential {
    let model = Sequential::new([2]).add(Dense::new(3)).unwrap().add(Relu).unwrap();
    model.add(Dense::new(2)).unwrap().initialize(3)
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}
