//! Is a backward pass the derivative of its forward pass?
//!
//! The check draws an input `x`, parameters and a direction `r`, and looks at the one number
//! `L = Σ r·y`. The backward pass, started with `dy = r`, claims ∂L/∂x and ∂L/∂params; each claim is
//! compared with a slope measured from the forward pass alone:
//!
//! ```text
//! ∂L/∂θ ≈ (L(θ + h) - L(θ - h)) / 2h
//! ```
//!
//! At a kink (ReLU at 0, a tie in a maximum) there is no slope: where `h` and `h/2` disagree, the
//! number is skipped, and too many skips are an error. Along the way it is checked that `y` and
//! `dx` are overwritten (they start as NaN), that gradients are *added* to `dparams`, that a batch
//! shorter than the cache's works, that `dx` may be left out, and that the same noise gives the
//! same result.

mod slope;

use ndarray::{ArrayView, ArrayViewD, ArrayViewMut, ArrayViewMutD};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::data::{Dataset, Target, TargetKind};
use crate::error::{GradientError, ModelError, Result};
use crate::layer::{Layer, Mode, Noise, Params, Saved, checked_len};
use crate::loss::Loss;
use crate::random::Key;
use crate::sequential::Sequential;
use slope::{Slope, compare};

/// Checks a layer of your own, or any other, on random inputs (n, input..) of a normal
/// distribution, with parameters near where they start.
///
/// ```
/// use chainrule::prelude::*;
///
/// gradcheck(&Conv2d::new(3, 2), &[5, 4, 2], 2)?;
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// # Errors
///
/// [`GradientError::Differs`] names the array, the place, the claim and the slope;
/// [`GradientError::Contract`] names a broken promise of [`Layer`]; and a shape that the layer
/// refuses gives [`ModelError::Layer`].
pub fn gradcheck<L: Layer>(layer: &L, input: &[usize], n: usize) -> Result<()> {
    let probe = Probe::new(layer, input, n)?;
    probe.contract()?;
    let (dx, dparams) = probe.backward(true);
    let names = probe.param_names();

    let mut arrays = vec![("x".to_string(), dx, Place::X(0))];
    let mut rest = &dparams[..];
    let mut start = 0;
    for (name, len) in names {
        let (head, tail) = rest.split_at(len);
        arrays.push((name, head.to_vec(), Place::Param(start)));
        (rest, start) = (tail, start + len);
    }
    for (what, claims, place) in arrays {
        let slopes: Vec<Slope> = (0..claims.len())
            .map(|i| Slope::measure(|h| probe.value_at(place.shifted(i), h)))
            .collect();
        compare(&Layer::name(layer), &what, &claims, &slopes)?;
    }
    Ok(())
}

/// Checks a loss on random predictions of `outputs` numbers, against each kind of target that it
/// accepts: classes, distributions, other values, and two classes for a single output.
///
/// ```
/// use chainrule::prelude::*;
///
/// gradcheck_loss(&SoftmaxCrossEntropy, 10)?;
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// # Errors
///
/// As [`gradcheck`]; a loss that accepts none of them has nothing to check.
pub fn gradcheck_loss(loss: &dyn Loss, outputs: usize) -> Result<()> {
    let broken = |what: &str| {
        let what = what.to_string();
        Err(GradientError::Contract { layer: loss.name(), what }.into())
    };
    if outputs == 0 {
        return broken("cannot check a prediction of no numbers");
    }
    let mut rng = Key::new(11).rng();
    let mut values = normal(outputs, &mut rng);
    for value in &mut values {
        *value = value.abs() / outputs as f32;
    }
    // 0·ln 0 is a place to go wrong.
    let mut distribution = values.clone();
    if outputs > 1 {
        distribution[0] = 0.0;
    }
    let total: f32 = distribution.iter().sum();
    distribution.iter_mut().for_each(|t| *t /= total);
    let class = (rng.next_u64() % outputs as u64) as usize;
    let targets = [
        (TargetKind::Classes(outputs), Target::Class(class)),
        (TargetKind::Classes(2), Target::Class(0)),
        (TargetKind::Classes(2), Target::Class(1)),
        (TargetKind::Values(outputs), Target::Values(&values)),
        (TargetKind::Values(outputs), Target::Values(&distribution)),
    ];
    let accepted = targets.iter().filter(|(kind, _)| loss.check(outputs, kind).is_ok());
    if accepted.clone().next().is_none() {
        return broken("it accepts no targets for predictions of so many numbers");
    }
    for &(_, target) in accepted {
        let prediction = normal(outputs, &mut rng);
        let mut claims = vec![f32::NAN; outputs];
        let with = loss.loss(&prediction, target, Some(&mut claims));
        if with != loss.loss(&prediction, target, None) {
            return broken("its value depends on whether the gradient is asked for");
        }
        let slopes: Vec<Slope> = (0..outputs)
            .map(|i| {
                Slope::measure(|h| {
                    let mut moved = prediction.clone();
                    moved[i] += h;
                    f64::from(loss.loss(&moved, target, None))
                })
            })
            .collect();
        compare(&loss.name(), "prediction", &claims, &slopes)?;
    }
    Ok(())
}

