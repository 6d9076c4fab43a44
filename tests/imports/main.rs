//! Weights in the files of PyTorch and Keras themselves: they give what these libraries' nets give, and
//! what is not right is refused by name. `tests/fixtures/make_torch_state_dicts.py` and
//! `make_keras_files.py` made the files.
#![cfg(all(feature = "keras", feature = "pytorch"))]

mod damage;
mod export;
mod keras;
mod real;
mod torch;

use std::path::{Path, PathBuf};

use chainrule::prelude::*;
use ndarray::{ArrayD, ArrayViewD};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    layer: String,
    x_shape: Vec<usize>,
    x: Vec<f32>,
    y_shape: Vec<usize>,
    y: Vec<f32>,
}

impl Case {
    fn all(file: &str) -> Vec<Case> {
        #[derive(Deserialize)]
        struct File {
            cases: Vec<Case>,
        }
        serde_json::from_slice::<File>(&std::fs::read(fixture(file)).unwrap()).unwrap().cases
    }

    fn x(&self) -> ArrayViewD<'_, f32> {
        ArrayViewD::from_shape(&self.x_shape[..], &self.x).unwrap()
    }

    #[track_caller]
    fn agrees(&self, y: &ArrayD<f32>) {
        assert_eq!(y.shape(), self.y_shape, "{}", self.layer);
        for (i, (y, want)) in y.iter().zip(&self.y).enumerate() {
            assert!((y - want).abs() <= 1e-5, "{}, {i}: {y} for {want}", self.layer);
        }
    }
}

fn fixture(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(file)
}

fn torch_net() -> Sequential {
    let build = || -> Result<Sequential> {
        Sequential::new([6, 6, 2])
            .add(Conv2d::new(3, 3))?
            .add(BatchNorm::new())?
            .add(Relu)?
            .add(Flatten)?
            .add(Dense::new(6))?
            .add(Tanh)?
            .add(Dense::new(6).bias(false))
    };
    build().unwrap().initialize(1)
}

fn keras_net() -> Sequential {
    let build = || -> Result<Sequential> {
        Sequential::new([6, 6, 2])
            .add(Conv2d::new(3, 2).padding(Padding::Same))?
            .add(Relu)?
            .add(BatchNorm::new().epsilon(1e-3))?
            .add(Conv2d::depthwise(3).stride(2))?
            .add(Prelu)?
            .add(Flatten)?
            .add(Dense::new(6).bias(false))?
            .add(Tanh)?
            .add(Dense::new(6))?
            .add(Softmax)
    };
    build().unwrap().initialize(1)
}

/// Loads a file into a model, which must refuse it and stay as it is.
#[track_caller]
fn refusal(file: &str, mut model: Sequential) -> String {
    let before = model.params().to_vec();
    let error = model.load_weights(fixture(file)).unwrap_err();
    assert_eq!(model.params(), before);
    error.to_string()
}
