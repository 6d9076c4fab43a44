//! Pools and padding of signals: both passes of a padded batch have the bits of its signals alone.

use chainrule::prelude::*;
use ndarray::{Array3, Axis, s};
use proptest::prelude::*;

use super::{Padded, random};

const STEPS: usize = 9;

/// Both passes of a layer on a batch (n, steps, c): `y` and `dx`.
fn passes<L: Layer>(layer: &L, x: &Array3<f32>, dy: &[f32], lengths: Lengths) -> [Vec<f32>; 2] {
    let (n, input) = (x.shape()[0], &x.shape()[1..]);
    let output = [&[n], &layer.output_shape(input).unwrap()[..]].concat();
    let mut cache = layer.new_cache(input, n + 1);
    let (mut y, mut dx) = (vec![f32::NAN; dy.len()], vec![f32::NAN; x.len()]);
    let params = Params { values: &[], packed: &[] };
    let view = |values| ndarray::ArrayView::from_shape(&output[..], values).unwrap().into_dyn();
    let x = || x.view().into_dyn();
    let pass = Pass { mode: Mode::Infer, lengths };
    let y_view = ndarray::ArrayViewMut::from_shape(&output[..], &mut y).unwrap().into_dyn();
    layer.forward(params, x(), y_view, &mut cache, pass);
    let saved = Saved { x: x(), y: view(&y), cache: &mut cache, lengths };
    let mut own_dy = dy.to_vec();
    let dy = ndarray::ArrayViewMut::from_shape(&output[..], &mut own_dy).unwrap().into_dyn();
    let dx_view = ndarray::ArrayViewMut::from_shape(x().shape(), &mut dx).unwrap().into_dyn();
    layer.backward(params, saved, dy, Some(dx_view), &mut []);
    [y, dx]
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Compares each signal of a padded batch with the same signal alone. What counts is below zero.
fn alone<L: Layer>(layer: L, lengths: &[usize], [steps, c]: [usize; 2], seed: u64) {
    let n = lengths.len();
    let output = layer.output_shape(&[steps, c]).unwrap();
    let y_size: usize = output.iter().product();
    let mut x = random([n, steps, c], seed).mapv(|value| value - 1.5);
    let mut dy = random([n, y_size, 1], seed + 1).into_raw_vec_and_offset().0;
    let mut counted = Vec::new();
    for (i, &length) in lengths.iter().enumerate() {
        x.slice_mut(s![i, length.., ..]).fill(0.0);
        let own = layer.output_length(&[steps, c], &output, length).unwrap();
        counted.push(own.map_or(y_size, |own| own * (y_size / output[0])));
        dy[i * y_size..][counted[i]..y_size].fill(0.0);
    }
    let [y, dx] = passes(&layer, &x, &dy, Lengths::new(lengths));
    for (i, &length) in lengths.iter().enumerate() {
        let own = x.slice(s![i, ..length, ..]).insert_axis(Axis(0)).to_owned();
        let own_dy = &dy[i * y_size..][..counted[i]];
        let [own_y, own_dx] = passes(&layer, &own, own_dy, Lengths::FULL);
        assert_eq!(bits(&y[i * y_size..][..counted[i]]), bits(&own_y), "{}", layer.name());
        assert_eq!(bits(&dx[i * steps * c..][..length * c]), bits(&own_dx), "{}", layer.name());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_padded_signal_is_pooled_as_alone(
        lengths in prop::collection::vec(1usize..=STEPS, 1..9),
        (kernel, stride, dilation, c) in (1usize..5, 1usize..5, 1usize..4, 1usize..19),
        (left, right, padding) in (0usize..4, 0usize..4, 0usize..3),
        (ceil, count) in (any::<bool>(), any::<bool>()),
        seed in 0u64..1000,
    ) {
        let explicit = Padding::Explicit { top: 0, bottom: 0, left, right };
        let padding = [Padding::Valid, Padding::Same, explicit][padding];
        let max = MaxPool1d::new(kernel).stride(stride).dilation(dilation).padding(padding);
        let avg = AvgPool1d::new(kernel).stride(stride).dilation(dilation).padding(padding);
        let (max, avg) = if ceil { (max.ceil(), avg.ceil()) } else { (max, avg) };
        if let Ok(output) = max.output_shape(&[STEPS, c]) {
            let takes = |length: &usize| max.output_length(&[STEPS, c], &output, *length).is_ok();
            // Too short ones are refused.
            let lengths: Vec<usize> = lengths.iter().copied().filter(takes).collect();
            alone(max, &lengths, [STEPS, c], seed);
            alone(avg.count_padding(count), &lengths, [STEPS, c], seed);
        }
        alone(GlobalMaxPool1d, &lengths, [STEPS, c], seed);
        alone(GlobalAvgPool1d, &lengths, [STEPS, c], seed);
        alone(ZeroPad1d::new(0).ends(left, right), &lengths, [STEPS, c], seed);
        alone(SinusoidalPositions, &lengths, [STEPS, c], seed);
    }
}

/// Layers from steps to one vector a sequence.
fn model(steps: usize) -> Result<Sequential> {
    Sequential::new([steps, 3])
        .add(ZeroPad1d::new(0).ends(2, 0))?
        .add(Conv1d::new(5, 3))?
        .add(SinusoidalPositions)?
        .add(MaxPool1d::new(2).stride(2).padding(Padding::Same))?
        .add(AvgPool1d::new(2).stride(1))?
        .add(
            Branches::concatenate()
                .branch(|x| x.add(GlobalMaxPool1d))
                .branch(|x| x.add(GlobalAvgPool1d)),
        )?
        .add(Dense::new(2))
}

#[test]
fn a_model_of_pools_gives_what_it_gives_alone() {
    let long = model(STEPS).unwrap().initialize(4);
    let data = Padded::new(&[9, 3, 6, 5, 3, 8], [STEPS, 3], 1, 2);
    let y = long.predict_sequences(&data.x, &data.lengths).unwrap();
    for (i, &length) in data.lengths.iter().enumerate() {
        let mut short = model(length).unwrap();
        short.set_params(long.params()).unwrap();
        let alone = short.predict(&data.x.slice(s![i..=i, ..length, ..]).into_dyn()).unwrap();
        assert_eq!(y.slice(s![i..=i, ..]).into_dyn(), alone);
    }
    gradcheck_model(&long, &data, &SoftmaxCrossEntropy).unwrap();
}

/// The vector of a step learns from the sequences that reach it.
#[test]
fn positions_learn_from_steps_that_count() {
    let data = Padded::new(&[2, 4], [5, 3], 1, 2);
    let model = Sequential::new([5, 3]).add(LearnedPositions::new()).unwrap();
    let model = model.add(GlobalAvgPool1d).unwrap().add(Dense::new(2)).unwrap();
    let (_, gradient) = model.gradient(&data, &[0, 1], &SoftmaxCrossEntropy).unwrap();
    let of_step = |step: usize| gradient[3 * step..][..3].iter().all(|&value| value != 0.0);
    assert_eq!([0, 1, 2, 3, 4].map(of_step), [true, true, true, true, false]);
    gradcheck_model(&model, &data, &SoftmaxCrossEntropy).unwrap();
}

#[test]
fn windows_that_depend_on_the_length_are_refused_by_a_convolution() {
    let same = Conv1d::new(2, 3).stride(2).padding(Padding::Same);
    let output = same.output_shape(&[8, 1]).unwrap();
    assert_eq!(same.output_length(&[8, 1], &output, 6).unwrap(), Some(3));
    let refused = same.output_length(&[8, 1], &output, 5).unwrap_err().to_string();
    assert!(refused.contains("the same padding in front of 5 steps as of 8"), "{refused}");
    gradcheck_padded(&same, &[8, 1], &[8, 2, 6]).unwrap();
}

#[test]
fn images_and_features_are_no_signals() {
    for input in [&[4][..], &[2, 3, 4]] {
        for refused in [
            MaxPool1d::new(1).output_shape(input),
            AvgPool1d::new(1).output_shape(input),
            GlobalMaxPool1d.output_shape(input),
            GlobalAvgPool1d.output_shape(input),
            ZeroPad1d::new(1).output_shape(input),
        ] {
            let refused = refused.unwrap_err().to_string();
            let fix = if input.len() == 1 { "`Reshape::new([4, 1])`" } else { "2d` for images" };
            assert!(refused.contains(fix), "{refused}");
        }
        assert!(SinusoidalPositions.output_shape(input).is_err());
        assert!(LearnedPositions::new().output_shape(input).is_err());
    }
}
