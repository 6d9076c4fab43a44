//! Sinusoidal positions: each step gets a vector of its own, by which layers that treat all steps alike can
//! distinguish them. Pairs of features turn at different speeds, so that a shift by some steps is a rotation
//! of each pair, the same at every step.
//!
//! The vectors are constants, and so `dx` is `dy`.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use crate::kernels::math::{cos_turns, sin_turns};
use crate::kernels::{flat, flat_mut, simd::arch};
use crate::layer::{Layer, Mismatch, Params, Pass, Saved};

/// Adds fixed sines and cosines of the step's number to its features.
///
/// ```text
/// y[t, 2i]     = x[t, 2i]     + sin(t/10000^(2i/d))
/// y[t, 2i + 1] = x[t, 2i + 1] + cos(t/10000^(2i/d))
/// dx           = dy
/// ```
///
/// - **Plain twin**: [`reference::sinusoidal_positions`](crate::reference::sinusoidal_positions()), to read
///   first.
/// - **Input**: (steps, d), steps of features.
/// - **Output**: the same shape.
/// - **Parameters**: none.
/// - **Errors**: inputs that are not steps of features.
/// - **Source**: A. Vaswani et al., "Attention is all you need", NeurIPS 2017, §3.5.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::{Array3, array};
///
/// let model = Sequential::new([2, 2]).add(SinusoidalPositions)?;
/// let y = model.predict(&Array3::zeros((1, 2, 2)))?;
/// let wanted = array![[[0.0, 1.0], [1f32.sin(), 1f32.cos()]]].into_dyn();
/// assert!((y - wanted).iter().all(|off| off.abs() < 1e-6));
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinusoidalPositions;

/// e⁻ᵃ for `a` in 0..10, to 13 digits: `(e⁻ᵃᐟ¹⁰²⁴)¹⁰²⁴`, and the power in parentheses by its series.
///
/// The standard library's function has other bits on other machines, and the fast kernel has the 24 bits of
/// an `f32`, which are too few to multiply by a large number of steps.
fn exp_of_minus(a: f64) -> f64 {
    let x = -a / 1024.0;
    let series = (1..=8).rev().fold(1.0, |sum, k| 1.0 + x * sum / f64::from(k));
    (0..10).fold(series, |power, _| power * power)
}

/// The vectors of some steps, one after the other.
pub(crate) fn table(steps: usize, d: usize) -> Vec<f32> {
    let speed = |i: usize| {
        let exponent = (i - i % 2) as f64 / d as f64;
        exp_of_minus(exponent * 4.0 * std::f64::consts::LN_10) / std::f64::consts::TAU
    };
    let speeds: Vec<f64> = (0..d).map(speed).collect();
    let value = |t: usize, i: usize| {
        let turns = t as f64 * speeds[i];
        let turns = (turns - turns.round()) as f32;
        if i.is_multiple_of(2) { sin_turns(turns) } else { cos_turns(turns) }
    };
    (0..steps).flat_map(|t| (0..d).map(move |i| (t, i))).map(|(t, i)| value(t, i)).collect()
}

/// The shape of steps of features.
pub(super) fn steps_of_features(input: &[usize]) -> Result<Vec<usize>, Mismatch> {
    match input {
        [_, _] => Ok(input.to_vec()),
        _ => Err(Mismatch::new(
            "steps of features, of shape steps×d",
            "give the data this shape with `Reshape`",
        )),
    }
}

impl Layer for SinusoidalPositions {
    type Cache = Vec<f32>;

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        steps_of_features(input)
    }

    /// The vectors of all steps.
    fn new_cache(&self, input: &[usize], _max_batch: usize) -> Vec<f32> {
        table(input[0], input[1])
    }

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut Vec<f32>,
        _pass: Pass<'_>,
    ) {
        add_positions(flat(&x), cache, flat_mut(&mut y));
    }

    fn backward(
        &self,
        _params: Params<'_>,
        _saved: Saved<'_, Vec<f32>>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        if let Some(mut dx) = dx {
            dx.assign(&dy);
        }
    }
}

/// Adds the vectors of all steps to each sample: `y = x + positions`.
pub(super) fn add_positions(x: &[f32], positions: &[f32], y: &mut [f32]) {
    let size = positions.len();
    arch().dispatch(
        #[inline(always)]
        || {
            for (x, y) in x.chunks_exact(size).zip(y.chunks_exact_mut(size)) {
                for ((y, &x), &position) in y.iter_mut().zip(x).zip(positions) {
                    *y = x + position;
                }
            }
        },
    );
}
