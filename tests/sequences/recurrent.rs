//! Recurrent layers and embeddings on padded sequences.

use chainrule::data::Sequences;
use chainrule::error::{Error, SequenceError};
use chainrule::layers::{Cell, Direction, Recurrent};
use chainrule::prelude::*;
use ndarray::{array, s};
use proptest::prelude::*;

use super::{Padded, random};

const STEPS: usize = 7;

/// Calls a generic function with each kind of recurrent layer.
macro_rules! each_kind {
    ($function:ident($($argument:expr),*)) => {
        $function(SimpleRnn::new(5), $($argument),*);
        $function(Lstm::new(5), $($argument),*);
        $function(Gru::new(5), $($argument),*);
        $function(Gru::new(5).reset_before(), $($argument),*);
    };
}

/// Asserts that a padded sequence gives what it gives alone, bit for bit, in every direction.
fn as_alone<C: Cell>(layer: Recurrent<C>, length: usize, seed: u64) {
    for direction in [Direction::Forward, Direction::Reverse, Direction::Both] {
        for every in [false, true] {
            let layer = layer.direction(direction).learned_state();
            let layer = if every { layer.every_step() } else { layer };
            let long = Sequential::new([STEPS, 3]).add(layer).unwrap().initialize(seed);
            let mut short = Sequential::new([length, 3]).add(layer).unwrap();
            short.set_params(long.params()).unwrap();
            let x = random([2, STEPS, 3], seed);
            let y = long.predict_sequences(&x, &[length, STEPS]).unwrap();
            let alone = short.predict(&x.slice(s![..1, ..length, ..])).unwrap();
            let of_sequence = if every {
                y.slice(s![..1, ..length, ..]).into_dyn()
            } else {
                y.slice(s![..1, ..]).into_dyn()
            };
            assert_eq!(of_sequence, alone);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn a_padded_sequence_is_as_one_alone(length in 1usize..=STEPS, seed in 0u64..100) {
        each_kind!(as_alone(length, seed));
    }
}

/// The gradient of padded sequences is a slope, and what is padding has no influence on training, with any number
/// of threads.
#[test]
fn padded_sequences_are_learned() {
    fn check<C: Cell>(layer: Recurrent<C>) {
        let model = || {
            let x = Sequential::new([STEPS, 3]).add(layer.every_step().direction(Direction::Both));
            x?.add(layer.direction(Direction::Reverse).dropout(0.3))?.add(Dense::new(2))
        };
        let lengths = [7, 1, 4, 2, 6, 3, 7, 5, 1, 2, 3, 4, 5, 6, 7, 1, 3, 2];
        let data = |padding| Padded::new(&lengths, [STEPS, 3], 1, padding);
        gradcheck_model(&model().unwrap(), &data(1), &SoftmaxCrossEntropy).unwrap();
        let trained = |data: &Padded, threads: usize| {
            let mut model = model().unwrap().initialize(1);
            let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).epochs(2);
            let mut trainer = trainer.batch_size(9).threads(threads);
            trainer.fit(&mut model, data).unwrap();
            model.params().to_vec()
        };
        assert_eq!(trained(&data(1), 1), trained(&data(2), 3));
    }
    each_kind!(check());
}

/// Cutting the gradient leaves the states alone.
#[test]
fn truncation_changes_the_gradient_alone() {
    let data = Padded::new(&[7, 4], [STEPS, 3], 1, 2);
    let models = [None, Some(3), Some(7)].map(|steps| {
        let layer = Lstm::new(4);
        let layer = if let Some(steps) = steps { layer.truncate(steps) } else { layer };
        let model = Sequential::new([STEPS, 3]).add(layer).unwrap();
        model.add(Dense::new(2)).unwrap().initialize(1)
    });
    let [whole, cut, never] =
        models.map(|model| model.gradient(&data, &[0, 1], &SoftmaxCrossEntropy).unwrap());
    assert_eq!(whole.0, cut.0);
    assert_ne!(whole.1, cut.1);
    assert_eq!(whole, never);
}

fn words() -> Sequences {
    let words = vec![vec![3, 0, 3], vec![1, 2], vec![4]];
    Sequences::with_classes(words, vec![0, 1, 0], 2).unwrap()
}

#[test]
fn gradients_of_tokens() {
    for embedding in [Embedding::new(5, 3), Embedding::new(5, 3).padding(2)] {
        let model = Sequential::new([3]).add(embedding).unwrap();
        let model = model.add(Gru::new(4)).unwrap().add(Dense::new(2)).unwrap();
        gradcheck_model(&model, &words(), &SoftmaxCrossEntropy).unwrap();
    }
}

#[test]
fn what_is_no_token_is_refused_with_its_sample() {
    let model = Sequential::new([3]).add(Embedding::new(4, 2)).unwrap();
    let model = model.add(Lstm::new(2)).unwrap().add(Dense::new(2)).unwrap();
    let error = model.evaluate(&words(), &SoftmaxCrossEntropy).unwrap_err();
    assert_eq!(
        error.to_string(),
        "sample 2 of the evaluated set is not for layer Embedding(4, 2), which wanted tokens from 0 to 3, and step \
         0 is 4; correct the token, or give the layer a larger vocabulary"
    );
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1));
    let error = trainer.fit(&mut model.clone(), &words()).unwrap_err();
    assert!(error.to_string().starts_with("sample 2 of the training set"), "{error}");
    for x in [0.5, -1.0, 4.0, f32::NAN, f32::INFINITY] {
        let error = model.predict(&array![[0.0, 1.0, 2.0], [0.0, x, 2.0]]).unwrap_err();
        let wanted = "sample 1 of predict is not for layer Embedding(4, 2)";
        assert!(error.to_string().starts_with(wanted), "{error}");
        // After the length, it is no part of the sequence.
        let x = array![[0.0, 1.0, 2.0], [0.0, x, 2.0]];
        assert!(model.predict_sequences(&x, &[3, 1]).is_ok());
        assert!(matches!(
            model.predict_sequences(&x, &[3, 2]),
            Err(Error::Sequence(SequenceError::Token { sample: 1, .. }))
        ));
    }
}

#[test]
fn settings_without_meaning_are_refused() {
    let refused = |layer: Lstm| Sequential::new([4, 3]).add(layer).unwrap_err().to_string();
    assert!(refused(Lstm::new(0)).contains("at least one unit"));
    assert!(refused(Lstm::new(2).dropout(1.0)).contains("a rate from 0"));
    assert!(refused(Lstm::new(2).truncate(0)).contains("leave out `.truncate(...)`"));
    let image = Sequential::new([4, 4, 1]).add(Gru::new(2)).unwrap_err().to_string();
    assert!(image.contains("steps of features") && image.contains("`Reshape`"), "{image}");
    let tokens = Sequential::new([4]).add(Gru::new(2)).unwrap_err().to_string();
    assert!(tokens.contains("add `Embedding` before it"), "{tokens}");
    let none = Sequential::new([4]).add(Embedding::new(0, 2)).unwrap_err().to_string();
    assert!(none.contains("a vocabulary of 1 to"), "{none}");
    let padding = Embedding::new(3, 2).padding(3);
    let outside = Sequential::new([4]).add(padding).unwrap_err().to_string();
    assert!(outside.contains("a padding token below 3"), "{outside}");
}
