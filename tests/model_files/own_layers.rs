//! Layers of one's own are saved under a name.

use chainrule::error::FileError;
use chainrule::file::Registry;
use chainrule::prelude::*;
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use crate::{Place, small};

/// A layer that this file registers.
#[derive(Clone, Serialize, Deserialize)]
struct Bend {
    by: f32,
}

impl Layer for Bend {
    type Cache = ();

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        Ok(input.to_vec())
    }
    fn new_cache(&self, _: &[usize], _: usize) {}
    fn forward(
        &self,
        _: Params,
        x: ArrayViewD<f32>,
        mut y: ArrayViewMutD<f32>,
        _: &mut (),
        _: Pass<'_>,
    ) {
        y.assign(&x.mapv(|x| x + self.by * x * x));
    }
    fn backward(
        &self,
        _: Params,
        _: Saved<()>,
        _: ArrayViewMutD<f32>,
        _: Option<ArrayViewMutD<f32>>,
        _: &mut [f32],
    ) {
    }
}

#[test]
fn layers_of_ones_own_are_saved_by_name() {
    let Place { folder: _folder, path } = Place::new();
    let model = small().add(Bend { by: 0.1 }).unwrap();
    let error = model.save(&path).unwrap_err();
    assert!(matches!(&error, Error::File(FileError::NotSaveable { index: 3, layer, .. })
        if layer == "Bend"));
    assert!(error.to_string().contains("give it one in a `Registry`"), "{error}");

    let registry = Registry::default().with::<Bend>("Knick").with::<Bend>("Bend");
    model.save_with(&path, &registry).unwrap();
    assert!(matches!(Sequential::load(&path), Err(Error::File(FileError::UnknownLayer { .. }))));
    let again = Sequential::load_with(&path, &registry).unwrap();
    let x = ArrayD::from_elem(vec![1, 2], 0.7);
    assert_eq!(again.predict(&x).unwrap(), model.predict(&x).unwrap());

    // Files of a time when it had another name.
    model.save_with(&path, &Registry::default().with::<Bend>("Knick")).unwrap();
    assert_eq!(Sequential::load_with(&path, &registry).unwrap().summary(), model.summary());

    // What would not come back is not saved.
    let nan = small().add(Bend { by: f32::NAN }).unwrap();
    let error = nan.save_with(&path, &registry).unwrap_err();
    assert!(error.to_string().contains("do not come back as they are"), "{error}");
    // Its weights alone can be.
    nan.save_weights(&path).unwrap();
    let mut again = nan.clone().initialize(1);
    again.load_weights(&path).unwrap();
    assert!(again.params() == nan.params());
    let error = Sequential::load(&path).unwrap_err();
    assert!(matches!(error, Error::File(FileError::MissingFact { .. })));
    assert!(error.to_string().contains("load them with `load_weights`"), "{error}");
}

#[test]
fn two_arrays_of_one_name_are_refused() {
    #[derive(Serialize, Deserialize)]
    struct Twice;
    impl Layer for Twice {
        type Cache = ();
        fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
            Ok(input.to_vec())
        }
        fn param_specs(&self, _: &[usize]) -> Vec<ParamSpec> {
            vec![ParamSpec::new("w", &[1], Init::Zeros); 2]
        }
        fn new_cache(&self, _: &[usize], _: usize) {}
        fn forward(
            &self,
            _: Params,
            _: ArrayViewD<f32>,
            _: ArrayViewMutD<f32>,
            _: &mut (),
            _: Pass<'_>,
        ) {
        }
        fn backward(
            &self,
            _: Params,
            _: Saved<()>,
            _: ArrayViewMutD<f32>,
            _: Option<ArrayViewMutD<f32>>,
            _: &mut [f32],
        ) {
        }
    }
    let Place { folder: _folder, path } = Place::new();
    let model = Sequential::new([1]).add(Twice).unwrap();
    let error = model.save_weights(path).unwrap_err();
    assert!(matches!(error, Error::File(FileError::DuplicateTensor { .. })));
}
