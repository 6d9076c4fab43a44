//! A class for each step: loss, accuracy and training.

use chainrule::data::Sequences;
use chainrule::prelude::*;
use chainrule::random::Key;
use ndarray::{Array2, s};
use rand::Rng;

use super::random;

const LENGTHS: [usize; 5] = [6, 2, 4, 1, 6];

/// Each step is of class 1 if the sum of its first feature and that of the step before it is above 0. The first
/// step of every other sequence is ignored.
fn sequences(lengths: &[usize], seed: u64) -> Sequences {
    let x = random([lengths.len(), 6, 3], seed);
    let inputs: Vec<Array2<f32>> =
        (0..lengths.len()).map(|i| x.slice(s![i, ..lengths[i], ..]).to_owned()).collect();
    let class = |input: &Array2<f32>, step: usize| {
        let before = if step > 0 { input[[step - 1, 0]] } else { 0.0 };
        usize::from(input[[step, 0]] + before > 0.0)
    };
    let targets = |(i, input): (usize, &Array2<f32>)| {
        let mut targets: Vec<usize> = (0..input.nrows()).map(|step| class(input, step)).collect();
        if i % 2 == 1 {
            targets[0] = Target::IGNORED;
        }
        targets
    };
    let targets = inputs.iter().enumerate().map(targets).collect();
    Sequences::with_steps(inputs, targets, 2).unwrap()
}

/// A causal convolution: no step sees those that come after it.
fn model() -> Sequential {
    let causal = Padding::Explicit { top: 0, bottom: 0, left: 1, right: 0 };
    let model = Sequential::new([6, 3]).add(Conv1d::new(8, 2).padding(causal)).unwrap();
    model.add(Tanh).unwrap().add(Conv1d::new(2, 1)).unwrap().initialize(4)
}

fn loss() -> impl Loss {
    SoftmaxCrossEntropy.per_step(2)
}

/// Cross-entropy and class of each step that counts, from the model's outputs in plain loops.
fn by_hand(model: &Sequential, data: &Sequences) -> Vec<(f64, bool)> {
    let all: Vec<usize> = (0..data.len()).collect();
    let lengths: Vec<usize> = all.iter().map(|&i| data.sequence_length(i).unwrap()).collect();
    let y = model.predict_sequences(&inputs(data, &all).unwrap(), &lengths).unwrap();
    let mut steps = Vec::new();
    for i in all {
        let Target::Classes(classes) = data.target(i) else { panic!() };
        for (step, &class) in classes.iter().enumerate() {
            if class != Target::IGNORED {
                let z = [0, 1].map(|j| f64::from(y[[i, step, j]]));
                let l = (z[0].exp() + z[1].exp()).ln() - z[class];
                steps.push((l, (z[1] > z[0]) == (class == 1)));
            }
        }
    }
    steps
}

#[test]
fn the_mean_is_over_all_steps_that_count() {
    let (model, data) = (model(), sequences(&LENGTHS, 1));
    let steps = by_hand(&model, &data);
    assert_eq!(steps.len(), 17); // the first steps of sequences 1 and 3 are ignored
    let mean = steps.iter().map(|step| step.0).sum::<f64>() / steps.len() as f64;
    let right = steps.iter().filter(|step| step.1).count();
    let result = model.evaluate(&data, &loss()).unwrap();
    assert!((result.loss - mean).abs() < 1e-6);
    assert!((result.log_loss().unwrap() - mean).abs() < 1e-6);
    assert!((result.perplexity().unwrap() - mean.exp()).abs() < 1e-5);
    assert_eq!(result.accuracy, Some(right as f64 / steps.len() as f64));
    assert_eq!(result.steps, [6, 1, 4, 0, 6]);
    let all: Vec<usize> = (0..data.len()).collect();
    let (of_gradient, _) = model.gradient(&data, &all, &loss()).unwrap();
    assert!((of_gradient - mean).abs() < 1e-6);
    // A step of training counts the same.
    let trainer = Trainer::new(loss(), Sgd::new(0.1));
    let mut stepper = trainer.stepper(&model).unwrap();
    stepper.accumulate(&model, &data, &all).unwrap();
    assert!((stepper.loss() - mean).abs() < 1e-6);
    assert_eq!((stepper.correct(), stepper.judged()), (right, steps.len()));
}

