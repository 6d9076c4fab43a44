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
//!
//! [`gradcheck_padded`] does all of this on padded sequences, and then compares each with the same
//! sequence alone.

mod alone;
mod lengths;
mod probe;
mod slope;

use rand::Rng;

use crate::data::{Dataset, Target, TargetKind};
use crate::error::{GradientError, Result};
use crate::layer::Layer;
use crate::loss::{Loss, classes_of_sequences};
use crate::random::Key;
use crate::sequential::Sequential;
use probe::{Place, Probe, normal};
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
/// refuses gives [`ModelError::Layer`](crate::error::ModelError::Layer).
pub fn gradcheck<L: Layer>(layer: &L, input: &[usize], n: usize) -> Result<()> {
    compare_slopes(&Probe::new(layer, input, n, None)?)
}

/// Checks a layer on padded sequences. There is one sample of shape `input` = (steps, ..) for each of `lengths`,
/// which is the number of its steps that count.
///
/// The steps after a length are zero in `x`, `y`, `dy` and `dx`, as in a model. The checks are those of
/// [`gradcheck`], and one more: a sequence must give what it gives alone, in a layer for its own number of
/// steps. This check is left out where there is no such layer: where it refuses the shape, or has parameters of
/// other shapes. A layer that couples the samples of a batch is compared as in prediction.
///
/// ```
/// use chainrule::prelude::*;
///
/// gradcheck_padded(&Conv1d::new(3, 2), &[5, 4], &[5, 2, 3])?;
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`gradcheck`], and [`SequenceError`](crate::error::SequenceError) for lengths other than 1 to `steps`
/// and for one that [`Layer::output_length`] refuses.
pub fn gradcheck_padded<L: Layer>(layer: &L, input: &[usize], lengths: &[usize]) -> Result<()> {
    let probe = Probe::new(layer, input, lengths.len(), Some(lengths))?;
    compare_slopes(&probe)?;
    Ok(probe.compare_alone()?)
}

/// Checks the promises of a layer, and its gradients.
fn compare_slopes<L: Layer>(probe: &Probe<'_, L>) -> Result<()> {
    probe.contract()?;
    let (dx, dparams) = probe.backward();
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
        compare(&probe.name(), &what, &claims, &slopes)?;
    }
    Ok(())
}

/// Checks a loss on random predictions of `outputs` numbers, against each kind of target that it
/// accepts: classes, distributions, other values, two classes for a single output, classes of steps, and
/// strings.
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
    let sequences = sequences(loss, outputs, class);
    let mut targets = vec![
        (TargetKind::Classes(outputs), Target::Class(class)),
        (TargetKind::Classes(2), Target::Class(0)),
        (TargetKind::Classes(2), Target::Class(1)),
        (TargetKind::Values(outputs), Target::Values(&values)),
        (TargetKind::Values(outputs), Target::Values(&distribution)),
    ];
    for (classes, sequence) in &sequences {
        let kind = TargetKind::Sequences { classes: *classes, longest: sequence.len() };
        targets.push((kind, Target::Classes(sequence)));
    }
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

/// Sequences for a loss of steps or of strings, each with the number of classes.
fn sequences(loss: &dyn Loss, outputs: usize, class: usize) -> Vec<(usize, Vec<usize>)> {
    if let Some((_, width)) = loss.of_step() {
        // Every third step is ignored.
        let width = width.clamp(1, outputs);
        let step = |i: usize| if i % 3 == 1 { Target::IGNORED } else { (class + i) % width };
        return vec![(width, (0..outputs / width).map(step).collect())];
    }
    let Some(classes) = classes_of_sequences(loss, outputs, 0) else { return Vec::new() };
    // Each label twice: a string that just fits, half of it, and the empty one.
    let mut string: Vec<usize> = (0..outputs).map(|i| (class + i / 2) % classes).collect();
    while loss.check_classes(outputs, &string).is_err() && string.pop().is_some() {}
    let half = string[..string.len() / 2].to_vec();
    vec![(classes, string), (classes, half), (classes, Vec::new())]
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
/// let data = Arrays::new(array![[0.1, 0.9]], array![[1.0, 0.0]])?;
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
