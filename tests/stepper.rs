//! `Stepper`: the steps of a trainer in a loop of one's own.
#![cfg(feature = "sample")]

use chainrule::data::augment::{Augment, Mixup};
use chainrule::error::Culprit;
use chainrule::prelude::*;
use chainrule::trainer::Stepper;
use ndarray::{Array, ArrayD};

mod common;
use common::digits;

fn mlp() -> Sequential {
    let model = Sequential::new([28, 28, 1]).add(Flatten).unwrap().add(Dense::new(70)).unwrap();
    model.add(Tanh).unwrap().add(Dense::new(10)).unwrap().initialize(4)
}

fn normalized() -> Sequential {
    let model = Sequential::new([28, 28, 1]).add(Flatten).unwrap().add(Dense::new(20)).unwrap();
    model.add(BatchNorm::new()).unwrap().add(Dense::new(10)).unwrap().initialize(4)
}

fn trainer() -> Trainer<'static> {
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.003))
        .group(ParamGroup::vectors().lr(2.0))
        .group(ParamGroup::all().l2(1e-3).max_norm(1.0))
        .clip(Clip::norm(0.5))
}

fn all(n: usize) -> Vec<usize> {
    (0..n).collect()
}

#[test]
fn a_loop_of_ones_own_comes_to_the_bits_of_fit() {
    let data = digits(300);
    for model in [mlp(), normalized()] {
        let mut fitted = model.clone();
        trainer().shuffle(false).batch_size(128).epochs(2).fit(&mut fitted, data).unwrap();
        for threads in [None, Some(1), Some(3)] {
            let trainer = threads.map_or(trainer(), |threads| trainer().threads(threads));
            let (mut model, mut stepper) = (model.clone(), trainer.stepper(&model).unwrap());
            for _ in 0..2 {
                for batch in all(300).chunks(128) {
                    stepper.accumulate(&model, data, batch).unwrap();
                    stepper.update(&mut model, 0.003).unwrap();
                }
            }
            assert_eq!(stepper.steps(), 6);
            assert!(model.params() == fitted.params(), "{threads:?} threads");
        }
    }
}

/// Loss, correct classes and gradient of these batches as one step.
fn step_of(model: &Sequential, trainer: &Trainer, batches: &[&[usize]]) -> (f64, usize, Vec<f32>) {
    let mut stepper = trainer.stepper(model).unwrap();
    for batch in batches {
        stepper.accumulate(model, digits(300), batch).unwrap();
    }
    assert_eq!(stepper.samples(), batches.iter().map(|batch| batch.len()).sum::<usize>());
    (stepper.loss(), stepper.correct(), stepper.gradient())
}

#[test]
fn the_gradient_is_that_of_the_mean_loss_over_all_batches() {
    let (model, indices) = (mlp(), all(300));
    let weights = (0..10).map(|class| class as f32 / 5.0).collect::<Vec<f32>>();
    let loss = SoftmaxCrossEntropy.class_weights(weights);
    let trainer = Trainer::new(loss.clone(), Sgd::new(0.1));
    let (wanted_loss, wanted) = model.gradient(digits(300), &indices, &loss).unwrap();
    let right = 300 - model.evaluate(digits(300), &loss).unwrap().wrong();
    for size in [300, 128, 100, 7] {
        let batches: Vec<&[usize]> = indices.chunks(size).collect();
        let (loss, correct, gradient) = step_of(&model, &trainer, &batches);
        assert!((loss - wanted_loss).abs() < 1e-6 && correct == right, "batches of {size}");
        let apart = gradient.iter().zip(&wanted).map(|(a, b)| (a - b).abs());
        assert!(apart.fold(0.0, f32::max) < 1e-6, "batches of {size}");
    }
    let whole = step_of(&model, &trainer, &[&indices]);
    let batches = [&indices[..64], &indices[64..192], &indices[192..]];
    assert!(step_of(&model, &trainer, &batches) == whole, "multiples of 64 give the same bits");
}

#[test]
fn looking_at_the_gradient_changes_nothing() {
    let trainer = trainer().augment(Augment::new().mix(Mixup::new(1.0)));
    let step = |look: bool| {
        let (mut model, mut stepper) = (mlp(), trainer.stepper(&mlp()).unwrap());
        for batch in all(300).chunks(64) {
            stepper.accumulate(&model, digits(300), batch).unwrap();
            assert!(!look || stepper.gradient().iter().any(|&g| g != 0.0));
        }
        stepper.update(&mut model, 0.01).unwrap();
        assert_eq!((stepper.samples(), stepper.loss(), stepper.gradient()), (0, 0.0, vec![]));
        model.params().to_vec()
    };
    assert!(step(true) == step(false));
}

