//! A model file in memory: the bytes of a file, and nothing else.

use std::fs;

use chainrule::file::Registry;
use chainrule::prelude::*;

use crate::{Place, small};

fn file() -> ModelFile {
    let model = small().with_class_names(["yes", "no"]).unwrap();
    ModelFile::new(model).scaling(Scaling::pixels()).unwrap().fact("seed", 3)
}

#[test]
fn bytes_are_those_of_the_file() {
    let Place { folder: _folder, path } = Place::new();
    file().save(&path).unwrap();
    let bytes = file().to_bytes().unwrap();
    assert!(fs::read(&path).unwrap() == bytes);
    let again = ModelFile::from_bytes(&bytes).unwrap();
    assert!(again.model.params() == file().model.params());
    assert_eq!(again.model.class_names(), ["yes", "no"]);
    assert_eq!(again.scalings, file().scalings);
    assert_eq!(again.training, file().training);

    let registry = Registry::default();
    assert!(file().to_bytes_with(&registry).unwrap() == bytes);
    assert!(ModelFile::from_bytes_with(&bytes, &registry).is_ok());
}

#[test]
fn weights_are_those_of_their_file() {
    let Place { folder: _folder, path } = Place::new();
    let named = small().with_class_names(["yes", "no"]).unwrap();
    named.save_weights(&path).unwrap();
    let bytes = named.weights_to_bytes().unwrap();
    assert!(fs::read(&path).unwrap() == bytes);
    let mut model = small().initialize(8);
    WeightFile::from_bytes(&bytes).unwrap().load_into(&mut model).unwrap();
    assert!(model.params() == named.params());
    assert_eq!(model.class_names(), ["yes", "no"]);

    let error = ModelFile::from_bytes(&bytes).unwrap_err().to_string();
    assert!(error.starts_with("the bytes: ") && error.contains("weights alone"), "{error}");
}

#[test]
fn what_cannot_be_saved_makes_no_bytes() {
    let mut model = small();
    let mut params = model.params().to_vec();
    params[1] = f32::NAN;
    model.set_params(&params).unwrap();
    let error = model.weights_to_bytes().unwrap_err().to_string();
    assert!(error.starts_with("the bytes: expected finite numbers"), "{error}");
    let error = ModelFile::new(model).to_bytes().unwrap_err().to_string();
    assert!(error.starts_with("the bytes: expected finite numbers"), "{error}");
}

#[test]
fn a_file_that_is_not_right_is_named() {
    let Place { folder: _folder, path } = Place::new();
    fs::write(&path, b"no model").unwrap();
    for error in [ModelFile::load(&path).unwrap_err(), small().load_weights(&path).unwrap_err()] {
        assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    }
}
