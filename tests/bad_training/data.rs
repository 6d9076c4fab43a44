//! Data sets that are empty, do not fit the model or break their word.

use chainrule::error::TrainError;
use chainrule::prelude::*;

use crate::{CLASSES, Claims, bits, dense};

/// What training on a data set, validating with it, and evaluating on it say about it.
fn refusals(mut model: Sequential, data: &Claims) -> [(&'static str, TrainError); 3] {
    let before = bits(&model);
    let trainer = || Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01));
    let trained = trainer().fit(&mut model, data).unwrap_err();
    let validated = trainer().validation(data).fit(&mut dense(10), &CLASSES).unwrap_err();
    let evaluated = model.evaluate(data, &SoftmaxCrossEntropy).unwrap_err();
    assert_eq!(bits(&model), before);
    [("training", trained), ("validation", validated), ("evaluation", evaluated)].map(
        |(which, error)| match error {
            Error::Train(error) => (which, error),
            error => panic!("{which}: {error}"),
        },
    )
}

#[test]
fn an_empty_data_set_is_refused() {
    for (set, error) in refusals(dense(10), &Claims { len: 0, ..CLASSES }) {
        assert!(matches!(error, TrainError::EmptySet { which } if which == set), "{error}");
        assert!(error.to_string().starts_with(&format!("the {set} set is empty")), "{error}");
    }
}

#[test]
fn a_data_set_of_another_shape_than_the_models_is_refused() {
    for (_, error) in refusals(dense(10), &Claims { shape: &[28, 28], ..CLASSES }) {
        let sentence = "the model takes inputs of shape 2, but the data set's are 28×28: \
                        build the model with `Sequential::new` of the data's shape";
        assert_eq!(error.to_string(), sentence);
        assert!(matches!(error, TrainError::InputShape { .. }));
    }
}

#[test]
fn as_many_outputs_as_classes_or_values_are_demanded() {
    let (eleven, values) = (TargetKind::Classes(11), TargetKind::Values(4));
    for (kind, wanted) in [(eleven, "11 target classes"), (values, "4 target values")] {
        for (_, error) in refusals(dense(10), &Claims { kind: kind.clone(), ..CLASSES }) {
            let TrainError::Target { loss, outputs: 10, .. } = &error else { panic!("{error}") };
            assert_eq!(loss, "SoftmaxCrossEntropy");
            let message = error.to_string();
            assert!(message.contains("the model's 10 outputs"), "{message}");
            assert!(message.contains(wanted), "{message}");
            assert!(message.contains("let the last layer give"), "{message}");
        }
    }
}

#[test]
fn a_data_set_that_breaks_its_word_is_refused() {
    let ten = TargetKind::Values(10);
    for (kind, target, told) in [
        (
            TargetKind::Classes(10),
            Target::Class(10),
            "class 10, but the set announces 10 classes, counted from 0",
        ),
        (TargetKind::Classes(10), Target::Values(&[1.0]), "1 values, but the set announces"),
        (ten.clone(), Target::Class(0), "class 0, but the set announces 10 values"),
        (ten, Target::Values(&[0.5; 9]), "9 values, but the set announces 10 values"),
    ] {
        for (set, error) in refusals(dense(10), &Claims { kind: kind.clone(), target, ..CLASSES }) {
            let TrainError::BadTarget { which, index: 0, .. } = error else { panic!("{error}") };
            assert_eq!(which, set);
            let message = error.to_string();
            assert!(message.starts_with(&format!("target 0 of the {set} set is ")), "{message}");
            assert!(message.contains(told), "{message}");
        }
    }
}

/// Trains a linear model on one sample of these targets, and returns the refusal.
fn refusal_of(loss: impl Loss + 'static, outputs: usize, targets: &[f32]) -> String {
    let x = ndarray::ArrayD::zeros(vec![1, 2]);
    let t = ndarray::ArrayD::from_shape_vec(vec![1, targets.len()], targets.to_vec()).unwrap();
    let mut model = Sequential::new([2]).add(Dense::new(outputs)).unwrap();
    let fit = Trainer::new(loss, Sgd::new(0.1)).fit(&mut model, &Arrays::new(x, t).unwrap());
    fit.map_or_else(|error| error.to_string(), |_| String::new())
}

