//! Training that cannot start: an error names the setting, or what is wrong between model and data,
//! and the model is left alone.

use chainrule::error::TrainError;
use chainrule::prelude::*;

fn bits(model: &Sequential) -> Vec<u32> {
    model.params().iter().map(|value| value.to_bits()).collect()
}

/// A data set that says of itself what it likes.
struct Claims {
    len: usize,
    shape: &'static [usize],
    kind: TargetKind,
    target: Target<'static>,
}

const CLASSES: Claims =
    Claims { len: 3, shape: &[2], kind: TargetKind::Classes(10), target: Target::Class(9) };

impl Dataset for Claims {
    fn len(&self) -> usize {
        self.len
    }

    fn input_shape(&self) -> Vec<usize> {
        self.shape.to_vec()
    }

    fn target_kind(&self) -> TargetKind {
        self.kind.clone()
    }

    fn input(&self, _index: usize, x: &mut [f32]) {
        x.fill(1.0);
    }

    fn target(&self, _index: usize) -> Target<'_> {
        self.target
    }
}

fn dense(outputs: usize) -> Sequential {
    Sequential::new([2]).add(Dense::new(outputs)).unwrap()
}

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

#[test]
fn settings_without_meaning_are_refused() {
    fn with(optimizer: impl Optimizer) -> Trainer<'static> {
        Trainer::new(SoftmaxCrossEntropy, optimizer)
    }
    let (adam, sgd) = (Adam::new(0.01), Sgd::new(0.01));
    let (positive, below_one) = ("0 or more", "from 0 up to, but not including, 1");
    for (trainer, setting, wanted) in [
        (with(adam).epochs(0), "the number of epochs is 0", "at least 1"),
        (with(adam).batch_size(0), "the batch size is 0", "at least 1"),
        (with(adam).threads(0), "the number of threads is 0", "1 to 1024"),
        (with(Adam::new(f32::NAN)), "Adam's learning rate is NaN", positive),
        (with(Adam::new(-0.1)), "Adam's learning rate is -0.1", positive),
        (with(adam.betas(1.0, 0.9)), "Adam's beta1 is 1", below_one),
        (with(adam.betas(0.9, -0.5)), "Adam's beta2 is -0.5", below_one),
        (with(adam.betas(f32::NAN, 0.9)), "Adam's beta1 is NaN", below_one),
        (with(adam.epsilon(0.0)), "Adam's epsilon is 0", "above 0"),
        (with(AdamW::new(f32::INFINITY, 0.0)), "AdamW's learning rate is inf", positive),
        (with(AdamW::new(0.1, -1.0)), "AdamW's weight decay is -1", positive),
        (with(Sgd::new(f32::NAN)), "Sgd's learning rate is NaN", positive),
        (with(Sgd::new(-1.0)), "Sgd's learning rate is -1", positive),
        (with(sgd.momentum(1.0)), "Sgd's momentum is 1", below_one),
        (with(sgd.momentum(-0.9)), "Sgd's momentum is -0.9", below_one),
        (with(sgd.weight_decay(-1.0)), "Sgd's weight decay is -1", positive),
        (
            with(sgd.nesterov()),
            "Sgd's momentum is 0 with Nesterov",
            "above 0 for Nesterov's look ahead",
        ),
    ] {
        let error = trainer.fit(&mut dense(10), &CLASSES).unwrap_err();
        assert_eq!(error.to_string(), format!("{setting}: it must be {wanted}"));
        assert!(matches!(error, Error::Train(TrainError::Setting { .. })));
    }
}

#[test]
fn settings_of_losses_without_meaning_are_refused() {
    fn refused(loss: impl Loss, told: &str) {
        let error = Trainer::new(loss, Sgd::new(0.1)).fit(&mut dense(10), &CLASSES).unwrap_err();
        assert!(matches!(error, Error::Train(TrainError::Target { .. })), "{error}");
        assert!(error.to_string().ends_with(told), "{error}");
    }
    for epsilon in [-0.1, 1.0, f32::NAN] {
        let told = "wanted an ε from 0 up to, but not including, 1; `label_smoothing` got";
        refused(SoftmaxCrossEntropy.label_smoothing(epsilon), &format!("{told} {epsilon}"));
    }
    for delta in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        let told = format!("wanted a finite δ above 0; `Huber::new` got {delta}");
        refused(Huber::new(delta), &told);
    }
    let few = "wanted a weight for each of 10 classes; `class_weights` got 3 weights";
    refused(MeanSquaredError.class_weights([1.0; 3]), few);
    for weight in [-1.0, f32::NAN, f32::INFINITY] {
        let mut weights = [1.0; 10];
        weights[4] = weight;
        let told = format!("finite, and 0 or more; that of class 4 is {weight}");
        refused(SoftmaxCrossEntropy.class_weights(weights), &told);
    }
    let none = "leave them out to have all classes count the same";
    refused(SoftmaxCrossEntropy.class_weights([0.0; 10]), none);
}

#[test]
fn losses_refuse_outputs_and_targets_that_do_not_go_together() {
    use TargetKind::{Classes, Values};
    fn refused(loss: impl Loss, outputs: usize, kind: TargetKind, told: &str) {
        let misfit = loss.check(outputs, &kind).unwrap_err().to_string();
        assert!(misfit.contains(told), "{}: {misfit}", loss.name());
    }
    let (one_class, sign) = ("wanted at least 2 target classes", "wanted 1 or 2 outputs for 2");
    refused(BinaryCrossEntropy, 1, Classes(1), one_class);
    refused(Hinge, 1, Classes(1), one_class);
    refused(BinaryCrossEntropy, 3, Classes(2), sign);
    refused(Hinge, 3, Classes(2), sign);
    refused(BinaryCrossEntropy, 1, Classes(3), "wanted 3 outputs for 3 target classes");
    refused(BinaryCrossEntropy, 2, Values(3), "wanted 3 outputs for 3 target values");
    refused(Hinge, 3, Values(3), "wanted classes as targets");
    refused(KlDivergence, 2, Values(3), "wanted 3 outputs for 3 target values");
    refused(MeanAbsoluteError, 1, Classes(2), "wanted 2 outputs for 2 target classes");
    refused(Huber::new(1.0), 2, Values(1), "wanted 1 outputs for 1 target values");
    refused(Hinge.class_weights([1.0, 2.0]), 3, Classes(3), "a weight for each of 3 classes");
}

#[test]
fn the_gradient_of_no_samples_is_refused() {
    let error = dense(10).gradient(&CLASSES, &[], &SoftmaxCrossEntropy).unwrap_err();
    assert!(matches!(error, Error::Train(TrainError::EmptySet { .. })), "{error}");
}