/// Checks a whole model: its [gradient](Sequential::gradient) of the mean loss over a data set, as in
/// prediction, against slopes. It is the check for blocks with branches. Of a model with more than
/// a thousand parameters it takes a thousand or fewer, evenly spread.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let model = Sequential::new([2]).add(Residual::new(|x| x.add(Dense::new(2))?.add(Tanh)))?;
/// let data = Arrays::new(array![[0.1, 0.9]].into_dyn(), array![[1.0, 0.0]].into_dyn())?;
/// gradcheck_model(&model, &data, &MeanSquaredError)?;
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// # Errors
///
/// As [`gradcheck`], and [`TrainError`](crate::error::TrainError) for data that does not fit.
pub fn gradcheck_model(model: &Sequential, data: &dyn Dataset, loss: &dyn Loss) -> Result<()> {
    let indices: Vec<usize> = (0..data.len()).collect();
    let (_, gradient) = model.gradient(data, &indices, loss)?;
    let mut moved = model.clone();
    let mut value_at = |i: usize, h: f32| {
        moved.update(|params| params[i] += h);
        let evaluation = moved.evaluate(data, loss);
        moved.update(|params| params[i] = model.params()[i]);
        evaluation.expect("data that has a gradient has a loss").loss
    };
    let taken = (0..gradient.len()).step_by(gradient.len().div_ceil(1000).max(1));
    let slopes: Vec<Slope> = taken.clone().map(|i| Slope::measure(|h| value_at(i, h))).collect();
    let claims: Vec<f32> = taken.map(|i| gradient[i]).collect();
    compare("the model", "params", &claims, &slopes)?;
    Ok(())
}

/// A number of the input or of the parameters.
#[derive(Clone, Copy)]
enum Place {
    X(usize),
    Param(usize),
}

impl Place {
    fn shifted(self, by: usize) -> Self {
        match self {
            Place::X(i) => Place::X(i + by),
            Place::Param(i) => Place::Param(i + by),
        }
    }
}

/// A layer with all that its passes need.
struct Probe<'a, L: Layer> {
    layer: &'a L,
    /// Shapes with the batch in front.
    x_shape: Vec<usize>,
    y_shape: Vec<usize>,
    x: Vec<f32>,
    params: Vec<f32>,
    /// The direction in which `y` is measured.
    r: Vec<f32>,
}

impl<'a, L: Layer> Probe<'a, L> {
    fn new(layer: &'a L, input: &[usize], n: usize) -> Result<Self> {
        let with_batch = |sizes: &[usize]| [&[n], sizes].concat();
        let x_shape = with_batch(input);
        // A derivative costs seven runs of both passes: more numbers than this would not end.
        if !checked_len(&x_shape).is_some_and(|len| (1..=1 << 20).contains(&len)) {
            let what = format!(
                "cannot check {n} inputs of shape {}: take 1 to about a thousand numbers in all",
                crate::error::shape(input)
            );
            return Err(GradientError::Contract { layer: Layer::name(layer), what }.into());
        }
        let output = layer.output_shape(input).map_err(|misfit| ModelError::Layer {
            index: 0,
            layer: Layer::name(layer),
            before: "the check's input".to_string(),
            came: input.to_vec(),
            misfit: Box::new(misfit),
        })?;
        let y_shape = with_batch(&output);
        let mut rng = Key::new(7).rng();
        let mut params = Vec::new();
        for spec in layer.params(input) {
            let mut values = vec![0.0; spec.len().unwrap_or(0)];
            spec.init.fill(&spec.shape, &mut rng, &mut values);
            // Away from zeros, where a forgotten bias would not show.
            let shift = normal(values.len(), &mut rng);
            params.extend(values.iter().zip(shift).map(|(value, shift)| value + 0.1 * shift));
        }
        let x = normal(x_shape.iter().product(), &mut rng);
        let r = normal(y_shape.iter().product(), &mut rng);
        Ok(Probe { layer, x_shape, y_shape, x, params, r })
    }

