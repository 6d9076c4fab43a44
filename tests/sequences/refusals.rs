//! Lengths that make no sense, and layers that take no padding.

use chainrule::error::{Error, ModelError};
use chainrule::prelude::*;

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
    assert!(matches!(refused, Error::Model(ModelError::SequenceLength { sample: 1, .. })));
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
