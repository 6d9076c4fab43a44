//! Classes are matched by name, wherever a data set meets a model.

use chainrule::error::{ModelError, TrainError};
use chainrule::prelude::*;
use ndarray::Array4;

/// Pictures of two pixels; that of class `i` of `all` shows `i`.
fn pets(all: &[&str], names: &[&str], labels: &[u8]) -> Images {
    let shade = |label: u8| {
        let name = names[usize::from(label)];
        all.iter().position(|other| *other == name).map_or(200, |place| 100 * place as u8)
    };
    let pixels = Array4::from_shape_fn((labels.len(), 1, 2, 1), |(i, ..)| shade(labels[i]));
    let images = Images::new(pixels, labels.to_vec(), names.len()).unwrap();
    images.with_class_names(names.iter().copied()).unwrap()
}

const ALL: [&str; 3] = ["cat", "dog", "eel"];

fn train_set() -> Images {
    pets(&ALL, &ALL, &[0, 1, 2, 0, 1, 2])
}

fn body() -> Sequential {
    Sequential::new([1, 2, 1]).add(Flatten).unwrap().add(Dense::new(3)).unwrap().initialize(1)
}

fn trainer<'a>() -> Trainer<'a> {
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.1)).batch_size(6).epochs(200)
}

fn trained() -> Sequential {
    let mut model = body();
    trainer().fit(&mut model, &train_set()).unwrap();
    model
}

fn evaluate(model: &Sequential, data: &Images) -> Result<Evaluation> {
    model.evaluate(data, &SoftmaxCrossEntropy)
}

fn unknown(error: Error, set: &str) {
    let Error::Train(TrainError::UnknownClass { which, class, wanted, came }) = &error else {
        panic!("{error}");
    };
    assert_eq!((*which, &class[..]), (set, "fox"));
    assert_eq!((&wanted[..], &came[..]), (&ALL.map(String::from)[..], &NEW.map(String::from)[..]));
    let text = error.to_string();
    assert!(text.contains("cat, dog, eel") && text.contains("cat, dog, fox"), "{text}");
}

const NEW: [&str; 3] = ["cat", "dog", "fox"];

#[test]
fn a_model_takes_the_names_of_its_training_set() {
    let model = trained();
    assert_eq!(model.class_names(), ALL);
    let evaluation = evaluate(&model, &train_set()).unwrap();
    assert_eq!(
        (evaluation.accuracy, &evaluation.class_names[..]),
        (Some(1.0), model.class_names())
    );
    // Without names, classes are matched by number, and called as the model calls them.
    let unnamed = Images::new(train_set().pixels().to_owned(), vec![0, 1, 2, 0, 1, 2], 3).unwrap();
    let evaluation = evaluate(&model, &unnamed).unwrap();
    assert_eq!(
        (evaluation.accuracy, &evaluation.class_names[..]),
        (Some(1.0), model.class_names())
    );
}

#[test]
fn some_of_the_classes_in_any_order_are_mapped_by_name() {
    let model = trained();
    for names in [&["eel", "cat"][..], &["dog"], &["eel", "dog", "cat"]] {
        let labels: Vec<u8> = (0..names.len() as u8).collect();
        let data = pets(&ALL, names, &labels);
        let evaluation = evaluate(&model, &data).unwrap();
        assert_eq!((evaluation.accuracy, evaluation.classes), (Some(1.0), 3));
        let expected: Vec<usize> =
            names.iter().map(|name| ALL.iter().position(|other| other == name).unwrap()).collect();
        assert_eq!(evaluation.actual, expected);
        assert_eq!(evaluation.class_names, ALL);
    }
}

#[test]
fn a_class_that_the_model_does_not_have_is_refused() {
    let (model, data) = (trained(), pets(&ALL, &NEW, &[0, 1]));
    unknown(evaluate(&model, &data).unwrap_err(), "evaluation");
    unknown(model.gradient(&data, &[0], &SoftmaxCrossEntropy).unwrap_err(), "gradient's");
    unknown(trainer().fit(&mut model.clone(), &data).unwrap_err(), "training");
    unknown(trainer().validation(&data).fit(&mut body(), &train_set()).unwrap_err(), "validation");
    let error = trainer().find_learning_rate(&model, &data, 1e-4..1.0).unwrap_err();
    unknown(error, "training");
    let mut stepper = trainer().stepper(&model).unwrap();
    unknown(stepper.accumulate(&model, &data, &[0]).unwrap_err(), "training");
}