#[test]
fn a_sequence_is_right_if_all_of_its_steps_are() {
    let (model, data) = (model(), sequences(&LENGTHS, 2));
    let mut steps = by_hand(&model, &data).into_iter();
    let counts = [6, 1, 4, 0, 6];
    let mut right =
        |&count: &usize| steps.by_ref().take(count).fold(true, |all, step| all & step.1);
    let right = counts.iter().filter(|count| right(count)).count();
    let result = model.evaluate(&data, &loss()).unwrap();
    assert_eq!(result.sequence_accuracy(), Some(right as f64 / 5.0));
    let whole = Sequences::with_classes(vec![Array2::ones((6, 3))], vec![1], 2).unwrap();
    let flat = Sequential::new([6, 3]).add(Flatten).unwrap().add(Dense::new(2)).unwrap();
    assert_eq!(flat.evaluate(&whole, &SoftmaxCrossEntropy).unwrap().sequence_accuracy(), None);
}

/// The numbers of a report are of steps, and it shows no sample in their place.
#[cfg(feature = "report")]
#[test]
fn a_report_of_steps() {
    let (model, data) = (model(), sequences(&LENGTHS, 2));
    let result = model.evaluate(&data, &loss()).unwrap();
    let page = Report::new("steps").evaluation(&result, &data).html().unwrap();
    assert!(page.contains("of 17") && page.contains("perplexity"));
    assert!(page.contains("of 5, right at every step") && !page.contains("Worst mistakes"));
    let fewer = sequences(&LENGTHS[..3], 2);
    assert!(Report::new("steps").evaluation(&result, &fewer).html().is_err());
}

#[test]
fn gradients_of_losses_of_steps() {
    let data = sequences(&LENGTHS, 3);
    let losses: [Box<dyn Loss>; 3] = [
        Box::new(loss()),
        Box::new(SoftmaxCrossEntropy.label_smoothing(0.1).per_step(2)),
        Box::new(SoftmaxCrossEntropy.class_weights([0.5, 2.0]).per_step(2)),
    ];
    for loss in losses {
        gradcheck_model(&model(), &data, &*loss).unwrap();
    }
}

/// The trace has the gradients that `gradient` computes.
#[test]
fn a_trace_of_steps() {
    let (model, data) = (model(), sequences(&[6, 6, 6], 3));
    let (x, all) = (inputs(&data, &[0, 1, 2]).unwrap(), [0, 1, 2]);
    let trace = model.trace_gradient(&x, &all.map(|i| data.target(i)), &loss()).unwrap();
    let (mean, gradient) = model.gradient(&data, &all, &loss()).unwrap();
    assert!((trace.loss - mean).abs() < 1e-6);
    let traced = trace.gradients.iter().flat_map(|layer| &layer.params);
    let traced: Vec<f32> = traced.flat_map(|(_, values)| values.iter().copied()).collect();
    assert_eq!(traced.len(), gradient.len());
    assert!(traced.iter().zip(&gradient).all(|(one, two)| (one - two).abs() < 1e-6));
}

#[test]
fn steps_are_learned_for_any_number_of_threads() {
    let mut rng = Key::new(7).rng();
    let lengths: Vec<usize> = (0..300).map(|_| 1 + (rng.next_u32() % 6) as usize).collect();
    let data = sequences(&lengths, 4);
    let train = |threads: usize| {
        let mut model = model();
        let mut trainer = Trainer::new(loss(), Adam::new(0.02)).epochs(30).threads(threads);
        let history = trainer.fit(&mut model, &data).unwrap();
        (model.params().to_vec(), history)
    };
    let (params, history) = train(1);
    assert_eq!(params, train(3).0);
    let chance = history.chance.unwrap();
    let counted = lengths.iter().enumerate().map(|(i, length)| length - i % 2).sum::<usize>();
    assert_eq!(chance.samples, counted);
    let last = history.last().unwrap();
    assert!(last.accuracy > Some(0.97) && chance.loss > 0.6, "{last:?} {chance:?}");
    let mut model = model();
    model.set_params(&params).unwrap();
    assert!(model.evaluate(&data, &loss()).unwrap().accuracy > Some(0.97));
}
