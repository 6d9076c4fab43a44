//! Softmax: turns the numbers of a row into probabilities.
//!
//! Each output depends on all inputs of its row: `∂yⱼ/∂xᵢ = yⱼ·([i = j] - yᵢ)`, and `dxᵢ` is the sum of
//! `dyⱼ` times these. Subtracting the maximum changes nothing in exact arithmetic and keeps `exp` from
//! overflowing. A model that is trained with `SoftmaxCrossEntropy` does not need this
//! layer: that loss takes logits.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use crate::kernels::{flat, flat_mut, softmax_into};
use crate::layer::{Layer, Mismatch, Params, Pass, Saved};

/// Softmax over the last axis: turns each row into a distribution.
///
/// ```text
/// yᵢ = exp(xᵢ - max x) / Σⱼ exp(xⱼ - max x)        dxᵢ = yᵢ·(dyᵢ - Σⱼ dyⱼ·yⱼ)
/// ```
///
/// - **Plain twin**: [`reference::softmax`](crate::reference::softmax()), to read first.
/// - **Input**: any shape of at least one axis.
/// - **Output**: the same shape; each row along the last axis adds up to 1.
/// - **Parameters**: none.
/// - **Errors**: samples without an axis.
/// - **Source**: J. Bridle, "Probabilistic interpretation of feedforward classification network
///   outputs", 1990.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let model = Sequential::new([2]).add(Softmax)?;
/// let y = model.predict(&array![[1000.0, 1000.0]])?;
/// assert_eq!(y, array![[0.5, 0.5]].into_dyn());
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Softmax;

impl Layer for Softmax {
    type Cache = ();

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        if input.is_empty() {
            return Err(Mismatch::new("at least one axis", "give the samples an axis of classes"));
        }
        Ok(input.to_vec())
    }

    fn new_cache(&self, _input: &[usize], _max_batch: usize) {}

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        _cache: &mut (),
        _pass: Pass<'_>,
    ) {
        let k = x.shape()[x.ndim() - 1];
        for (x, y) in flat(&x).chunks_exact(k).zip(flat_mut(&mut y).chunks_exact_mut(k)) {
            softmax_into(x, y);
        }
    }

    fn backward(
        &self,
        _params: Params<'_>,
        saved: Saved<'_, ()>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        let Some(mut dx) = dx else { return };
        let k = dy.shape()[dy.ndim() - 1];
        let rows = flat(&saved.y).chunks_exact(k).zip(flat(&dy).chunks_exact(k));
        for ((y, dy), dx) in rows.zip(flat_mut(&mut dx).chunks_exact_mut(k)) {
            let mean: f32 = y.iter().zip(dy).map(|(y, dy)| y * dy).sum();
            for ((dx, y), dy) in dx.iter_mut().zip(y).zip(dy) {
                *dx = y * (dy - mean);
            }
        }
    }
}