#[test]
fn training_goes_on_with_classes_by_name() {
    let reversed = pets(&ALL, &["eel", "dog", "cat"], &[2, 1, 0, 2, 1, 0]);
    assert!(reversed.pixels() == train_set().pixels());
    let mut by_number = trained();
    trainer().fit(&mut by_number, &train_set()).unwrap();
    let mut by_name = trained();
    let history = trainer().validation(&reversed).fit(&mut by_name, &reversed).unwrap();
    assert!(by_name.params() == by_number.params());
    assert_eq!(history.last().unwrap().validation_accuracy, Some(1.0));

    let gradient = |data: &Images| trained().gradient(data, &[0, 3], &SoftmaxCrossEntropy).unwrap();
    assert_eq!(gradient(&reversed), gradient(&train_set()));
    let step = |data: &Images| {
        let mut stepper = trainer().stepper(&by_name).unwrap();
        stepper.accumulate(&by_name, data, &[0, 1]).unwrap();
        stepper.gradient()
    };
    assert_eq!(step(&reversed), step(&train_set()));
}

#[test]
fn a_validation_set_has_the_order_of_the_training_set() {
    let reversed = pets(&ALL, &["eel", "dog", "cat"], &[2, 1, 0, 2, 1, 0]);
    let history = trainer().validation(&reversed).fit(&mut body(), &train_set()).unwrap();
    assert_eq!(history.last().unwrap().validation_accuracy, Some(1.0));
}

#[test]
fn names_belong_to_the_outputs() {
    let model = trained();
    assert_eq!(model.clone().add(Softmax).unwrap().class_names(), ALL);
    assert!(model.clone().add(Dense::new(3)).unwrap().class_names().is_empty());
    assert!(model.clone().without_last(1).unwrap().class_names().is_empty());
    let model = model.with_class_names([""; 0]).unwrap();
    assert!(model.class_names().is_empty());
    let refused =
        |names: &[&str]| model.clone().with_class_names(names.iter().copied()).unwrap_err();
    let error = refused(&["a", "b"]);
    assert!(
        matches!(error, Error::Model(ModelError::ClassNames { names: 2, outputs: 3 })),
        "{error}"
    );
    assert!(refused(&["a", "b", "a"]).to_string().contains("two classes are called `a`"));
    let one = Sequential::new([2]).add(Dense::new(1)).unwrap();
    assert_eq!(one.with_class_names(["no", "yes"]).unwrap().class_names().len(), 2);
    let twice = train_set().with_class_names(["a", "b", "a"]).unwrap_err().to_string();
    assert!(twice.contains("two classes are called `a`"), "{twice}");
}

/// A data set of one's own with a name too few.
struct Misnamed(Images, Vec<String>);

impl Dataset for Misnamed {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn input_shape(&self) -> Vec<usize> {
        self.0.input_shape()
    }
    fn target_kind(&self) -> TargetKind {
        self.0.target_kind()
    }
    fn class_names(&self) -> &[String] {
        &self.1
    }
    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        self.0.input(index, x)
    }
    fn target(&self, index: usize) -> Target<'_> {
        self.0.target(index)
    }
}

#[test]
fn names_that_are_not_one_for_each_class_are_refused() {
    let data = Misnamed(train_set(), vec!["cat".into(), "dog".into()]);
    let mut model = body();
    let error = trainer().fit(&mut model, &data).unwrap_err();
    let TrainError::ClassNames { names: 2, classes: 3, .. } = (match &error {
        Error::Train(error) => error,
        _ => panic!("{error}"),
    }) else {
        panic!("{error}");
    };
    assert!(model.class_names().is_empty(), "a refused run leaves the model as it was");
}

#[test]
fn numbers_are_one_class_however_they_are_written() {
    let digits = |names: [&str; 3]| {
        pets(&["0", "1", "2"], &["0", "1", "2"], &[0, 1, 2]).with_class_names(names)
    };
    let mut model = body();
    trainer().fit(&mut model, &digits(["0", "1", "2"]).unwrap()).unwrap();
    let evaluation = evaluate(&model, &digits(["00", "01", "2.0"]).unwrap()).unwrap();
    assert_eq!((evaluation.accuracy, evaluation.actual), (Some(1.0), vec![0, 1, 2]));
}