#[test]
fn targets_outside_the_domain_of_the_loss_are_refused() {
    let same = "target 0 of the training set is ";
    for (told, wanted) in [
        (refusal_of(BinaryCrossEntropy, 1, &[-1.0]), "[-1.0], but BinaryCrossEntropy wanted"),
        (refusal_of(BinaryCrossEntropy, 2, &[0.0, 255.0]), "[0.0, 255.0], but"),
        (refusal_of(SoftmaxCrossEntropy, 3, &[0.5, 0.5, 0.5]), "SoftmaxCrossEntropy wanted prob"),
        (refusal_of(KlDivergence, 3, &[1.5, -0.5, 0.0]), "KlDivergence wanted probabilities"),
        (refusal_of(SoftmaxCrossEntropy.label_smoothing(0.1), 2, &[1.0, 1.0]), "with the sum 1"),
        (refusal_of(KlDivergence.class_weights([1.0, 1.0]), 2, &[2.0, 0.0]), "with the sum 1"),
        (refusal_of(MeanSquaredError, 1, &[f32::NAN]), "[NaN], but MeanSquaredError wanted finite"),
    ] {
        assert!(told.starts_with(same) && told.contains(wanted), "{told}");
    }
    let one = refusal_of(SoftmaxCrossEntropy, 1, &[1.0]);
    assert!(one.contains("use `BinaryCrossEntropy`"), "{one}");
    assert_eq!(refusal_of(SoftmaxCrossEntropy, 2, &[0.2, 0.8]), "");
    assert_eq!(refusal_of(BinaryCrossEntropy, 2, &[1.0, 0.0]), "");
}

#[test]
fn numbers_of_classes_given_as_values_are_told_the_constructor() {
    let fix = "wanted classes, or 10 target values; if each target is the number of a class, make the \
               set with `Arrays::with_classes`";
    for told in [
        refusal_of(SoftmaxCrossEntropy, 10, &[9.0]),
        refusal_of(SoftmaxCrossEntropy.label_smoothing(0.1), 10, &[9.0]),
        refusal_of(KlDivergence, 10, &[9.0]),
        refusal_of(BinaryCrossEntropy, 10, &[9.0]),
    ] {
        assert!(told.ends_with(fix), "{told}");
    }
    let told = refusal_of(Hinge, 10, &[9.0]);
    assert!(told.contains("wanted classes as targets; make the set with `Arrays::with_"), "{told}");
    let told = refusal_of(BinaryCrossEntropy, 1, &[9.0]);
    assert!(told.contains("give numbers of classes to `Arrays::with_classes`"), "{told}");
    // A loss of values compares numbers, and one number for each is what it lacks.
    let told = refusal_of(MeanSquaredError, 10, &[9.0]);
    assert!(told.ends_with("1 output for 1 target value; let the last layer give 1 number"));
}

#[test]
fn a_last_layer_that_the_loss_applies_again_is_refused() {
    let refusal = |mut model: Sequential, loss: &dyn Fn() -> Trainer<'static>| {
        loss().fit(&mut model, &CLASSES).unwrap_err().to_string()
    };
    let softmax = || Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1));
    let told = refusal(dense(10).add(Softmax).unwrap(), &softmax);
    assert!(told.contains("ends in Softmax, and SoftmaxCrossEntropy applies"), "{told}");
    let sigmoid = || Trainer::new(BinaryCrossEntropy, Sgd::new(0.1));
    let told = refusal(dense(10).add(Sigmoid).unwrap(), &sigmoid);
    assert!(told.contains("leave the last layer out"), "{told}");
    let mut fits = dense(10).add(Softmax).unwrap();
    Trainer::new(MeanSquaredError.one_hot(), Sgd::new(0.1)).fit(&mut fits, &CLASSES).unwrap();
}

#[test]
fn what_is_not_finite_in_evaluation_is_named() {
    let mut model = Sequential::new([2]).add(Dense::new(2)).unwrap();
    model.set_params(&[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]).unwrap();
    let t = ndarray::array![[1.0, 0.0], [0.0, 1.0]].into_dyn();
    let told = |model: &Sequential, x: f32| {
        let x = ndarray::array![[1.0, 0.0], [0.0, x]].into_dyn();
        let data = Arrays::new(x, t.clone()).unwrap();
        model.evaluate(&data, &SoftmaxCrossEntropy).unwrap_err()
    };
    for (value, named) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf")] {
        let error = told(&model, value);
        let Error::Model(ModelError::NotFiniteInput { sample: 1, index: 1, .. }) = error else {
            panic!("{error}");
        };
        let message = error.to_string();
        assert!(message.contains(&format!("value 1 of sample 1 is {named}: correct")), "{message}");
    }
    // A finite input: the model is at fault, or the scale of the input.
    model.set_params(&[1.0, 0.0, 0.0, 1e30, 0.0, 0.0]).unwrap();
    let error = told(&model, 1e30);
    let Error::Model(ModelError::NotFiniteOutput { sample: 1, index: 1, .. }) = error else {
        panic!("{error}");
    };
    let message = error.to_string();
    for part in ["output 1 for sample 1 is inf", "the sample is finite", "diverged", "scale"] {
        assert!(message.contains(part), "no \"{part}\" in \"{message}\"");
    }
}
