//! A table of measurements, from a file to a model that knows flowers that it has not seen.
#![cfg(feature = "csv")]

use chainrule::data::{Csv, Scaling, Table, class_weights, k_fold};
use chainrule::prelude::*;
use ndarray::{Array1, Array4};
use serde_json::Value;

fn iris() -> Table {
    Csv::new().label("species").read("tests/fixtures/iris.csv").unwrap()
}

fn sklearn() -> Value {
    serde_json::from_str(include_str!("fixtures/sklearn_tables.json")).unwrap()
}

fn floats(values: &Value) -> Vec<f32> {
    values.as_array().unwrap().iter().map(|value| value.as_f64().unwrap() as f32).collect()
}

fn close(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-6 * b.abs().max(1.0))
}

#[test]
fn fishers_flowers_are_read_as_they_are() {
    let flowers = iris();
    assert_eq!((flowers.len(), flowers.input_shape()), (150, vec![4]));
    assert_eq!(flowers.columns()[2], "petal_length");
    assert_eq!(flowers.classes(), ["setosa", "versicolor", "virginica"]);
    let x = inputs(&flowers, &[0, 149]).unwrap();
    assert_eq!(x.as_slice().unwrap(), [5.1, 3.5, 1.4, 0.2, 5.9, 3.0, 5.1, 1.8]);
    assert_eq!([0, 50, 149].map(|i| flowers.target(i)), [0, 1, 2].map(Target::Class));
}

#[test]
fn standardized_flowers_are_those_of_scikit_learn() {
    let (flowers, expected) = (iris(), &sklearn()["scaling"]);
    let scaling = Scaling::of(&flowers).unwrap();
    assert!(close(scaling.mean(), &floats(&expected["mean"])));
    assert!(close(scaling.std(), &floats(&expected["std"])));
    let scaled = scaling.scale(&flowers).unwrap();
    for (index, row) in [(0, "first"), (149, "last")] {
        let x = inputs(&scaled, &[index]).unwrap();
        assert!(close(x.as_slice().unwrap(), &floats(&expected[row])), "{row}: {x}");
        assert_eq!(scaled.target(index), flowers.target(index));
    }
}

#[test]
fn balanced_class_weights_are_those_of_scikit_learn() {
    let expected = &sklearn()["class_weights"];
    let labels: Array1<u8> = floats(&expected["labels"]).iter().map(|&label| label as u8).collect();
    let data = Images::new(Array4::zeros((10, 1, 1, 1)), labels.to_vec(), 3).unwrap();
    assert!(class_weights(&data).unwrap() == floats(&expected["weights"]));
}

/// Over five folds every flower is held out once, so that all 150 count.
#[test]
fn a_small_net_knows_nine_in_ten_of_the_flowers_held_out() {
    let flowers = iris();
    let mut right = 0;
    for (train, test) in k_fold(&flowers, 5, 3).unwrap() {
        let scaling = Scaling::of(&train).unwrap();
        let (train, test) = (scaling.scale(&train).unwrap(), scaling.scale(&test).unwrap());
        let hidden = Sequential::new([4]).add(Dense::new(16)).unwrap().add(Tanh).unwrap();
        let mut model = hidden.add(Dense::new(3)).unwrap();
        let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(16);
        trainer.epochs(30).fit(&mut model, &train).unwrap();
        let result = model.evaluate(&test, &SoftmaxCrossEntropy).unwrap();
        right += result.actual.len() - result.wrong();
    }
    assert!(right > 140, "{right} of 150");
}

/// A table, a part of it, and that part standardized: all know what a class is called.
#[test]
fn the_names_of_classes_travel_with_the_flowers() {
    let flowers = iris();
    let [train, _] = split(&flowers, [0.5, 0.5], 1).unwrap();
    let scaling = Scaling::of(&train).unwrap();
    let train = scaling.scale(&train).unwrap();
    let names = ["setosa", "versicolor", "virginica"];
    assert_eq!(train.class_names(), names);

    let mut model = Sequential::new([4]).add(Dense::new(3)).unwrap().initialize(1);
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.1)).fit(&mut model, &train).unwrap();
    let result = model.evaluate(&train, &SoftmaxCrossEntropy).unwrap();
    let confusion = result.confusion(3);
    assert_eq!(confusion.names, names);
    let table = confusion.to_string();
    for (line, name) in table.lines().skip(1).zip(["setosa  0", "versicolor  1", "virginica  2"]) {
        assert!(line.trim_start().starts_with(name), "{table}");
    }
    let report = confusion.report().to_string();
    assert!(names.iter().all(|name| report.contains(&format!("\n{name} "))), "{report}");

    let file = ModelFile::new(model).scaling(scaling.clone()).unwrap().loss(&SoftmaxCrossEntropy);
    let answer = file.classify(&[5.1f32, 3.5, 1.4, 0.2]).unwrap();
    assert_eq!(answer.best().index, result.predicted[0]);
    assert_eq!(answer.best().name, names[answer.best().index]);
}
