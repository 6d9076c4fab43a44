//! Files hold every public layer.

use std::collections::BTreeSet;

use chainrule::error::Error;
use chainrule::file::Registry;
use chainrule::prelude::*;
use ndarray::ArrayD;

use crate::complete::exported;

/// Saves and loads a model, and looks for any difference.
#[track_caller]
pub fn survives(model: Sequential, registry: &Registry) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    let model = model.initialize(3);
    model.save_with(&path, registry).unwrap();
    let again = Sequential::load_with(&path, registry).unwrap();
    assert_eq!(again.summary(), model.summary());
    assert!(bits(again.params()) == bits(model.params()));
    let mut x = ArrayD::zeros([&[2], model.input_shape()].concat());
    for (i, x) in x.iter_mut().enumerate() {
        *x = ((i * 37 % 101) as f32 - 50.0) / 50.0;
    }
    // Inputs that are tokens are whole numbers.
    if matches!(model.predict(&x), Err(Error::Sequence(_))) {
        x.fill(1.0);
    }
    let [y, z] = [&again, &model].map(|model| model.predict(&x).unwrap());
    assert!(bits(y.as_slice().unwrap()) == bits(z.as_slice().unwrap()));
    let [again, model] = [again, model].map(|model| model.initialize(7));
    assert!(bits(again.params()) == bits(model.params()));
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn every_public_layer_has_a_name_in_files() {
    // Blocks are recipes for layers; their own entries save and load what they make.
    let others = [
        "Cell",
        "Direction",
        "Elementwise",
        "Padding",
        "Recurrent",
        "Size2",
        "Residual",
        "Branches",
    ];
    let registry = Registry::default();
    let names: BTreeSet<String> = registry.names().map(str::to_string).collect();
    assert_eq!(names, exported("layers", &others));
    assert_eq!(names.len(), registry.names().count());
}
