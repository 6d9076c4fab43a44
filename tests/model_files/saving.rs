//! A file holds what its user must know, and is the old one or the new one.

use std::fs;

use chainrule::error::{FileError, ModelError};
use chainrule::prelude::*;
use safetensors::SafeTensors;
use serde_json::{Value, json};

use crate::{Place, small};

#[test]
fn a_file_tells_what_its_user_must_know() {
    let Place { folder: _folder, path } = Place::new();
    let scaling = Scaling::new(vec![1.0, 2.0], vec![4.0, 8.0]).unwrap();
    ModelFile::new(small().with_class_names(["yes", "nö"]).unwrap())
        .scaling(Scaling::pixels())
        .and_then(|file| file.scaling(scaling.clone()))
        .unwrap()
        .fact("zeal", "much")
        .fact("epochs", 10)
        .fact("accuracy", 0.1 + 0.2)
        .save(&path)
        .unwrap();
    let file = ModelFile::load(&path).unwrap();
    assert_eq!(file.scalings, [Scaling::pixels(), scaling]);
    assert_eq!(file.model.class_names(), ["yes", "nö"]);
    let facts = json!({"zeal": "much", "epochs": 10, "accuracy": 0.1 + 0.2});
    assert_eq!(Value::Object(file.training.clone()), facts);
    assert_eq!(file.training.keys().collect::<Vec<_>>(), ["zeal", "epochs", "accuracy"]);
    let first = fs::read(&path).unwrap();
    file.save(&path).unwrap();
    assert!(fs::read(&path).unwrap() == first);
    let bytes = fs::read(&path).unwrap();
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let facts = header.metadata().as_ref().unwrap();
    assert_eq!(facts["chainrule.format"], "1");
    assert_eq!(facts["chainrule.version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(header.offset_keys(), ["0.weight", "0.bias", "2.weight", "2.bias"]);
    assert_eq!(
        facts["chainrule.model"],
        "{\"input\":[2],\"layers\":[\
         {\"type\":\"Dense\",\"settings\":{\"units\":3,\"init\":\"GlorotUniform\",\"bias\":true}},\
         {\"type\":\"Relu\"},\
         {\"type\":\"Dense\",\"settings\":{\"units\":2,\"init\":\"GlorotUniform\",\"bias\":true}}]}"
    );
    let bare = ModelFile::new(small());
    assert!(
        bare.scalings.is_empty() && bare.model.class_names().is_empty() && bare.training.is_empty()
    );
}

#[test]
fn what_does_not_fit_the_model_is_not_saved() {
    let Place { folder, path } = Place::new();
    let empty = Sequential::new([2]).save(&path).unwrap_err();
    assert!(matches!(empty, Error::Model(ModelError::Empty)));
    let into = path.clone();
    let half = Residual::new(move |x| {
        x.save(&into)?;
        Ok(x)
    });
    let error = small().add(half).unwrap_err();
    assert!(error.to_string().contains("when its branches have met"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_model_that_has_diverged_leaves_the_old_file_whole() {
    let Place { folder, path } = Place::new();
    small().save(&path).unwrap();
    let old = fs::read(&path).unwrap();
    let mut diverged = small();
    let mut params = diverged.params().to_vec();
    params[6 + 1] = f32::INFINITY;
    diverged.set_params(&params).unwrap();
    for error in [diverged.save(&path), diverged.save_weights(&path)] {
        let error = error.unwrap_err();
        assert!(matches!(&error, Error::File(FileError::NotFinite { tensor, index: 1, .. })
            if tensor == "0.bias"));
        assert!(error.to_string().contains("number 1 of tensor `0.bias` is inf"), "{error}");
    }
    assert!(fs::read(&path).unwrap() == old);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_path_without_a_folder_and_one_in_no_folder() {
    let Place { folder, path } = Place::new();
    let error = small().save(folder.path().join("none/m.safetensors")).unwrap_err();
    assert!(matches!(error, Error::File(FileError::MissingFolder { .. })));
    let error = Sequential::load(&path).unwrap_err();
    assert!(matches!(error, Error::File(FileError::Io { .. })));
    let name = format!("chainrule-test-{}.safetensors", std::process::id());
    small().save(&name).unwrap();
    let again = Sequential::load(&name);
    fs::remove_file(name).unwrap();
    assert!(again.unwrap().params() == small().params());
}