#[test]
fn clearing_drops_the_step_so_far() {
    let (model, indices) = (normalized(), all(100));
    let update = |stepper: &mut Stepper| {
        let mut model = model.clone();
        stepper.accumulate(&model, digits(300), &indices[50..]).unwrap();
        stepper.update(&mut model, 0.01).unwrap();
        model.params().to_vec()
    };
    let wanted = update(&mut trainer().stepper(&model).unwrap());
    let mut stepper = trainer().stepper(&model).unwrap();
    stepper.accumulate(&model, digits(300), &indices[..50]).unwrap();
    stepper.clear();
    assert!(update(&mut stepper) == wanted);
}

#[test]
fn batches_may_grow_and_threads_may_change() {
    let batches = [1usize, 3, 70, 20, 300];
    let step = || {
        let (mut model, mut stepper) = (normalized(), trainer().stepper(&normalized()).unwrap());
        for n in batches {
            stepper.accumulate(&model, digits(300), &all(n)).unwrap();
            if n != 70 {
                stepper.update(&mut model, 0.01).unwrap();
            }
        }
        model.params().to_vec()
    };
    let pool = |n| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
    let wanted = step();
    assert!(pool(1).install(step) == wanted && pool(3).install(step) == wanted);
}

#[test]
fn misuse_is_refused_by_name() {
    let data = digits(20);
    let (mut model, mut stepper) = (mlp(), trainer().stepper(&mlp()).unwrap());
    let before = model.params().to_vec();
    let none = stepper.update(&mut model, 0.1).unwrap_err();
    assert!(matches!(none, Error::Train(TrainError::NoGradient)), "{none}");
    assert!(none.to_string().contains("call `accumulate` at least once before each `update`"));

    let empty = stepper.accumulate(&model, data, &[]).unwrap_err();
    assert!(matches!(empty, Error::Train(TrainError::EmptyBatch)), "{empty}");

    stepper.accumulate(&model, data, &[1]).unwrap();
    let missing = stepper.accumulate(&model, data, &[3, 20]).unwrap_err();
    let wanted = "sample 20 was asked for, but the data set has 20, counted from 0";
    assert_eq!(missing.to_string(), wanted);
    assert_eq!(stepper.samples(), 0, "what was accumulated is dropped");

    let mut other = normalized();
    let wrong = stepper.accumulate(&other, data, &[1]).unwrap_err();
    assert!(matches!(wrong, Error::Train(TrainError::OtherModel { .. })), "{wrong}");
    stepper.accumulate(&model, data, &[1]).unwrap();
    let wrong = stepper.update(&mut other, 0.1).unwrap_err().to_string();
    for part in ["inputs 28×28×1", "Dense(70), Tanh", "Dense(20), BatchNorm", "Trainer::stepper"]
    {
        assert!(wrong.contains(part), "{wrong}");
    }
    let infinite = stepper.update(&mut model, f32::INFINITY).unwrap_err().to_string();
    assert_eq!(infinite, "the learning rate is inf: it must be a finite number");
    assert_eq!((model.params(), stepper.samples()), (&before[..], 1), "all is as it was");

    let rows = Arrays::new(ArrayD::zeros(vec![4, 3]), ArrayD::zeros(vec![4, 10])).unwrap();
    let shape = stepper.accumulate(&model, &rows, &[0]).unwrap_err();
    assert!(matches!(shape, Error::Train(TrainError::InputShape { .. })), "{shape}");

    let settings = [trainer().clip(Clip::value(-1.0)), trainer().threads(0)];
    for trainer in settings {
        let error = trainer.stepper(&model).err().unwrap();
        assert!(matches!(error, Error::Train(TrainError::Setting { .. })), "{error}");
    }
    let error = trainer().stepper(&Sequential::new([3])).err().unwrap();
    assert!(matches!(error, Error::Model(ModelError::Empty)), "{error}");
}

#[test]
fn a_step_that_is_not_finite_is_named_and_dropped() {
    let x = Array::from_shape_fn((8, 2), |(n, _)| if n == 5 { f32::NAN } else { 1.0 });
    let data = Arrays::new(x.into_dyn(), ArrayD::ones(vec![8, 1])).unwrap();
    let mut model = Sequential::new([2]).add(Dense::new(1)).unwrap();
    let mut stepper = Trainer::new(MeanSquaredError, Sgd::new(0.1)).stepper(&model).unwrap();
    stepper.accumulate(&model, &data, &[0, 1]).unwrap();
    stepper.update(&mut model, 0.1).unwrap();
    let before = model.params().to_vec();
    stepper.accumulate(&model, &data, &[2]).unwrap();
    let error = stepper.accumulate(&model, &data, &[3, 4, 5]).unwrap_err();
    let Error::Train(TrainError::NotFiniteStep { step, ref culprit, .. }) = error else {
        panic!("{error}");
    };
    let input = Culprit::Input { sample: 5, index: 0, value: "NaN".to_string() };
    assert_eq!((step, culprit), (2, &input));
    assert_eq!((stepper.samples(), model.params()), (0, &before[..]));
    stepper.accumulate(&model, &data, &[6]).unwrap();
    stepper.update(&mut model, 0.1).unwrap();
}
