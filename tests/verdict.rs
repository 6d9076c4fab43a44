//! Verdicts on real runs.
#![cfg(feature = "sample")]

use chainrule::metrics::Verdict;
use chainrule::prelude::*;

mod common;
use common::digits;

fn perceptron() -> Sequential {
    let model = Sequential::new([28, 28, 1]).add(Flatten).unwrap().add(Dense::new(64)).unwrap();
    model.add(Relu).unwrap().add(Dense::new(10)).unwrap().initialize(1)
}

fn trainer(optimizer: impl Optimizer, epochs: usize) -> Trainer<'static> {
    Trainer::new(SoftmaxCrossEntropy, optimizer).epochs(epochs).batch_size(50)
}

#[test]
fn a_net_with_few_images_overfits() {
    let validation = Mnist::sample().test.take(500).unwrap();
    let mut trainer = trainer(Adam::new(0.01), 40).validation(&validation);
    let history = trainer.fit(&mut perceptron(), digits(200)).unwrap();
    let losses: Vec<f64> = history.epochs.iter().map(|e| e.validation_loss.unwrap()).collect();
    let Some(Verdict::Overfits { since, from, to }) = history.verdict() else {
        panic!("{:?} for {losses:?}", history.verdict());
    };
    assert!(since < 20 && from < to, "since epoch {since}, from {from} to {to}");
    let lowest = losses.iter().fold(f64::INFINITY, |low, &loss| low.min(loss));
    assert!(losses[since - 1] < 1.05 * lowest, "epoch {since} of {losses:?}");
}

#[test]
fn a_rate_that_is_far_too_high_stays_at_chance() {
    for mut trainer in [trainer(Adam::new(1.0), 2), trainer(Sgd::new(100.0), 2)] {
        let history = trainer.fit(&mut deep(), digits(1000)).unwrap();
        let verdict = history.verdict();
        assert!(matches!(verdict, Some(Verdict::AtChance { .. })), "{history:?}: {verdict:?}");
    }
}

/// A convolutional net.
fn deep() -> Sequential {
    let build = || -> Result<Sequential> {
        Sequential::new([28, 28, 1])
            .add(Conv2d::new(8, 5).stride(2))?
            .add(Relu)?
            .add(Conv2d::new(16, 3).stride(2))?
            .add(Relu)?
            .add(Flatten)?
            .add(Dense::new(10))
    };
    build().unwrap().initialize(1)
}

#[test]
fn a_patient_run_still_improves_and_a_short_one_has_no_verdict() {
    let history = trainer(Sgd::new(0.02), 8).fit(&mut perceptron(), digits(1000)).unwrap();
    let verdict = history.verdict();
    assert!(matches!(verdict, Some(Verdict::StillImproving { .. })), "{history:?}: {verdict:?}");
    let history = trainer(Sgd::new(0.02), 3).fit(&mut perceptron(), digits(1000)).unwrap();
    assert_eq!(history.verdict(), None, "{history:?}");
}

#[test]
fn a_run_to_the_end_has_converged() {
    let schedule = OneCycle::new(0.2);
    let validation = Mnist::sample().test.take(500).unwrap();
    let mut trainer = trainer(Adam::new(0.01), 20).schedule(schedule).validation(&validation);
    let mut model = Sequential::new([28, 28, 1])
        .add(Flatten)
        .and_then(|model| model.add(Dense::new(10)))
        .unwrap();
    let history = trainer.fit(&mut model, digits(2000)).unwrap();
    let verdict = history.verdict();
    assert!(matches!(verdict, Some(Verdict::Converged { .. })), "{history:?}: {verdict:?}");
}

/// Regression has no accuracy, and is judged by the loss alone.
#[test]
fn targets_that_do_not_belong_to_the_inputs_stay_at_chance() {
    let n = 400;
    let x = ndarray::Array::from_shape_fn((n, 1), |(i, _)| i as f32 / n as f32).into_dyn();
    // A permutation: 7 has no factor in common with 400.
    let shuffled = x.clone().into_iter().enumerate().map(|(i, _)| (i * 147 % n) as f32 / n as f32);
    let shuffled = ndarray::Array::from_shape_vec((n, 1), shuffled.collect()).unwrap().into_dyn();
    let fit = |targets| {
        let data = Arrays::new(x.clone(), targets).unwrap();
        let mut model = Sequential::new([1]).add(Dense::new(1)).unwrap();
        Trainer::new(MeanSquaredError, Adam::new(0.03)).epochs(10).fit(&mut model, &data).unwrap()
    };
    let verdict = fit(shuffled).verdict();
    assert!(matches!(verdict, Some(Verdict::AtChance { .. })), "{verdict:?}");
    let verdict = fit(x.clone()).verdict();
    assert!(!matches!(verdict, Some(Verdict::AtChance { .. })), "{verdict:?}");
}
