//! Padding has no influence, bit for bit.

use chainrule::prelude::*;
use ndarray::s;
use proptest::prelude::*;

use super::{Padded, random};

const STEPS: usize = 9;

/// Layers that take steps of features, up to one that ends the sequence.
fn model(steps: usize) -> Result<Sequential> {
    body(steps)?.add(Flatten)?.add(Dense::new(2))
}

fn body(steps: usize) -> Result<Sequential> {
    Sequential::new([steps, 3])
        .add(Conv1d::new(4, 2))?
        .add(Relu)?
        .add(LayerNorm::new())?
        .add(Residual::new(|x| x.add(Conv1d::new(4, 3).padding(Padding::Same))?.add(Tanh)))?
        .add(BatchNorm::new())?
        .add(Dropout::new(0.2))?
        .add(Slice::new(1..4))
}

/// Parameters after two steps of training, and the history's loss.
fn trained(data: &Padded, threads: usize) -> (Vec<f32>, f64) {
    let mut model = model(STEPS).unwrap().initialize(3);
    let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.1));
    let mut trainer = trainer.epochs(2).batch_size(20).threads(threads);
    let history = trainer.fit(&mut model, data).unwrap();
    let loss = history.last().unwrap().loss;
    (model.params().to_vec(), loss)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn padding_has_no_influence(lengths in prop::collection::vec(2usize..=STEPS, 1..40), seed in 0u64..100) {
        let data = |padding| Padded::new(&lengths, [STEPS, 3], seed, padding);
        let (one, other) = (data(1), data(2));
        let model = model(STEPS).unwrap();
        let predict = |data: &Padded| model.predict_sequences(&data.x, &lengths).unwrap();
        prop_assert_eq!(predict(&one), predict(&other));
        let all: Vec<usize> = (0..lengths.len()).collect();
        let gradient = |data: &Padded| model.gradient(data, &all, &SoftmaxCrossEntropy).unwrap();
        prop_assert_eq!(gradient(&one), gradient(&other));
        let evaluate = |data: &Padded| model.evaluate(data, &SoftmaxCrossEntropy).unwrap().loss;
        prop_assert_eq!(evaluate(&one), evaluate(&other));
        prop_assert_eq!(trained(&one, 1), trained(&other, 3));
    }

    /// A padded sequence gives what it gives alone, in a model for its length.
    #[test]
    fn a_padded_sequence_is_as_one_of_its_length(length in 2usize..=STEPS, seed in 0u64..100) {
        let long = body(STEPS).unwrap();
        let mut short = body(length).unwrap();
        short.set_params(long.params()).unwrap();
        let x = random([1, STEPS, 3], seed);
        let y = long.predict_sequences(&x, &[length]).unwrap();
        let alone = short.predict(&x.slice(s![.., ..length, ..])).unwrap();
        prop_assert_eq!(y.slice(s![.., ..length - 1, ..]).into_dyn(), alone);
        prop_assert!(y.slice(s![.., length - 1.., ..]).iter().all(|&value| value == 0.0));
    }
}

/// The statistics of a batch normalization are those of the steps that count.
#[test]
fn statistics_count_no_padding() {
    let data = Padded::new(&[5, 2], [5, 3], 1, 2);
    let mut model = Sequential::new([5, 3]).add(BatchNorm::new().momentum(1.0)).unwrap();
    model = model.add(Flatten).unwrap().add(Dense::new(2)).unwrap();
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.0)).batch_size(2);
    trainer.fit(&mut model, &data).unwrap();
    let mean = model.param("0.running_mean").unwrap();
    for feature in 0..3 {
        let own = |i: usize, length: usize| data.x.slice(s![i, ..length, feature]).sum();
        let wanted = (own(0, 5) + own(1, 2)) / 7.0;
        assert!((mean[[feature]] - wanted).abs() < 1e-6, "{} {wanted}", mean[[feature]]);
    }
}

/// The gradient is that of the loss where sequences are padded, too.
#[test]
fn gradients_of_padded_sequences() {
    let data = Padded::new(&[9, 4, 2, 6], [STEPS, 3], 5, 6);
    let model = Sequential::new([STEPS, 3])
        .add(Conv1d::new(4, 2).stride(2))
        .unwrap()
        .add(Tanh)
        .unwrap()
        .add(LayerNorm::new())
        .unwrap()
        .add(Flatten)
        .unwrap()
        .add(Dense::new(2))
        .unwrap();
    gradcheck_model(&model, &data, &SoftmaxCrossEntropy).unwrap();
}

/// Views of a data set keep the lengths.
#[test]
fn views_keep_lengths() {
    let data = Padded::new(&[5, 2, 3], [5, 3], 1, 2);
    let lengths = |data: &dyn Dataset| -> Vec<Option<usize>> {
        (0..data.len()).map(|index| data.sequence_length(index)).collect()
    };
    let subset = Subset::new(&data, vec![2, 1]).unwrap();
    assert_eq!(lengths(&subset), [Some(3), Some(2)]);
    let scaling = Scaling::of(&data).unwrap();
    assert_eq!(lengths(&scaling.scale(&data).unwrap()), lengths(&data));
    // Sequence 1 has no step 2.
    let mean = (data.x[[0, 2, 0]] + data.x[[2, 2, 0]]) / 2.0;
    assert!((scaling.mean()[2 * 3] - mean).abs() < 1e-6);
}
