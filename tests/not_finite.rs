//! Training that cannot go on: the error names the place, and the model is as before that batch.

use chainrule::data::augment::Mixup;
use chainrule::error::{Culprit, TrainError};
use chainrule::prelude::*;
use ndarray::{Array, ArrayD};

fn bits(model: &Sequential) -> Vec<u32> {
    model.params().iter().map(|value| value.to_bits()).collect()
}

/// Samples of two inputs and a target; `edit` may spoil the inputs.
fn samples(count: usize, edit: impl Fn(&mut ArrayD<f32>)) -> Arrays {
    let mut x = Array::from_shape_fn((count, 2), |(n, i)| (n + i) as f32 / 8.0).into_dyn();
    edit(&mut x);
    Arrays::new(x, ArrayD::ones(vec![count, 1])).unwrap()
}

/// Batches of four samples, in order.
fn in_fours(loss: impl Loss) -> Trainer<'static> {
    Trainer::new(loss, Sgd::new(1e30)).batch_size(4).shuffle(false)
}

fn two_layers() -> Sequential {
    Sequential::new([2]).add(Dense::new(3)).unwrap().add(Dense::new(1)).unwrap()
}

/// The epoch, batch and culprit that training stops for.
#[track_caller]
fn stops(
    mut trainer: Trainer,
    model: &mut Sequential,
    data: &dyn Dataset,
) -> (usize, usize, Culprit) {
    let error = trainer.fit(model, data).unwrap_err();
    let message = error.to_string();
    let Error::Train(TrainError::NotFinite { loss, epoch, batch, culprit }) = error else {
        panic!("{message}");
    };
    let place = format!("in epoch {epoch}, batch {batch}: {culprit} (the loss is {loss}).");
    let (advice, other) = match culprit {
        Culprit::Input { .. } => ("correct that sample, or leave it out", "smaller learning rate"),
        _ => ("smaller learning rate", "correct that sample"),
    };
    assert!(message.contains(&place) && message.contains(advice), "{message}");
    assert!(!message.contains(other), "{message}");
    (epoch, batch, culprit)
}

fn output_of(index: usize, layer: &str) -> Culprit {
    Culprit::Output { index, layer: layer.to_string() }
}

fn nan(sample: usize, index: usize) -> Culprit {
    Culprit::Input { sample, index, value: "NaN".to_string() }
}

#[test]
fn weights_that_overflow_are_named_by_their_layer_and_kept() {
    let mut model = two_layers();
    model.set_params(&vec![1e30; model.param_count()]).unwrap();
    let before = bits(&model);
    let stop = stops(in_fours(MeanSquaredError), &mut model, &samples(8, |_| ()));
    assert_eq!(stop, (1, 1, output_of(1, "Dense(1)")));
    assert_eq!(bits(&model), before);
}

#[test]
fn a_step_too_far_is_found_at_the_next_batch_and_left_to_be_seen() {
    let mut model = two_layers();
    let stop = stops(in_fours(MeanSquaredError), &mut model, &samples(8, |_| ()));
    assert_eq!(stop, (1, 2, output_of(1, "Dense(1)")));
    let mut first_batch_alone = two_layers();
    in_fours(MeanSquaredError).fit(&mut first_batch_alone, &samples(4, |_| ())).unwrap();
    assert_eq!(bits(&model), bits(&first_batch_alone));
}

#[test]
fn the_epoch_and_batch_that_are_named_are_those_of_the_run() {
    let leap_in_epoch_2 = |done: f32| if done < 0.5 { 0.0 } else { 1.0 };
    let trainer = in_fours(MeanSquaredError).epochs(2).schedule(Curve(leap_in_epoch_2));
    let stop = stops(trainer, &mut two_layers(), &samples(8, |_| ()));
    assert_eq!(stop, (2, 2, output_of(1, "Dense(1)")));
}

#[test]
fn an_input_that_is_not_a_number_is_named_and_not_learned_from() {
    let data = samples(8, |x| x[[6, 1]] = f32::NAN);
    let mut model = two_layers();
    let stop = stops(in_fours(MeanSquaredError), &mut model, &data);
    assert_eq!(stop, (1, 2, nan(6, 1)));
    let mut first_batch_alone = two_layers();
    in_fours(MeanSquaredError).fit(&mut first_batch_alone, &samples(4, |_| ())).unwrap();
    assert_eq!(bits(&model), bits(&first_batch_alone));
}