    fn param_names(&self) -> Vec<(String, usize)> {
        let specs = self.layer.params(&self.x_shape[1..]);
        specs.iter().map(|spec| (spec.name.to_string(), spec.len().unwrap_or(0))).collect()
    }

    /// Both passes; `dparams` starts at `start`. The cache has room for two samples more than the
    /// batch.
    fn passes(&self, x: &[f32], params: &[f32], with_dx: bool, start: f32) -> Passes {
        let input = &self.x_shape[1..];
        let mut packed = vec![f32::NAN; self.layer.packed_len(input)];
        self.layer.pack(input, params, &mut packed, with_dx);
        let params = Params { values: params, packed: &packed };
        let mut cache = self.layer.new_cache(input, self.x_shape[0] + 2);
        let mode = Mode::Train(Noise::new(Key::new(3), 0));

        let mut y = vec![f32::NAN; self.r.len()];
        let x_view = || view(x, &self.x_shape);
        // The whole batch is one shard here.
        let coupled = self.layer.batch_sums();
        let mut sums = vec![0.0; coupled.map_or(0, |layer| layer.len(input))];
        if let Some(layer) = coupled {
            layer.add_forward(x_view(), &mut sums);
            layer.take_forward(&sums, &mut cache);
        }
        self.layer.forward(params, x_view(), view_mut(&mut y, &self.y_shape), &mut cache, mode);
        let mut dx = vec![f32::NAN; x.len()];
        let mut dparams = vec![start; params.values.len()];
        let mut dy = self.r.clone();
        if let Some(layer) = coupled {
            let saved = Saved { x: x_view(), y: view(&y, &self.y_shape), cache: &mut cache };
            sums.fill(0.0);
            layer.add_backward(saved, view(&dy, &self.y_shape), &mut sums);
            layer.take_backward(&sums, &mut cache);
        }
        self.layer.backward(
            params,
            Saved { x: x_view(), y: view(&y, &self.y_shape), cache: &mut cache },
            view_mut(&mut dy, &self.y_shape),
            with_dx.then(|| view_mut(&mut dx, &self.x_shape)),
            &mut dparams,
        );
        Passes { y, dx, dparams }
    }

    fn backward(&self, with_dx: bool) -> (Vec<f32>, Vec<f32>) {
        let Passes { dx, dparams, .. } = self.passes(&self.x, &self.params, with_dx, 0.0);
        (dx, dparams)
    }

    /// L with one number moved by `h`.
    fn value_at(&self, place: Place, h: f32) -> f64 {
        let (mut x, mut params) = (self.x.clone(), self.params.clone());
        match place {
            Place::X(i) => x[i] += h,
            Place::Param(i) => params[i] += h,
        }
        let y = self.passes(&x, &params, false, 0.0).y;
        y.iter().zip(&self.r).map(|(&y, &r)| f64::from(y) * f64::from(r)).sum()
    }

    /// The promises of the contract that are no derivative.
    fn contract(&self) -> Result<(), GradientError> {
        let broken = |what: &str| {
            let layer = Layer::name(self.layer);
            Err(GradientError::Contract { layer, what: what.to_string() })
        };
        let first = self.passes(&self.x, &self.params, true, 0.0);
        if first.y.iter().any(|y| y.is_nan()) {
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
struct Passes {
    y: Vec<f32>,
    dx: Vec<f32>,
    dparams: Vec<f32>,
}

fn normal(n: usize, rng: &mut impl Rng) -> Vec<f32> {
    (0..n).map(|_| StandardNormal.sample(rng)).collect()
}

fn view<'a>(values: &'a [f32], shape: &[usize]) -> ArrayViewD<'a, f32> {
    ArrayView::from_shape(shape, values).expect("as many numbers as the shape has")
}

fn view_mut<'a>(values: &'a mut [f32], shape: &[usize]) -> ArrayViewMutD<'a, f32> {
    ArrayViewMut::from_shape(shape, values).expect("as many numbers as the shape has")
}
