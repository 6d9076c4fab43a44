//! Settings without meaning: of the trainer, optimizers, schedules and losses.

use chainrule::error::TrainError;
use chainrule::optim::schedule::Constant;
use chainrule::prelude::*;

use crate::{CLASSES, dense};

#[test]
fn settings_without_meaning_are_refused() {
    fn with(optimizer: impl Optimizer) -> Trainer<'static> {
        Trainer::new(SoftmaxCrossEntropy, optimizer)
    }
    let (adam, sgd) = (Adam::new(0.01), Sgd::new(0.01));
    let (adagrad, rmsprop, adadelta) = (Adagrad::new(0.01), RmsProp::new(0.01), Adadelta::new(1.0));
    let (nadam, radam, lion) = (NAdam::new(0.01), RAdam::new(0.01), Lion::new(0.01));
    let (all, nan) = (ParamGroup::all, f32::NAN);
    let (positive, below_one) = ("0 or more", "from 0 up to, but not including, 1");
    for (mut trainer, setting, wanted) in [
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
        (with(adam.weight_decay(-1.0)), "Adam's weight decay is -1", positive),
        (with(Adagrad::new(-0.1)), "Adagrad's learning rate is -0.1", positive),
        (with(adagrad.lr_decay(nan)), "Adagrad's lr_decay is NaN", positive),
        (with(adagrad.initial_accumulator(-1.0)), "Adagrad's initial accumulator is -1", positive),
        (with(adagrad.epsilon(0.0)), "Adagrad's epsilon is 0", "above 0"),
        (with(adagrad.weight_decay(-1.0)), "Adagrad's weight decay is -1", positive),
        (with(RmsProp::new(nan)), "RmsProp's learning rate is NaN", positive),
        (with(rmsprop.alpha(1.0)), "RmsProp's alpha is 1", below_one),
        (with(rmsprop.epsilon(-1.0)), "RmsProp's epsilon is -1", "above 0"),
        (with(rmsprop.momentum(1.0)), "RmsProp's momentum is 1", below_one),
        (with(rmsprop.weight_decay(-1.0)), "RmsProp's weight decay is -1", positive),
        (with(Adadelta::new(-1.0)), "Adadelta's learning rate is -1", positive),
        (with(adadelta.rho(1.0)), "Adadelta's rho is 1", below_one),
        (with(adadelta.epsilon(0.0)), "Adadelta's epsilon is 0", "above 0"),
        (with(adadelta.weight_decay(-1.0)), "Adadelta's weight decay is -1", positive),
        (with(NAdam::new(-1.0)), "NAdam's learning rate is -1", positive),
        (with(nadam.betas(1.0, 0.9)), "NAdam's beta1 is 1", below_one),
        (with(nadam.betas(0.9, 1.0)), "NAdam's beta2 is 1", below_one),
        (with(nadam.epsilon(0.0)), "NAdam's epsilon is 0", "above 0"),
        (with(nadam.momentum_decay(-1.0)), "NAdam's momentum decay is -1", positive),
        (with(nadam.weight_decay(nan)), "NAdam's weight decay is NaN", positive),
        (with(RAdam::new(-1.0)), "RAdam's learning rate is -1", positive),
        (with(radam.betas(1.0, 0.9)), "RAdam's beta1 is 1", below_one),
        (with(radam.betas(0.9, 1.0)), "RAdam's beta2 is 1", below_one),
        (with(radam.epsilon(0.0)), "RAdam's epsilon is 0", "above 0"),
        (with(radam.weight_decay(-1.0)), "RAdam's weight decay is -1", positive),
        (with(Lion::new(-1.0)), "Lion's learning rate is -1", positive),
        (with(lion.betas(1.0, 0.9)), "Lion's beta1 is 1", below_one),
        (with(lion.betas(0.9, 1.0)), "Lion's beta2 is 1", below_one),
        (with(lion.weight_decay(-1.0)), "Lion's weight decay is -1", positive),
        (with(sgd).group(all().lr(-1.0)), "a group's learning rate factor is -1", positive),
        (
            with(sgd).group(all()).group(all().decay(nan)),
            "a group's weight decay factor is NaN",
            positive,
        ),
        (with(sgd).group(all().l1(-0.1)), "a group's L1 penalty is -0.1", positive),
        (with(sgd).group(all().l2(nan)), "a group's L2 penalty is NaN", positive),
        (with(sgd).group(all().max_norm(0.0)), "a group's largest norm is 0", "above 0"),
        (with(sgd).clip(Clip::value(0.0)), "the gradient's limit is 0", "above 0"),
        (with(sgd).clip(Clip::norm(-1.0)), "the gradient's limit is -1", "above 0"),
        (with(sgd).clip(Clip::global_norm(nan)), "the gradient's limit is NaN", "above 0"),
        (with(sgd).average(Average::ema(1.0)), "the average's decay is 1", below_one),
        (with(sgd).average(Average::swa(1.0)), "the average's start is 1", below_one),
        (with(sgd).average(Average::swa(-0.5)), "the average's start is -0.5", below_one),
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
fn schedules_without_meaning_are_refused() {
    fn with(schedule: impl Schedule) -> Trainer<'static> {
        Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).schedule(schedule)
    }
    let plateau = ReduceOnPlateau::new(0.1, 3);
    let (positive, share, factor) = ("above 0", "from 0 to 1", "a factor from 0 to 1");
    for (mut trainer, setting, wanted) in [
        (
            with(StepDecay::new(0, 0.1)),
            "the number of epochs of StepDecay's steps is 0",
            "at least 1",
        ),
        (with(StepDecay::new(1, 0.0)), "StepDecay's gamma is 0", positive),
        (with(MultiStep::new([1], f32::NAN)), "MultiStep's gamma is NaN", positive),
        (with(Exponential::new(-0.9)), "Exponential's gamma is -0.9", positive),
        (with(Polynomial::new(f32::INFINITY)), "Polynomial's power is inf", positive),
        (with(Cosine::new(1.5)), "Cosine's end is 1.5", factor),
        (with(Cosine::new(0.0).cycles(0)), "the number of Cosine's cycles is 0", "1 to 10000"),
        (with(Cosine::new(0.0).growth(0.5)), "Cosine's growth is 0.5", "at least 1"),
        (with(Warmup::new(-0.1)), "Warmup's share of the run is -0.1", share),
        (with(Warmup::new(0.1).start(f32::NAN)), "Warmup's start is NaN", factor),
        (with(OneCycle::new(1.1)), "OneCycle's warm-up is 1.1", "a share from 0 to 1"),
        (with(OneCycle::new(0.1).start(-1.0)), "OneCycle's start is -1", factor),
        (with(OneCycle::new(0.1).end(2.0)), "OneCycle's end is 2", factor),
        (with(ReduceOnPlateau::new(1.0, 3)), "ReduceOnPlateau's gamma is 1", "above 0 and below 1"),
        (
            with(plateau.min_improvement(1.0)),
            "ReduceOnPlateau's least improvement is 1",
            "from 0 up to, but not including, 1",
        ),
        (with(plateau.min_factor(-0.1)), "ReduceOnPlateau's least factor is -0.1", factor),
        (with(Constant.then(2.0, Constant)), "the share of the run before `then` is 2", share),
        (with(Constant.then(0.5, Polynomial::new(0.0))), "Polynomial's power is 0", positive),
        (with(Exponential::new(0.0).times(Constant)), "Exponential's gamma is 0", positive),
    ] {
        let error = trainer.fit(&mut dense(10), &CLASSES).unwrap_err();
        assert_eq!(error.to_string(), format!("{setting}: it must be {wanted}"));
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
        refused(Huber::new(delta).one_hot(), &told);
    }
    let few = "wanted a weight for each of 10 classes; `class_weights` got 3 weights";
    refused(MeanSquaredError.one_hot().class_weights([1.0; 3]), few);
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
        let mismatch = loss.check(outputs, &kind).unwrap_err().to_string();
        assert!(mismatch.contains(told), "{}: {mismatch}", loss.name());
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
    let numbers = "wanted values as targets, and these are classes; use `SoftmaxCrossEntropy` for classes, \
                   or `one_hot()` of this loss";
    refused(MeanSquaredError, 10, Classes(10), numbers);
    refused(MeanAbsoluteError, 1, Classes(2), numbers);
    refused(Huber::new(1.0), 3, Classes(3), numbers);
    refused(MeanSquaredError.class_weights([1.0, 2.0]), 2, Classes(2), numbers);
    let ten = "wanted 10 outputs for 10 target classes";
    refused(MeanSquaredError.one_hot(), 1, Classes(10), ten);
    MeanSquaredError.one_hot().check(10, &Classes(10)).unwrap();
    refused(Huber::new(1.0), 2, Values(1), "wanted 1 output for 1 target value");
    refused(Hinge.class_weights([1.0, 2.0]), 3, Classes(3), "a weight for each of 3 classes");
}

#[test]
fn a_range_of_learning_rates_without_meaning_is_refused() {
    let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01));
    for range in [0.0..1.0, -1.0..1.0, 1.0..1.0, 1.0..0.1, 0.1..f32::INFINITY, f32::NAN..1.0] {
        let error = trainer.find_learning_rate(&dense(10), &CLASSES, range.clone()).unwrap_err();
        let wanted = "it must be from above 0 to a larger, finite number";
        let sentence = format!("the range of learning rates is {range:?}: {wanted}");
        assert_eq!(error.to_string(), sentence);
    }
    let error = trainer.find_learning_rate(&dense(9), &CLASSES, 1e-6..1.0).unwrap_err();
    assert!(matches!(error, Error::Train(TrainError::Target { .. })), "{error}");
}

#[test]
fn the_gradient_of_no_samples_is_refused() {
    let error = dense(10).gradient(&CLASSES, &[], &SoftmaxCrossEntropy).unwrap_err();
    assert!(matches!(error, Error::Train(TrainError::EmptySet { .. })), "{error}");
}