#[test]
fn the_number_of_a_sample_is_that_in_the_data_set() {
    let data = samples(64, |x| x[[37, 0]] = f32::NEG_INFINITY);
    let trainer = Trainer::new(MeanSquaredError, Sgd::new(0.01)).batch_size(16).seed(3);
    let (_, _, culprit) = stops(trainer, &mut two_layers(), &data);
    assert_eq!(culprit, Culprit::Input { sample: 37, index: 0, value: "-inf".to_string() });
    assert_eq!(culprit.to_string(), "value 0 of sample 37 of the data set is -inf");
}

/// A mixture may take its values from any sample of the step.
#[test]
fn a_sample_that_was_mixed_into_others_is_named() {
    let mut x = Array::from_elem((16, 2, 2, 1), 0.5);
    x[[11, 1, 0, 0]] = f32::NAN;
    let data = Arrays::new(x.into_dyn(), ArrayD::ones(vec![16, 1])).unwrap();
    let model = Sequential::new([2, 2, 1]).add(Flatten).unwrap().add(Dense::new(1)).unwrap();
    let trainer = in_fours(MeanSquaredError).augment(Augment::new().mix(Mixup::new(0.4)));
    let (_, _, culprit) = stops(trainer.accumulate(4), &mut model.clone(), &data);
    assert_eq!(culprit, nan(11, 2));
}

/// A layer that passed over a NaN would let it reach the weights by way of their gradient.
#[test]
fn where_samples_are_coupled_the_culprit_is_named_and_no_statistic_learns_from_it() {
    let mut model = Sequential::new([2])
        .add(Dense::new(3))
        .and_then(|model| model.add(BatchNorm::new()))
        .and_then(|model| model.add(Dense::new(1)))
        .unwrap();
    let before = bits(&model);
    let bad = samples(200, |x| x[[130, 1]] = f32::NAN);
    let trainer = Trainer::new(MeanSquaredError, Sgd::new(0.1)).batch_size(200).shuffle(false);
    let stop = stops(trainer, &mut model, &bad);
    assert_eq!(stop, (1, 1, nan(130, 1)));
    assert_eq!(bits(&model), before);
}

#[test]
fn no_layer_hides_what_is_not_a_number() {
    fn check(layer: impl Layer + Clone) {
        for at in 0..16 {
            let mut x = ArrayD::ones(vec![1, 4, 4, 1]);
            x[[0, at / 4, at % 4, 0]] = f32::NAN;
            let y = Sequential::new([4, 4, 1]).add(layer.clone()).unwrap().predict(&x).unwrap();
            assert!(y.iter().any(|y| y.is_nan()), "{} hides pixel {at}", Layer::name(&layer));
        }
    }
    check(Conv2d::new(2, 3).padding(Padding::Same));
    check(MaxPool2d::new(2));
    check(MaxPool2d::new(3).stride(1).padding(Padding::Same));
    check(AvgPool2d::new(2));
    check(Relu);
    check(LeakyRelu::new(0.1));
    check(Sigmoid);
    check(Tanh);
    check(Softmax);
    check(Elu::new(1.0));
    check(Selu);
    check(Gelu);
    check(GeluTanh);
    check(Silu);
    check(Mish);
    check(Hardswish);
    check(Softplus);
    check(Prelu);
    check(Dropout::new(0.5));
    check(Dropout2d::new(0.5));
    check(Flatten);
    check(Reshape::new([2, 8]));
    check(ZeroPad2d::new(1));
    check(LayerNorm::new().axes(3));
    check(GroupNorm::new(1));
    check(GlobalAvgPool2d);
    check(GlobalMaxPool2d);
}

/// A loss that passed over a NaN would let training go on with it.
#[test]
fn no_loss_hides_what_is_not_a_number() {
    fn check(loss: impl Loss) {
        for (outputs, kind, target) in [
            (1, TargetKind::Classes(2), Target::Class(0)),
            (1, TargetKind::Classes(2), Target::Class(1)),
            (1, TargetKind::Values(1), Target::Values(&[1.0])),
            (3, TargetKind::Classes(3), Target::Class(1)),
            (3, TargetKind::Values(3), Target::Values(&[0.0, 0.25, 0.75])),
        ] {
            for at in 0..outputs {
                let mut prediction = vec![1.0; outputs];
                prediction[at] = f32::NAN;
                let fits = loss.check(outputs, &kind).is_ok();
                let hides = || !loss.loss(&prediction, target, None).is_nan();
                assert!(!(fits && hides()), "{} hides output {at} of {outputs}", loss.name());
            }
        }
    }
    check(SoftmaxCrossEntropy);
    check(SoftmaxCrossEntropy.label_smoothing(0.1));
    check(BinaryCrossEntropy);
    check(KlDivergence);
    check(Hinge);
    check(MeanSquaredError);
    check(MeanAbsoluteError);
    check(Huber::new(1.0));
}

