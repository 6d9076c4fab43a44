//! A layer with all that its passes need, and what a check asks of it.

use ndarray::{ArrayView, ArrayViewD, ArrayViewMut, ArrayViewMutD};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use super::lengths::SampleLengths;
use crate::error::{GradientError, ModelError, Result};
use crate::layer::{Layer, Lengths, Mode, Noise, Params, Pass, Saved};
use crate::random::Key;
use crate::shape::{self, checked_len};

/// A number of the input or of the parameters.
#[derive(Clone, Copy)]
pub(super) enum Place {
    X(usize),
    Param(usize),
}

impl Place {
    pub fn shifted(self, by: usize) -> Self {
        match self {
            Place::X(i) => Place::X(i + by),
            Place::Param(i) => Place::Param(i + by),
        }
    }
}

/// A layer with all that its passes need.
pub(super) struct Probe<'a, L: Layer> {
    pub layer: &'a L,
    /// Shapes with the batch in front.
    pub x_shape: Vec<usize>,
    pub y_shape: Vec<usize>,
    pub x: Vec<f32>,
    pub params: Vec<f32>,
    /// The direction in which `y` is measured.
    pub r: Vec<f32>,
    /// Lengths of the samples, if they are padded.
    pub lengths: Option<SampleLengths>,
    /// Number of the first sample, which names its noise.
    pub first: usize,
    /// `true` if the passes are those of training.
    pub training: bool,
}

impl<'a, L: Layer> Probe<'a, L> {
    pub fn new(layer: &'a L, input: &[usize], n: usize, lengths: Option<&[usize]>) -> Result<Self> {
        let with_batch = |sizes: &[usize]| [&[n], sizes].concat();
        let x_shape = with_batch(input);
        // A derivative costs seven runs of both passes: more numbers than this would not end.
        if !checked_len(&x_shape).is_some_and(|len| (1..=1 << 20).contains(&len)) {
            let what = format!(
                "cannot check {n} inputs of shape {}: take 1 to about a thousand numbers in all",
                shape::label(input)
            );
            return Err(GradientError::Contract { layer: Layer::name(layer), what }.into());
        }
        let output = layer.output_shape(input).map_err(|mismatch| ModelError::Layer {
            index: 0,
            layer: Layer::name(layer),
            before: "the check's input".to_string(),
            came: input.to_vec(),
            mismatch: Box::new(mismatch),
        })?;
        let y_shape = with_batch(&output);
        let mut rng = Key::new(7).rng();
        let mut params = Vec::new();
        for spec in layer.param_specs(input) {
            let mut values = vec![0.0; spec.len().unwrap_or(0)];
            spec.init.fill(&spec.shape, &mut rng, &mut values);
            // Away from zeros, where a forgotten bias would not show.
            let shift = normal(values.len(), &mut rng);
            params.extend(values.iter().zip(shift).map(|(value, shift)| value + 0.1 * shift));
        }
        let lengths = lengths.map(|lengths| SampleLengths::new(layer, input, &output, lengths));
        let lengths = lengths.transpose()?;
        let mut x = normal(x_shape.iter().product(), &mut rng);
        let mut r = normal(y_shape.iter().product(), &mut rng);
        if let Some(lengths) = &lengths {
            lengths.clear_x(&mut x, &x_shape);
            lengths.clear_y(&mut r, &y_shape);
        }
        Ok(Probe { layer, x_shape, y_shape, x, params, r, lengths, first: 0, training: true })
    }

    pub fn name(&self) -> String {
        Layer::name(self.layer)
    }

    pub fn param_names(&self) -> Vec<(String, usize)> {
        let specs = self.layer.param_specs(&self.x_shape[1..]);
        specs.iter().map(|spec| (spec.name.to_string(), spec.len().unwrap_or(0))).collect()
    }

