//! Strings as targets: what is refused, and what training and evaluation say of them.

use chainrule::data::Sequences;
use chainrule::prelude::*;
use chainrule::random::Key;
use ndarray::Array2;
use rand::Rng;

const STEPS: usize = 12;

/// Strings of up to three of two labels. Each is a pulse of its own feature that lasts one or two steps, with one
/// or two steps between them.
fn pulses(count: usize, seed: u64) -> Sequences {
    let mut rng = Key::new(seed).rng();
    let mut below = |n: u32| (rng.next_u32() >> 8) % n;
    let (mut inputs, mut strings) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let string: Vec<usize> = (0..below(4)).map(|_| below(2) as usize).collect();
        let mut steps = vec![[0.0; 2]; 1];
        for &label in &string {
            let mut pulse = [0.1; 2];
            pulse[label] = 1.0;
            (0..1 + below(2)).for_each(|_| steps.push(pulse));
            (0..1 + below(2)).for_each(|_| steps.push([0.0; 2]));
        }
        inputs.push(Array2::from(steps));
        strings.push(string);
    }
    Sequences::with_strings(inputs, strings, 2).unwrap().padded(13).unwrap()
}

/// Two classes and the blank at each step.
fn model() -> Sequential {
    let same = Conv1d::new(8, 3).padding(Padding::Same);
    let model = Sequential::new([13, 2]).add(same).unwrap().add(Tanh).unwrap();
    model.add(Conv1d::new(3, 1)).unwrap().initialize(1)
}

/// Trains on the first of some strings, on any number of threads, to the same bits. Accuracy is the share of
/// strings that are read without a mistake.
#[test]
fn strings_are_learned_for_any_number_of_threads() {
    let (train, test, ctc) = (pulses(300, 1), pulses(100, 2), Ctc::new(2));
    let run = |threads: usize| {
        let mut model = model();
        let trainer = Trainer::new(ctc, Adam::new(0.02)).epochs(30).threads(threads);
        let history = trainer.validation(&test).fit(&mut model, &train).unwrap();
        (model, history)
    };
    let (trained, history) = run(1);
    let (again, other) = run(3);
    assert_eq!(trained.params(), again.params());
    assert_eq!(history.last().unwrap().accuracy, other.last().unwrap().accuracy);
    let (result, last) = (trained.evaluate(&test, &ctc).unwrap(), history.last().unwrap());
    assert!(result.accuracy > Some(0.97), "{:?}", result.accuracy);
    assert_eq!(result.accuracy, result.sequence_accuracy());
    assert_eq!((last.validation_accuracy, history.chance), (result.accuracy, None));
    assert!(last.accuracy > Some(0.9) && result.character_error_rate() < Some(0.02));
    assert_eq!(result.log_loss(), None);
}

/// Counts strings: not the steps, and no class of a whole prediction.
#[test]
fn an_evaluation_of_strings() {
    let (model, data, ctc) = (model(), pulses(40, 3), Ctc::new(2));
    let result = model.evaluate(&data, &ctc).unwrap();
    let all: Vec<usize> = (0..40).collect();
    let lengths: Vec<usize> = all.iter().map(|&i| data.sequence_length(i).unwrap()).collect();
    let y = model.predict_sequences(&inputs(&data, &all).unwrap(), &lengths).unwrap();
    let (mut right, mut mistakes, mut labels) = (0, 0, 0);
    for (i, y) in y.outer_iter().enumerate() {
        let Target::Classes(string) = data.target(i) else { panic!() };
        let read = ctc.decode(&y.as_slice().unwrap()[..3 * lengths[i]]);
        assert_eq!((&result.read[i][..], &result.written[i][..]), (&read[..], string));
        right += usize::from(read == string);
        mistakes += chainrule::metrics::edit_distance(&read, string);
        labels += string.len();
    }
    assert!(right > 0 && right < 40);
    assert_eq!(result.sequence_accuracy(), Some(right as f64 / 40.0));
    assert_eq!(result.character_error_rate(), Some(mistakes as f64 / labels as f64));
    assert_eq!((result.wrong(), result.samples(), result.classes), (40 - right, 40, 2));
    assert_eq!(result.worst(100).len(), 40 - right);
    assert!(result.steps.is_empty() && result.predicted.is_empty() && result.actual.is_empty());
    // A step of training counts the same.
    let trainer = Trainer::new(ctc, Sgd::new(0.1));
    let mut stepper = trainer.stepper(&model).unwrap();
    stepper.accumulate(&model, &data, &all).unwrap();
    assert!((stepper.loss() - result.loss).abs() < 1e-5);
    assert_eq!((stepper.correct(), stepper.judged()), (right, 40));
}

#[cfg(feature = "report")]
#[test]
fn a_report_of_strings() {
    let (model, data) = (model(), pulses(40, 3));
    let result = model.evaluate(&data, &Ctc::new(2)).unwrap();
    let page = Report::new("strings").evaluation(&result, &data).html().unwrap();
    assert!(page.contains("<dt>accuracy</dt>") && page.contains("of 40"));
    assert!(page.contains("<dt>character errors</dt>"));
    for absent in ["every step", "whole sequences", "perplexity", "Confusion", "Worst mistakes"] {
        assert!(!page.contains(absent), "{absent}");
    }
}

