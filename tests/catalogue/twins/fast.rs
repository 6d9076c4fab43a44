//! Both passes of a fast layer, as the engine runs them, on random values.

use chainrule::prelude::*;
use chainrule::random::Key;
use ndarray::ArrayD;
use rand_distr::{Distribution, StandardNormal};

/// Number of samples that a cache has room for beyond the batch, which is then a short last one.
const ROOM: usize = 3;

/// Inputs and outputs of both passes of a layer.
pub struct Fast {
    pub x: ArrayD<f32>,
    /// One array for each of the layer's parameters.
    pub params: Vec<ArrayD<f32>>,
    pub dy: ArrayD<f32>,
    pub y: ArrayD<f32>,
    pub dx: ArrayD<f32>,
    pub dparams: Vec<ArrayD<f32>>,
}

/// Normally distributed values.
pub fn normal(shape: &[usize], key: Key) -> ArrayD<f32> {
    let mut rng = key.rng();
    ArrayD::from_shape_simple_fn(shape, || StandardNormal.sample(&mut rng))
}

/// The parameters that a slice of a model's vector holds.
fn arrays(specs: &[ParamSpec], values: &[f32]) -> Vec<ArrayD<f32>> {
    let mut rest = values;
    let take = |spec: &ParamSpec| {
        let (own, others) = rest.split_at(spec.shape.iter().product());
        rest = others;
        ArrayD::from_shape_vec(&spec.shape[..], own.to_vec()).unwrap()
    };
    specs.iter().map(take).collect()
}

impl Fast {
    /// Runs a layer on `n` normally distributed samples of shape `input`.
    pub fn run<L: Layer>(layer: &L, input: &[usize], n: usize, seed: u64) -> Fast {
        let x = normal(&[&[n], input].concat(), Key::new(seed));
        Fast::run_on(layer, x, Mode::Infer, seed)
    }

    /// Runs a layer on these samples. A layer that couples the samples of a batch has all of it here.
    pub fn run_on<L: Layer>(layer: &L, x: ArrayD<f32>, mode: Mode, seed: u64) -> Fast {
        let (n, input) = (x.shape()[0], &x.shape()[1..]);
        let output = layer.output_shape(input).unwrap_or_else(|refused| panic!("{refused}"));
        let dy = normal(&[&[n], &output[..]].concat(), Key::new(seed).fold(1));
        let specs = layer.param_specs(input);
        let draw = |(i, spec): (usize, &ParamSpec)| {
            let drawn = normal(&spec.shape, Key::new(seed).fold(2 + i as u64));
            // A statistic may be a variance, which is above 0.
            if spec.trainable { drawn } else { drawn.mapv(|value| value.abs() + 0.5) }
        };
        let params: Vec<ArrayD<f32>> = specs.iter().enumerate().map(draw).collect();
        let values: Vec<f32> = params.iter().flatten().copied().collect();
        let mut packed = vec![f32::NAN; layer.packed_len(input)];
        layer.pack(input, &values, &mut packed, true);
        let packed = Params { values: &values, packed: &packed };

        let mut cache = layer.new_cache(input, n + ROOM);
        let coupled = layer.batch_sums().filter(|_| mode != Mode::Infer);
        let mut sums = vec![0.0; coupled.map_or(0, |layer| layer.len(input))];
        if let Some(layer) = coupled {
            layer.add_forward(x.view(), Lengths::FULL, &mut sums);
            layer.take_forward(&sums, &mut cache);
        }
        let mut y = ArrayD::from_elem(dy.shape(), f32::NAN);
        layer.forward(packed, x.view(), y.view_mut(), &mut cache, mode.into());
        if let Some(layer) = coupled {
            sums.fill(0.0);
            let saved =
                Saved { x: x.view(), y: y.view(), cache: &mut cache, lengths: Lengths::FULL };
            layer.add_backward(saved, dy.view(), &mut sums);
            layer.take_backward(&sums, &mut cache);
        }
        let (mut dx, mut dparams) =
            (ArrayD::from_elem(x.shape(), f32::NAN), vec![0.0; values.len()]);
        let saved = Saved { x: x.view(), y: y.view(), cache: &mut cache, lengths: Lengths::FULL };
        // A backward pass may overwrite its dy.
        let mut own_dy = dy.clone();
        layer.backward(packed, saved, own_dy.view_mut(), Some(dx.view_mut()), &mut dparams);
        let dparams = arrays(&specs, &dparams);
        Fast { x, params, dy, y, dx, dparams }
    }
}
