//! Lengths that make no sense, and layers that take no padding.

use chainrule::data::Sequences;
use chainrule::error::{Error, SequenceError};
use chainrule::prelude::*;
use ndarray::Array2;

use super::Padded;

fn evaluate(model: &Sequential, lengths: &[usize]) -> String {
    let mut data = Padded::new(&[1, 1], [4, 6], 0, 1);
    data.lengths = lengths.to_vec();
    model.evaluate(&data, &SoftmaxCrossEntropy).unwrap_err().to_string()
}

#[test]
fn lengths_must_fit_the_inputs() {
    let model = Sequential::new([4, 6])
        .add(Relu)
        .unwrap()
        .add(Flatten)
        .unwrap()
        .add(Dense::new(2))
        .unwrap();
    let error = evaluate(&model, &[4, 0]);
    assert!(error.contains("sample 1 of the evaluation set has 0 steps: wanted 1 to 4"), "{error}");
    assert!(evaluate(&model, &[5, 1]).contains("sample 0 of the evaluation set has 5 steps"));
    let data = Padded::new(&[2, 3], [4, 6], 0, 1);
    let refused = model.predict_sequences(&data.x, &[2]).unwrap_err();
    assert_eq!(refused.to_string(), "2 inputs and 1 lengths came: give one length for each input");
    let refused = model.predict_sequences(&data.x, &[2, usize::MAX]).unwrap_err();
    assert!(matches!(refused, Error::Sequence(SequenceError::Length { sample: 1, .. })));
}

#[test]
fn a_sequence_may_be_too_short_for_a_window() {
    let model = Sequential::new([4, 6]).add(Conv1d::new(2, 3)).unwrap();
    let model = model.add(Flatten).unwrap().add(Dense::new(2)).unwrap();
    let error = evaluate(&model, &[3, 2]);
    let wanted = "sample 1 of the evaluation set has 2 steps that count, but layer Conv1d(2, 3) wanted a width \
                  of at least 3 for its kernel of 3";
    assert!(error.starts_with(wanted), "{error}");
}

#[test]
fn layers_that_would_mix_padding_in_are_named() {
    let models = [
        Sequential::new([4, 6]).add(LayerNorm::new().axes(2)),
        Sequential::new([4, 6]).add(Reshape::new([4, 3, 2])).and_then(|x| x.add(GlobalAvgPool2d)),
    ];
    for model in models {
        let model = model.unwrap().add(Flatten).unwrap().add(Dense::new(2)).unwrap();
        let error = evaluate(&model, &[4, 2]);
        assert!(
            error.contains("but layer") && error.contains("sequences without padding"),
            "{error}"
        );
    }
}

#[test]
fn slices_and_joins_of_steps_know_where_padding_is() {
    let ended =
        |model: Result<Sequential>| model.and_then(|x| x.add(Flatten)?.add(Dense::new(2))).unwrap();
    let sliced = ended(Sequential::new([4, 6]).add(Slice::steps(2..4)));
    assert!(sliced.evaluate(&Padded::new(&[3, 4], [4, 6], 0, 1), &SoftmaxCrossEntropy).is_ok());
    let error = evaluate(&sliced, &[3, 2]);
    let wanted = "sample 1 of the evaluation set has 2 steps that count, but layer Slice(steps 2..4) wanted a \
                  sequence of more than 2 steps";
    assert!(error.starts_with(wanted), "{error}");

    let appended = |first, last| {
        let sliced = move |range| move |x: Sequential| x.add(Slice::steps(range));
        let append = Branches::append().branch(sliced(first)).branch(sliced(last));
        ended(Sequential::new([4, 6]).add(append))
    };
    let error = evaluate(&appended(0..3, 0..1), &[4, 2]);
    assert!(
        error.contains("layer Append wanted branches without padding before the last"),
        "{error}"
    );
    let data = Padded::new(&[4, 2], [4, 6], 0, 1);
    assert!(appended(0..2, 1..4).evaluate(&data, &SoftmaxCrossEntropy).is_ok());

    let read = ended(Sequential::new([4, 6]).add(CrossAttention::new(2, 2)));
    let error = evaluate(&read, &[3, 2]);
    assert!(error.contains("more than 2 steps: 2 queries, and memory behind them"), "{error}");
}

