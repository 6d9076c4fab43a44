//! `Trainer::accumulate`: several batches a step are one batch with all their samples.
#![cfg(feature = "sample")]

use chainrule::data::augment::{Augment, CutMix, Rotate};
use chainrule::prelude::*;

mod common;
use common::digits;

/// 300 digits: in steps of 128, the last has 44, and its only batch of 64 is not full.
const SAMPLES: usize = 300;

fn convnet() -> Sequential {
    let build = || -> Result<Sequential> {
        Sequential::new([28, 28, 1])
            .add(Conv2d::new(4, 5).stride(3))?
            .add(Relu)?
            .add(Dropout2d::new(0.1))?
            .add(Flatten)?
            .add(Dropout::new(0.2))?
            .add(Dense::new(10))
    };
    build().unwrap().initialize(3)
}

/// A net whose batches have statistics.
fn normalized() -> Sequential {
    let build = || -> Result<Sequential> {
        Sequential::new([28, 28, 1])
            .add(Conv2d::new(4, 5).stride(3))?
            .add(BatchNorm::new())?
            .add(Relu)?
            .add(Flatten)?
            .add(Dense::new(10))
    };
    build().unwrap().initialize(3)
}

/// All that can surround a step, and samples of different weights.
fn trainer() -> Trainer<'static> {
    let weights = (0..10).map(|class| 0.5 + class as f32 / 7.0).collect::<Vec<f32>>();
    Trainer::new(SoftmaxCrossEntropy.class_weights(weights), NAdam::new(0.01))
        .augment(Augment::new().with(Rotate::degrees(20.0)).mix(CutMix::new(1.0)))
        .clip(Clip::global_norm(1.0))
        .average(Average::ema(0.9))
        .schedule(OneCycle::new(0.3))
        .group(ParamGroup::all().l2(1e-3))
        .epochs(3)
        .seed(5)
}

/// All that a run comes to, but the seconds.
#[derive(Debug, PartialEq)]
struct Outcome {
    params: Vec<f32>,
    epochs: Vec<(f64, Option<f64>, f32)>,
}

fn fit(mut model: Sequential, mut trainer: Trainer, data: &dyn Dataset) -> Outcome {
    let history = trainer.fit(&mut model, data).unwrap();
    let epochs = history.epochs.iter().map(|e| (e.loss, e.accuracy, e.learning_rate));
    Outcome { epochs: epochs.collect(), params: model.params().to_vec() }
}

#[test]
fn a_step_of_several_batches_has_the_bits_of_a_large_batch() {
    let data = digits(SAMPLES);
    for (large, small, n) in [(128, 64, 2), (256, 64, 4), (300, 64, 5), (300, 128, 3)] {
        let wanted = fit(convnet(), trainer().batch_size(large), data);
        for threads in [1, 2, 3] {
            let trainer = trainer().batch_size(small).accumulate(n).threads(threads);
            assert!(fit(convnet(), trainer, data) == wanted, "{n} × {small}, {threads} threads");
        }
    }
    let one = fit(convnet(), trainer().batch_size(64).accumulate(1), data);
    assert!(one == fit(convnet(), trainer().batch_size(64), data));
    assert!(one != fit(convnet(), trainer().batch_size(64).accumulate(2), data));
}

#[test]
fn batches_of_any_size_come_near_it() {
    let data = digits(SAMPLES);
    let train = |batch, n| {
        let trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1)).batch_size(batch);
        fit(convnet(), trainer.accumulate(n), data)
    };
    let large = train(60, 1);
    for (small, n) in [(20, 3), (12, 5), (7, 9), (1, 60)] {
        let Outcome { params, epochs } = train(small, n);
        if small * n == 60 {
            assert!((epochs[0].0 - large.epochs[0].0).abs() < 1e-5, "{n} × {small}");
            let apart = params.iter().zip(&large.params).map(|(a, b)| (a - b).abs());
            assert!(apart.fold(0.0, f32::max) < 1e-5, "{n} × {small}");
        }
    }
}

/// Digits that are read ahead, on threads of their own.
struct FromDisk;

impl Dataset for FromDisk {
    fn len(&self) -> usize {
        SAMPLES
    }
    fn input_shape(&self) -> Vec<usize> {
        digits(SAMPLES).input_shape()
    }
    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes(10)
    }
    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        digits(SAMPLES).input(index, x)
    }
    fn target(&self, index: usize) -> Target<'_> {
        digits(SAMPLES).target(index)
    }
}

#[test]
fn batches_that_are_read_ahead_are_the_same() {
    assert!(!FromDisk.in_memory());
    let trainer = || trainer().batch_size(64).accumulate(2);
    assert!(fit(convnet(), trainer(), &FromDisk) == fit(convnet(), trainer(), digits(SAMPLES)));
}

/// Notes what a callback sees.
#[derive(Default)]
struct Notes(Vec<(usize, usize)>);

impl Callback for Notes {
    fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
        assert_eq!((run.batches(), run.batch_size()), (3, 128));
        self.0.push((run.epoch(), run.batch()));
        Ok(())
    }
}

#[test]
fn callbacks_and_schedules_see_steps() {
    let mut notes = Notes::default();
    let halved = |done: f32| if done < 0.5 { 1.0 } else { 0.5 };
    let trainer =
        Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.5)).schedule(Curve(halved)).epochs(2);
    let trainer = trainer.batch_size(64).accumulate(2).callback(&mut notes);
    let Outcome { epochs, .. } = fit(convnet(), trainer, digits(SAMPLES));
    assert_eq!(notes.0, [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]);
    assert_eq!([epochs[0].2, epochs[1].2], [0.5, 0.25]);
}

#[test]
fn the_finder_of_learning_rates_makes_the_same_steps() {
    let find = |trainer: Trainer| {
        let model = convnet();
        trainer.find_learning_rate(&model, digits(SAMPLES), 1e-4..1.0).unwrap()
    };
    let trainer = || Trainer::new(SoftmaxCrossEntropy, Adam::new(0.0)).threads(2);
    let large = find(trainer().batch_size(128));
    assert!(find(trainer().batch_size(64).accumulate(2)) == large);
}

#[test]
fn each_batch_of_a_step_has_statistics_of_its_own() {
    let data = digits(128);
    let train = |batch, n, lr| {
        let trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(lr)).shuffle(false);
        fit(normalized(), trainer.batch_size(batch).accumulate(n), data).params
    };
    // At a learning rate of 0 only statistics move: as far as in two steps, one for each batch.
    assert!(train(64, 2, 0.0) == train(64, 1, 0.0));
    assert!(train(64, 2, 0.0) != train(128, 1, 0.0));
    assert!(train(64, 2, 0.1) != train(128, 1, 0.1));
    let threads = |threads| {
        let trainer = trainer().batch_size(32).accumulate(3).threads(threads);
        fit(normalized(), trainer, digits(SAMPLES))
    };
    assert!(threads(1) == threads(2) && threads(1) == threads(3));
}

#[test]
fn none_at_all_are_refused_and_any_number_is_not() {
    let mut model = convnet();
    let error = trainer().accumulate(0).fit(&mut model, digits(20)).unwrap_err().to_string();
    assert_eq!(error, "the number of batches of a step is 0: it must be at least 1");
    let all = fit(convnet(), trainer().batch_size(64).accumulate(usize::MAX), digits(SAMPLES));
    assert!(all == fit(convnet(), trainer().batch_size(SAMPLES), digits(SAMPLES)));
}
