//! Exported files: what is known of a model comes with it.

use std::fs;

use chainrule::loss::Outputs;
use chainrule::prelude::*;
use ndarray::ArrayD;
use serde_json::json;

use crate::random::randomize;
use crate::runtime::{Case, compare, inputs};

fn model(layers: impl FnOnce(Sequential) -> Result<Sequential>) -> Sequential {
    randomize(layers(Sequential::new([4, 5, 3])).unwrap(), 5)
}

fn images() -> Sequential {
    let model = model(|x| x.add(Conv2d::new(2, 3))?.add(Relu)?.add(Flatten)?.add(Dense::new(4)));
    model.with_class_names(["zéro", "one", "two \"2\"", "three"]).unwrap()
}

/// A file on raw inputs: the scalings, the model and its probabilities, one after the other.
fn case(name: &str, file: &ModelFile) -> Case {
    let x = inputs(&file.model, 3).mapv(|x| 64.0 * x + 128.0);
    let mut scaled = x.clone();
    let values = scaled.as_slice_mut().unwrap();
    file.scalings.iter().for_each(|scaling| scaling.apply(values));
    let y = file.model.predict(&scaled).unwrap();
    let outputs = file.outputs.unwrap_or(Outputs::Scores);
    let mut p = ArrayD::zeros(y.shape());
    let size = y.len() / 3;
    let rows = y.as_slice().unwrap().chunks(size);
    for (y, p) in rows.zip(p.as_slice_mut().unwrap().chunks_mut(size)) {
        let y: Vec<f32> = y.iter().map(|y| y / file.temperature).collect();
        outputs.predicted_values(&y, p);
    }
    Case { y: p, x, onnx: file.to_onnx().unwrap(), ..Case::of(name, &file.model) }
}

#[test]
fn scalings_and_probabilities_are_in_the_graph() {
    let ramp = |len: usize| (1..=len).map(|i| i as f32 / len as f32).collect::<Vec<_>>();
    let scaling = |len| Scaling::new(ramp(len), ramp(len)).unwrap();
    let pixels = || ModelFile::new(images()).scaling(Scaling::pixels()).unwrap();
    let scalings = pixels().scaling(scaling(3)).unwrap().scaling(scaling(60)).unwrap();
    let rows = model(|x| x.add(Reshape::new([10, 6]))?.add(Conv1d::new(2, 4)));
    let images = model(|x| x.add(Conv2d::new(2, 2)));
    let nothing = model(|x| x.add(Dropout::new(0.5)));
    let file = |model: &Sequential, outputs| ModelFile {
        outputs: Some(outputs),
        ..ModelFile::new(model.clone()).scaling(Scaling::pixels()).unwrap()
    };
    compare(&[
        case("pixels", &pixels()),
        case("softmax", &pixels().loss(&SoftmaxCrossEntropy)),
        case("calibrated", &ModelFile { temperature: 1.7, ..pixels().loss(&SoftmaxCrossEntropy) }),
        case("several", &scalings.loss(&BinaryCrossEntropy)),
        case("rows", &file(&rows, Outputs::Softmax)),
        case("images", &file(&images, Outputs::Softmax)),
        case("pixel_by_pixel", &file(&images, Outputs::Sigmoid)),
        case("scores", &file(&images, Outputs::Scores)),
        case("scaling_alone", &file(&nothing, Outputs::Probabilities)),
        case("nothing", &ModelFile::new(nothing)),
    ]);
}

#[test]
fn class_names_and_facts_are_in_the_metadata() {
    let file = ModelFile::new(images()).fact("epochs", 10).fact("data", "MNIST");
    let facts = json!({
        "chainrule.classes": r#"["zéro","one","two \"2\"","three"]"#,
        "chainrule.training": r#"{"epochs":10,"data":"MNIST"}"#,
    });
    compare(&[Case { facts, ..case("facts", &file) }]);
}

#[test]
fn a_file_has_the_bytes_that_are_returned_and_they_are_always_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.onnx");
    let file = ModelFile::new(images()).scaling(Scaling::pixels()).unwrap().fact("seed", 7);
    file.save_onnx(&path).unwrap();
    assert!(fs::read(&path).unwrap() == file.to_onnx().unwrap());
    assert!(file.to_onnx().unwrap() == file.clone().to_onnx().unwrap());
    file.model.save_onnx(&path).unwrap();
    assert!(fs::read(&path).unwrap() == images().to_onnx().unwrap());
}

/// f(x) = x²
struct Square;

impl Elementwise for Square {
    fn f(&self, x: f32) -> f32 {
        x * x
    }

    fn derivative(&self, x: f32, _: f32) -> f32 {
        2.0 * x
    }
}

#[test]
fn a_layer_without_an_operator_is_named_and_the_file_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.onnx");
    fs::write(&path, "old").unwrap();
    let model = model(|x| x.add(Flatten)?.add(Dense::new(2))?.add(Square)?.add(Dense::new(1)));
    let error = model.save_onnx(&path).unwrap_err();
    assert!(matches!(error, Error::Onnx(OnnxError::NoOperator { index: 2, .. })));
    let said = format!(
        "{}: layer 2, Square, cannot be saved: ONNX has no operator for it; build it of layers \
         of `chainrule::layers`, or save the layers before it (see `truncate`) and compute the rest where \
         the file is used",
        path.display()
    );
    assert_eq!(error.to_string(), said);
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    model.truncate(2).unwrap().save_onnx(&path).unwrap();
}

#[test]
fn what_is_no_whole_model_is_refused() {
    let error = Sequential::new([2]).to_onnx().unwrap_err();
    assert!(matches!(error, Error::Model(ModelError::Empty)));

    let mut diverged = images();
    let mut bias = diverged.param("3.bias").unwrap().into_owned();
    bias[2] = f32::NAN;
    diverged.set_param("3.bias", &bias).unwrap();
    let error = diverged.to_onnx().unwrap_err().to_string();
    assert!(error.contains("the bytes: ") && error.contains("number 2 of tensor `3.bias` is NaN"));

    let within = Residual::new(|x| {
        let x = x.add(Relu)?;
        x.to_onnx().map(|_| x)
    });
    let error = Sequential::new([2]).add(within).unwrap_err().to_string();
    assert!(error.contains("the end of a branch"), "{error}");

    let file = ModelFile {
        scalings: vec![Scaling::new(vec![0.0; 7], vec![1.0; 7]).unwrap()],
        ..ModelFile::new(images())
    };
    let error = file.to_onnx().unwrap_err();
    assert!(matches!(error, Error::File(FileError::BadFact { .. })));
}