#[test]
fn sequences_and_their_targets_are_checked() {
    let of = |steps: usize, features: usize| Array2::<f32>::zeros((steps, features));
    let refused = |inputs: Vec<Array2<f32>>, targets: Vec<Vec<usize>>| {
        Sequences::with_steps(inputs, targets, 3).unwrap_err().to_string()
    };
    let one = vec![vec![0]; 2];
    assert_eq!(
        refused(vec![of(2, 3), of(0, 3)], one.clone()),
        "sequence 1 has 1 targets for 0 steps: give at most one for each step"
    );
    assert_eq!(
        refused(vec![of(2, 3), of(0, 3)], vec![vec![0], vec![]]),
        "sequence 1 is empty: leave it out"
    );
    assert!(
        refused(vec![of(2, 3), of(2, 4)], one.clone()).starts_with("sequence 1 has 4 features")
    );
    assert!(refused(vec![of(2, 3)], one.clone()).contains("expected 1 targets"));
    assert!(refused(vec![of(2, 3), of(2, 3)], vec![vec![0], vec![0, 3]]).contains("label 1 is 3"));
    let data = Sequences::with_steps(vec![of(2, 3), of(1, 3)], one, 3).unwrap();
    assert_eq!(data.clone().padded(5).unwrap().input_shape(), [5, 3]);
    assert!(
        data.padded(1).unwrap_err().to_string().contains("sequence 0 has 2 steps, more than 1")
    );
}

#[test]
fn losses_of_steps_and_of_samples_are_not_confused() {
    let x = vec![Array2::<f32>::zeros((4, 2)), Array2::zeros((2, 2))];
    let steps = Sequences::with_steps(x.clone(), vec![vec![1; 4], vec![0; 2]], 3).unwrap();
    let whole = Sequences::with_classes(x, vec![0, 2], 3).unwrap();
    let model = || Sequential::new([4, 2]).add(Conv1d::new(3, 1)).unwrap();
    let refused = |model: &Sequential, data: &Sequences, loss: &dyn Loss| {
        model.evaluate(data, loss).unwrap_err().to_string()
    };
    let error = refused(&model(), &steps, &SoftmaxCrossEntropy);
    assert!(error.contains("add `per_step` to the loss"), "{error}");
    let error = refused(&model(), &whole, &SoftmaxCrossEntropy.per_step(3));
    assert!(error.contains("leave out `per_step`"), "{error}");
    let error = refused(&model(), &steps, &SoftmaxCrossEntropy.per_step(5));
    assert!(error.contains("give `per_step` the number of outputs of a step"), "{error}");
    let shorter = Sequential::new([4, 2]).add(Conv1d::new(3, 2)).unwrap();
    let error = refused(&shorter, &steps, &SoftmaxCrossEntropy.per_step(3));
    assert!(error.contains("as many steps as there are targets, 4; the model gives 3"), "{error}");
    // 4 steps of 4 outputs are 8 of 2.
    let wide = Sequential::new([4, 2]).add(Conv1d::new(4, 1)).unwrap();
    let halves = SoftmaxCrossEntropy.per_step(2);
    let two = Sequences::with_steps(vec![Array2::zeros((4, 2))], vec![vec![1; 4]], 2).unwrap();
    let error = refused(&wide, &two, &halves);
    assert!(error.contains("2 outputs for each step, and the model gives 4×4"), "{error}");
    // A single axis may be any steps.
    assert!(wide.add(Flatten).unwrap().evaluate(&two, &halves).is_ok());
    // `Softmax` is over the outputs of each step.
    let twice = model().add(Softmax).unwrap();
    let error = refused(&twice, &steps, &SoftmaxCrossEntropy.per_step(3));
    assert!(error.contains("the model ends in Softmax"), "{error}");
    assert!(twice.evaluate(&steps, &MeanSquaredError.one_hot().per_step(3)).is_ok());
    // Two targets remain, and one step that counts.
    let causes = Padding::Explicit { top: 0, bottom: 0, left: 0, right: 1 };
    let same = Sequential::new([4, 2]).add(Conv1d::new(3, 3).padding(causes)).unwrap();
    let cut = Sequences::with_steps(
        vec![Array2::zeros((4, 2)), Array2::zeros((2, 2))],
        vec![vec![1; 3], vec![0; 2]],
        3,
    );
    let error = refused(&same, &cut.unwrap(), &SoftmaxCrossEntropy.per_step(3));
    assert!(error.contains("target") && error.contains("step"), "{error}");
}