/// A loss that is no number for finite predictions.
#[derive(Debug)]
struct Undefined;

impl Loss for Undefined {
    fn check(&self, _outputs: usize, _targets: &TargetKind) -> Result<(), Mismatch> {
        Ok(())
    }

    fn loss(&self, _prediction: &[f32], _target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        gradient.into_iter().for_each(|gradient| gradient.fill(0.0));
        f32::NAN
    }
}

#[test]
fn a_loss_that_is_no_number_is_named() {
    let mut model = two_layers();
    let before = bits(&model);
    let stop = stops(in_fours(Undefined), &mut model, &samples(8, |_| ()));
    assert_eq!(stop, (1, 1, Culprit::Loss { loss: "Undefined".to_string() }));
    assert_eq!(bits(&model), before);
}

/// A squared error that is no number for a target of 7.
#[derive(Debug)]
struct UndefinedAtSeven;

impl Loss for UndefinedAtSeven {
    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        MeanSquaredError.check(outputs, targets)
    }

    fn loss(&self, prediction: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        let loss = MeanSquaredError.loss(prediction, target, gradient);
        if target == Target::Values(&[7.0]) { f32::NAN } else { loss }
    }
}

#[test]
fn a_validation_loss_that_is_no_number_is_named_by_its_sample() {
    let mut targets = ArrayD::ones(vec![5, 1]);
    targets[[3, 0]] = 7.0;
    let validation = Arrays::new(ArrayD::ones(vec![5, 2]), targets).unwrap();
    let mut trainer = Trainer::new(UndefinedAtSeven, Sgd::new(0.01))
        .epochs(9)
        .validation(&validation)
        .callback(EarlyStopping::new(1));
    let error = trainer.fit(&mut two_layers(), &samples(8, |_| ())).unwrap_err();
    let message = error.to_string();
    let wanted = "the loss of sample 3 is NaN: UndefinedAtSeven gives no finite number for ";
    assert!(message.starts_with(wanted), "{message}");
    assert!(message.contains("and a target of [7.0]. A smaller learning rate, "), "{message}");
}

#[test]
fn a_validation_loss_that_overflows_is_named_by_its_sample() {
    let mut model = two_layers();
    model.set_params(&vec![1e10; model.param_count()]).unwrap();
    let error = model.evaluate(&samples(1, |_| ()), &MeanSquaredError).unwrap_err();
    let wanted = "the loss of sample 0 is inf: MeanSquaredError gives no finite number for ";
    assert!(error.to_string().starts_with(wanted), "{error}");
}

/// A finite loss whose gradient is not.
#[derive(Debug)]
struct Steep;

impl Loss for Steep {
    fn check(&self, _outputs: usize, _targets: &TargetKind) -> Result<(), Mismatch> {
        Ok(())
    }

    fn loss(&self, _prediction: &[f32], _target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        gradient.into_iter().for_each(|gradient| gradient.fill(f32::INFINITY));
        1.0
    }
}

#[test]
fn a_gradient_that_is_not_finite_never_reaches_the_weights() {
    let mut model = two_layers();
    let before = bits(&model);
    let stop = stops(in_fours(Steep), &mut model, &samples(8, |_| ()));
    let layer = "Dense(3)".to_string();
    assert_eq!(stop, (1, 1, Culprit::Gradient { index: 0, layer }));
    assert_eq!(bits(&model), before);
}

#[test]
fn neither_does_a_learning_rate_that_is_not_finite() {
    let mut model = two_layers();
    let before = bits(&model);
    let mut trainer = in_fours(MeanSquaredError).schedule(Curve(|_| f32::NAN));
    let error = trainer.fit(&mut model, &samples(8, |_| ())).unwrap_err();
    assert!(error.to_string().starts_with("the scheduled learning rate is NaN"), "{error}");
    assert_eq!(bits(&model), before);
}