    /// Both passes; `dparams` starts at `start`. The cache has room for two samples more than the
    /// batch.
    pub fn passes(&self, x: &[f32], params: &[f32], with_dx: bool, start: f32) -> Passes {
        let input = &self.x_shape[1..];
        let mut packed = vec![f32::NAN; self.layer.packed_len(input)];
        self.layer.pack(input, params, &mut packed, with_dx);
        let params = Params { values: params, packed: &packed };
        let mut cache = self.layer.new_cache(input, self.x_shape[0] + 2);
        let noise = Noise::new(Key::new(3), self.first);
        let mode = if self.training { Mode::Train(noise) } else { Mode::Infer };
        let lengths = self.lengths.as_ref().map_or(Lengths::FULL, |own| Lengths::new(&own.x));

        let mut y = vec![f32::NAN; self.r.len()];
        let x_view = || view(x, &self.x_shape);
        // The whole batch is one shard here.
        let coupled = self.layer.batch_sums().filter(|_| self.training);
        let mut sums = vec![0.0; coupled.map_or(0, |layer| layer.len(input))];
        if let Some(layer) = coupled {
            layer.add_forward(x_view(), lengths, &mut sums);
            layer.take_forward(&sums, &mut cache);
        }
        self.layer.forward(
            params,
            x_view(),
            view_mut(&mut y, &self.y_shape),
            &mut cache,
            Pass { mode, lengths },
        );
        let overwritten = !y.iter().any(|y| y.is_nan());
        if let Some(lengths) = &self.lengths {
            lengths.clear_y(&mut y, &self.y_shape);
        }
        let mut dx = vec![f32::NAN; x.len()];
        let mut dparams = vec![start; params.values.len()];
        let mut dy = self.r.clone();
        if let Some(layer) = coupled {
            let y = view(&y, &self.y_shape);
            let saved = Saved { x: x_view(), y, cache: &mut cache, lengths };
            sums.fill(0.0);
            layer.add_backward(saved, view(&dy, &self.y_shape), &mut sums);
            layer.take_backward(&sums, &mut cache);
        }
        self.layer.backward(
            params,
            Saved { x: x_view(), y: view(&y, &self.y_shape), cache: &mut cache, lengths },
            view_mut(&mut dy, &self.y_shape),
            with_dx.then(|| view_mut(&mut dx, &self.x_shape)),
            &mut dparams,
        );
        Passes { y, dx, dparams, overwritten }
    }

    /// The gradients of L.
    pub fn backward(&self) -> (Vec<f32>, Vec<f32>) {
        let Passes { mut dx, dparams, .. } = self.passes(&self.x, &self.params, true, 0.0);
        if let Some(lengths) = &self.lengths {
            lengths.clear_x(&mut dx, &self.x_shape);
        }
        (dx, dparams)
    }

    /// L with one number moved by `h`.
    pub fn value_at(&self, place: Place, h: f32) -> f64 {
        let (mut x, mut params) = (self.x.clone(), self.params.clone());
        match place {
            Place::X(i) => x[i] += h,
            Place::Param(i) => params[i] += h,
        }
        if let Some(lengths) = &self.lengths {
            lengths.clear_x(&mut x, &self.x_shape);
        }
        let y = self.passes(&x, &params, false, 0.0).y;
        y.iter().zip(&self.r).map(|(&y, &r)| f64::from(y) * f64::from(r)).sum()
    }

    /// The promises of the contract that are no derivative.
    pub fn contract(&self) -> Result<(), GradientError> {
        let broken = |what: &str| {
            let layer = Layer::name(self.layer);
            Err(GradientError::Contract { layer, what: what.to_string() })
        };
        let first = self.passes(&self.x, &self.params, true, 0.0);
        if !first.overwritten {
            return broken("the forward pass does not overwrite all of y, which held NaN before");
        }
        if first.dx.iter().any(|dx| dx.is_nan()) {
            return broken("the backward pass does not overwrite all of dx, which held NaN before");
        }
        if first.dparams.iter().any(|dp| dp.is_nan()) {
            return broken("the backward pass writes NaN to dparams");
        }
        let again = self.passes(&self.x, &self.params, false, 0.0);
        if again.y != first.y {
            return broken("two forward passes with the same noise differ");
        }
        if again.dparams != first.dparams {
            return broken("dparams depends on whether dx is asked for");
        }
        let on_top = self.passes(&self.x, &self.params, true, 1.0);
        let added =
            on_top.dparams.iter().zip(&first.dparams).all(|(with, without)| {
                (with - 1.0 - without).abs() <= 1e-4 * (1.0 + without.abs())
            });
        if !added {
            return broken("the backward pass must add to dparams, not overwrite it");
        }
        Ok(())
    }
}

/// What both passes wrote.
pub(super) struct Passes {
    /// Zero where it does not count.
    pub y: Vec<f32>,
    pub dx: Vec<f32>,
    pub dparams: Vec<f32>,
    /// `true` if the forward pass left no NaN in `y`.
    overwritten: bool,
}

pub(super) fn normal(n: usize, rng: &mut impl Rng) -> Vec<f32> {
    (0..n).map(|_| StandardNormal.sample(rng)).collect()
}

fn view<'a>(values: &'a [f32], shape: &[usize]) -> ArrayViewD<'a, f32> {
    ArrayView::from_shape(shape, values).expect("as many numbers as the shape has")
}

fn view_mut<'a>(values: &'a mut [f32], shape: &[usize]) -> ArrayViewMutD<'a, f32> {
    ArrayViewMut::from_shape(shape, values).expect("as many numbers as the shape has")
}
