//! From raw values to ranked names: scaled, and as the model's loss reads its outputs.

use chainrule::error::{FileError, ModelError};
use chainrule::loss::Outputs;
use chainrule::prelude::*;
use ndarray::Array;

/// A dense layer of these weights, from one input: `y = w·x`.
fn dense(weights: &[f32]) -> Sequential {
    let mut model = Sequential::new([1]).add(Dense::new(weights.len()).bias(false)).unwrap();
    model.set_params(weights).unwrap();
    model
}

/// The classes of an answer with their probabilities, ranked.
fn ranked(file: &ModelFile, x: f32) -> Vec<(usize, f32)> {
    let answer = file.classify(&[x]).unwrap();
    answer.top(9).iter().map(|c| (c.index, c.probability.unwrap())).collect()
}

#[track_caller]
fn assert_ranked(file: &ModelFile, x: f32, want: &[(usize, f32)]) {
    let came = ranked(file, x);
    assert_eq!(came.len(), want.len());
    for (came, want) in came.iter().zip(want) {
        assert!(came.0 == want.0 && (came.1 - want.1).abs() < 1e-6, "{came:?} for {want:?}");
    }
}

fn sigmoid(z: f32) -> f32 {
    1.0 / (1.0 + (-z).exp())
}

#[test]
fn logits_become_their_softmax() {
    let e: Vec<f32> = [1.0f32, 3.0, 2.0].iter().map(|z| z.exp()).collect();
    let sum: f32 = e.iter().sum();
    let want = [(1, e[1] / sum), (2, e[2] / sum), (0, e[0] / sum)];
    for loss in [&SoftmaxCrossEntropy as &dyn Loss, &KlDivergence] {
        assert_ranked(&ModelFile::new(dense(&[1.0, 3.0, 2.0])).loss(loss), 1.0, &want);
    }
    assert_ranked(&ModelFile::new(dense(&[1.0, 3.0, 2.0])), 1.0, &want);
    // A layer at the end has done it already, whatever the loss.
    let model = || dense(&[1.0, 3.0, 2.0]).add(Softmax).unwrap();
    assert_ranked(&ModelFile::new(model()), 1.0, &want);
    assert_ranked(&ModelFile::new(model()).loss(&MeanSquaredError), 1.0, &want);
}

#[test]
fn a_single_output_is_about_two_classes() {
    for (x, first) in [(2.0, 1), (-2.0, 0)] {
        let want = [(first, sigmoid(2.0)), (1 - first, sigmoid(-2.0))];
        assert_ranked(&ModelFile::new(dense(&[1.0])), x, &want);
        assert_ranked(&ModelFile::new(dense(&[1.0])).loss(&BinaryCrossEntropy), x, &want);
        assert_ranked(&ModelFile::new(dense(&[1.0]).add(Sigmoid).unwrap()), x, &want);
    }
}

#[test]
fn logits_of_each_class_are_shared_out() {
    let file = ModelFile::new(dense(&[1.0, 3.0])).loss(&BinaryCrossEntropy);
    let (a, b) = (sigmoid(1.0), sigmoid(3.0));
    assert_ranked(&file, 1.0, &[(1, b / (a + b)), (0, a / (a + b))]);
    let file = ModelFile::new(dense(&[1.0, 3.0]).add(Sigmoid).unwrap());
    assert_ranked(&file, 1.0, &[(1, b / (a + b)), (0, a / (a + b))]);
}

#[test]
fn scores_are_ranked_and_stand_for_no_probability() {
    let named = dense(&[1.0, 3.0, 2.0]).with_class_names(["a", "b", "c"]).unwrap();
    let file = ModelFile::new(named).loss(&Hinge);
    let answer = file.classify(&[1.0f32]).unwrap();
    assert_eq!(answer.top(3).iter().map(|c| c.index).collect::<Vec<_>>(), [1, 2, 0]);
    assert!(answer.top(3).iter().all(|c| c.probability.is_none()));
    assert_eq!(answer.to_string(), "b");
    let file = ModelFile::new(dense(&[1.0])).loss(&Hinge);
    assert_eq!(file.classify(&[0.5f32]).unwrap().best().index, 1);
    assert_eq!(file.classify(&[-0.5f32]).unwrap().best().index, 0);
}

