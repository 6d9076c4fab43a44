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