#[test]
fn gradients_and_traces_of_strings() {
    let (model, data, ctc) = (model(), pulses(9, 4), Ctc::new(2));
    gradcheck_model(&model, &data, &ctc).unwrap();
    // A trace takes inputs without padding.
    let whole = data.padded(13).unwrap();
    let (x, all) = (inputs(&whole, &[0, 1]).unwrap(), [0, 1]);
    let trace = model.trace_gradient(&x, &all.map(|i| whole.target(i)), &ctc).unwrap();
    let losses = all.map(|i| {
        let y = model.predict(&inputs(&whole, &[i]).unwrap()).unwrap();
        f64::from(ctc.loss(y.as_slice().unwrap(), whole.target(i), None))
    });
    assert!((trace.loss - (losses[0] + losses[1]) / 2.0).abs() < 1e-5);
}

/// Strings of a data set that may say anything.
struct Strings {
    strings: Vec<Vec<usize>>,
    lengths: Vec<usize>,
}

impl Dataset for Strings {
    fn len(&self) -> usize {
        self.strings.len()
    }
    fn input_shape(&self) -> Vec<usize> {
        vec![STEPS, 2]
    }
    fn target_kind(&self) -> TargetKind {
        TargetKind::Sequences { classes: 3, longest: STEPS }
    }
    fn input(&self, _: usize, x: &mut [f32]) -> Result<()> {
        x.fill(0.5);
        Ok(())
    }
    fn sequence_length(&self, index: usize) -> Option<usize> {
        self.lengths.get(index).copied()
    }
    fn target(&self, index: usize) -> Target<'_> {
        Target::Classes(&self.strings[index])
    }
}

fn refused(strings: &[&[usize]], lengths: &[usize], outputs: usize, loss: &dyn Loss) -> String {
    let strings = strings.iter().map(|string| string.to_vec()).collect();
    let data = Strings { strings, lengths: lengths.to_vec() };
    let model = Sequential::new([STEPS, 2]).add(Conv1d::new(outputs, 1)).unwrap();
    let error = model.evaluate(&data, loss).unwrap_err();
    let of_gradient = model.gradient(&data, &[0], loss).unwrap_err().to_string();
    assert_eq!(error.to_string(), of_gradient.replace("gradient's", "evaluation"));
    error.to_string()
}

#[test]
fn strings_without_room_are_refused_by_sample() {
    let ctc = Ctc::new(3);
    let error = refused(&[&[0], &[0, 1, 1, 2]], &[12, 4], 4, &ctc);
    assert_eq!(
        error,
        "target 1 of the evaluation set is [0, 1, 1, 2], but Ctc wanted at least 5 steps for it, one for \
         each label and one between equal neighbours, and the model gives 4; let the model give more \
         steps, or leave the sample out"
    );
    let seven = [1usize; 7];
    let error = refused(&[&[], &[], &seven], &[], 4, &ctc);
    assert!(error.contains("target 2") && error.contains("at least 13 steps"), "{error}");
    let error = refused(&[&[0, Target::IGNORED]], &[], 4, &ctc);
    assert!(error.contains("target 0") && error.contains("leave `Target::IGNORED` out"), "{error}");
    let error = refused(&[&[0], &[0, 3]], &[], 4, &ctc);
    assert!(error.contains("target 1 of the evaluation set is 2 classes up to 3"), "{error}");
}

#[test]
fn losses_of_strings_and_of_others_are_not_confused() {
    let strings: [&[usize]; 1] = [&[0, 1]];
    let error = refused(&strings, &[], 4, &Ctc::new(4));
    assert!(error.contains("strings of 4 classes, not 3"), "{error}");
    let error = refused(&strings, &[], 3, &Ctc::new(3));
    assert!(error.contains("4 outputs for each step, and the model gives 12×3"), "{error}");
    let error = refused(&strings, &[], 5, &Ctc::new(6));
    assert!(error.contains("strings of 6 classes, not 3"), "{error}");
    let error = refused(&strings, &[], 4, &Ctc::new(3).class_weights([1.0, 2.0, 3.0]));
    assert!(error.contains("strings take none"), "{error}");
    let error = refused(&strings, &[], 3, &SoftmaxCrossEntropy.per_step(3).class_weights([1.0; 3]));
    assert!(error.contains("put `class_weights` before `per_step`"), "{error}");
    let error = refused(&strings, &[], 3, &SoftmaxCrossEntropy);
    assert!(error.contains("take `Ctc` for strings"), "{error}");
    let twice = Sequential::new([13, 2]).add(Conv1d::new(3, 1)).unwrap().add(Softmax).unwrap();
    let error = twice.evaluate(&pulses(2, 1), &Ctc::new(2)).unwrap_err().to_string();
    assert!(error.contains("ends in Softmax"), "{error}");
    let whole = Sequences::with_classes(vec![Array2::zeros((13, 2))], vec![1], 2).unwrap();
    let error = model().evaluate(&whole, &Ctc::new(2)).unwrap_err().to_string();
    assert!(error.contains("strings as targets"), "{error}");
    let x = || vec![Array2::<f32>::zeros((3, 2)); 2];
    let error = Sequences::with_strings(x(), vec![vec![0], vec![1, 2]], 2).unwrap_err();
    assert!(error.to_string().contains("label 1 is 2"), "{error}");
    let error = Sequences::with_strings(x(), vec![vec![0], vec![Target::IGNORED]], 2);
    assert!(error.is_err());
    let error = Sequences::with_strings(x(), vec![vec![0]], 2).unwrap_err();
    assert!(error.to_string().contains("expected 2 targets"), "{error}");
}