#[test]
fn the_file_remembers_names_scaling_and_outputs() {
    // 51/255·5 = 1 is the logit of the first class, and 0 that of the others.
    let file = ModelFile::new(dense(&[5.0, 0.0]).with_class_names(["ape", "bee"]).unwrap())
        .scaling(Scaling::pixels())
        .unwrap()
        .loss(&BinaryCrossEntropy);
    let again = ModelFile::from_bytes(&file.to_bytes().unwrap()).unwrap();
    assert_eq!(again.outputs, Some(Outputs::Sigmoid));
    let answer = again.classify(&[51u8]).unwrap();
    let p = sigmoid(1.0) / (sigmoid(1.0) + 0.5);
    assert!((answer.best().probability.unwrap() - p).abs() < 1e-6);
    assert_eq!(answer.best().name, "ape");
    assert_eq!(answer.to_string(), "ape 59.4 %");
    assert_eq!(
        format!("{:>12}|{:<12}|", answer.top(2)[0], answer.top(2)[1]),
        "  ape 59.4 %|bee 40.6 %  |"
    );
    assert_eq!(answer.top(1).len(), 1);
    assert_eq!(answer.top(0), []);
}

#[test]
fn of_equal_classes_the_first_comes_first() {
    let file = ModelFile::new(dense(&[1.0, 1.0, 1.0]));
    let answer = file.classify(&[1.0f32]).unwrap();
    assert_eq!(answer.top(3).iter().map(|c| &*c.name).collect::<Vec<_>>(), ["0", "1", "2"]);
}

#[test]
fn many_are_answered_as_one_by_one_and_as_calibration_sees_them() {
    let mnist = Mnist::sample();
    let (train, test) = (mnist.train.take(500).unwrap(), mnist.test.take(70).unwrap());
    let model = Sequential::new([28, 28, 1]).add(Flatten).unwrap().add(Dense::new(10)).unwrap();
    let mut model = model.initialize(1);
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).fit(&mut model, &train).unwrap();
    let result = model.evaluate(&test, &SoftmaxCrossEntropy).unwrap();
    let file = ModelFile::new(model).scaling(Scaling::pixels()).unwrap().loss(&SoftmaxCrossEntropy);
    let raw: Vec<u8> = test.pixels().iter().copied().collect();
    let answers = file.classify_many(&raw).unwrap();
    assert_eq!(answers.len(), 70);
    for (i, answer) in answers.iter().enumerate() {
        assert_eq!(*answer, file.classify(&raw[i * 784..][..784]).unwrap());
        assert_eq!(answer.best().index, result.predicted[i]);
        let (p, seen) = (answer.best().probability.unwrap(), result.confidences[i]);
        assert!((p - seen).abs() < 1e-5, "{p} and {seen}");
    }
    assert!(file.classify_many::<u8>(&[]).unwrap().is_empty());
}

#[test]
fn what_is_no_input_is_refused() {
    let model = Sequential::new([2, 3]).add(Flatten).unwrap().add(Dense::new(2)).unwrap();
    let file = ModelFile::new(model.clone().initialize(1));
    let error = file.classify(&[0.0f32; 5]).unwrap_err();
    assert!(matches!(error, Error::Model(ModelError::InputLength { came: 5, .. })));
    assert_eq!(error.to_string(), "classify takes one input of 6 values, 2×3; got 5");
    assert!(file.classify(&[0.0f32; 12]).is_err());
    let error = file.classify_many(&[0.0f32; 13]).unwrap_err().to_string();
    assert!(
        error.starts_with("classify_many takes inputs one after the other, each of 6"),
        "{error}"
    );
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut raw = Array::zeros(12).to_vec();
        raw[10] = value;
        let error = file.classify_many(&raw).unwrap_err();
        let place = "value 4 of sample 1 is";
        assert!(matches!(error, Error::Model(ModelError::NotFiniteInput { .. })));
        assert!(error.to_string().contains(&format!("{place} {value}")), "{error}");
    }
    let error = ModelFile::new(dense(&[1.0, f32::MAX])).classify(&[2.0f32]).unwrap_err();
    assert!(error.to_string().contains("output 1 for sample 0 is inf"), "{error}");
    assert!(matches!(
        ModelFile::new(Sequential::new([1])).classify(&[1.0f32]),
        Err(Error::Model(ModelError::Empty))
    ));
}

#[test]
fn outputs_that_do_not_fit_the_model_are_refused() {
    let file = ModelFile::new(dense(&[1.0])).loss(&SoftmaxCrossEntropy);
    let error = file.to_bytes().unwrap_err();
    assert!(matches!(error, Error::File(FileError::BadFact { .. })));
    assert!(error.to_string().contains("softmax of a single output"), "{error}");
    assert!(file.classify(&[1.0f32]).is_err());
}
