//! Attention in padded sequences: what is not to be seen has no influence, bit for bit.

use chainrule::prelude::*;
use ndarray::{Axis, s};
use proptest::prelude::*;

use super::{Padded, random};

/// Steps of a decoder, and of the memory that it reads from; features of both.
const QUERIES: usize = 3;
const MEMORY: usize = 18;
const STEPS: usize = QUERIES + MEMORY;
const FEATURES: usize = 4;

/// An encoder of the last steps, and a decoder of the first, whose steps see those before them and what the
/// encoder makes of its own.
fn encoder_decoder() -> Result<Sequential> {
    let decoder = |x: Sequential| {
        let attention = |x: Sequential| x.add(SelfAttention::new(2).causal());
        x.add(Slice::steps(0..QUERIES))?.add(Residual::new(attention))?.add(LayerNorm::new())
    };
    let encoder = |x: Sequential| {
        x.add(Slice::steps(QUERIES..STEPS))?.add(TransformerBlock::new(2, 6))?.add(LayerNorm::new())
    };
    let reading = Branches::add()
        .branch(|x| x.add(Slice::steps(0..QUERIES)))
        .branch(|x| x.add(CrossAttention::new(2, QUERIES)));
    Sequential::new([STEPS, FEATURES])
        .add(Branches::append().branch(decoder).branch(encoder))?
        .add(reading)?
        .add(LayerNorm::new())?
        .add(Dense::new(3))
}

fn classifier() -> Result<Sequential> {
    Ok(encoder_decoder()?.add(Flatten)?.add(Dense::new(2))?.initialize(2))
}

/// Parameters after two steps of training, and the history's loss.
fn trained(data: &Padded, threads: usize) -> (Vec<f32>, f64) {
    let mut model = classifier().unwrap();
    let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.1));
    let mut trainer = trainer.epochs(2).batch_size(20).threads(threads);
    let history = trainer.fit(&mut model, data).unwrap();
    let loss = history.last().unwrap().loss;
    (model.params().to_vec(), loss)
}

/// The parameters of a model with some noise, so that no bias is 0.
fn noisy(mut model: Sequential) -> Sequential {
    let noise = random([1, 1, model.params().len()], 9);
    let params: Vec<f32> =
        model.params().iter().zip(&noise).map(|(param, noise)| param + 0.2 * noise).collect();
    model.set_params(&params).unwrap();
    model
}

#[test]
fn gradients_of_an_encoder_and_a_decoder() {
    let model = noisy(classifier().unwrap());
    for lengths in [[STEPS; 3], [QUERIES + 1, STEPS, QUERIES + 16]] {
        let data = Padded::new(&lengths, [STEPS, FEATURES], 5, 6);
        gradcheck_model(&model, &data, &SoftmaxCrossEntropy).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn padding_of_the_memory_has_no_influence(
        lengths in prop::collection::vec(QUERIES + 1..=STEPS, 1..40),
        seed in 0u64..100,
    ) {
        let data = |padding| Padded::new(&lengths, [STEPS, FEATURES], seed, padding);
        let (one, other) = (data(1), data(2));
        let model = noisy(classifier().unwrap());
        let predict = |data: &Padded| model.predict_sequences(&data.x, &lengths).unwrap();
        prop_assert_eq!(predict(&one), predict(&other));
        let all: Vec<usize> = (0..lengths.len()).collect();
        let gradient = |data: &Padded| model.gradient(data, &all, &SoftmaxCrossEntropy).unwrap();
        prop_assert_eq!(gradient(&one), gradient(&other));
        prop_assert_eq!(trained(&one, 1), trained(&other, 3));
    }

    /// A padded sequence gives what it gives alone, in a model for its length.
    #[test]
    fn a_padded_sequence_attends_as_one_of_its_length(
        length in 1usize..=STEPS,
        causal in any::<bool>(),
        seed in 0u64..100,
    ) {
        let block = TransformerBlock::new(2, 5);
        let block = if causal { block.causal() } else { block };
        let model = |steps: usize| Sequential::new([steps, FEATURES]).add(block).unwrap();
        let long = noisy(model(STEPS));
        let mut short = model(length);
        short.set_params(long.params()).unwrap();
        let x = random([1, STEPS, FEATURES], seed);
        let y = long.predict_sequences(&x, &[length]).unwrap();
        let alone = short.predict(&x.slice(s![.., ..length, ..])).unwrap();
        prop_assert_eq!(y.slice(s![.., ..length, ..]).into_dyn(), alone);
        prop_assert!(y.slice(s![.., length.., ..]).iter().all(|&value| value == 0.0));
    }

    /// Steps after one have no influence on it, and it none on those before.
    #[test]
    fn no_step_sees_a_later_one(step in 0usize..STEPS - 1, seed in 0u64..100) {
        let model = Sequential::new([STEPS, FEATURES]).add(SelfAttention::new(2).causal()).unwrap();
        let model = noisy(model);
        let x = random([1, STEPS, FEATURES], seed);
        let mut other = x.clone();
        other.slice_mut(s![0, step + 1.., ..]).assign(&random([1, STEPS, FEATURES], 1000).index_axis(Axis(0), 0).slice(s![step + 1.., ..]));
        let [y, z] = [&x, &other].map(|x| model.predict(x).unwrap());
        prop_assert_eq!(y.slice(s![.., ..=step, ..]), z.slice(s![.., ..=step, ..]));
        let differs = |i: usize| y.index_axis(Axis(1), i) != z.index_axis(Axis(1), i);
        prop_assert!((step + 1..STEPS).all(differs));

        // Nor is there a gradient: the loss of the steps up to this one does not depend on later inputs.
        let target = |x: &ndarray::Array3<f32>| {
            let short = Sequential::new([STEPS, FEATURES]).add(SelfAttention::new(2).causal()).unwrap();
            let mut short = short.add(Slice::steps(0..step + 1)).unwrap().add(Flatten).unwrap();
            short.set_params(model.params()).unwrap();
            let t = ndarray::Array2::zeros((1, (step + 1) * FEATURES));
            let data = Arrays::new(x.clone().into_dyn(), t.into_dyn()).unwrap();
            short.gradient(&data, &[0], &MeanSquaredError).unwrap()
        };
        prop_assert_eq!(target(&x), target(&other));
    }
}
