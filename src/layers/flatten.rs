//! Flatten: the same numbers in one axis, between convolutions and dense layers.
//!
//! An image lies in memory in row-major order already, so the engine shares the buffer between input
//! and output, and calls neither pass.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use crate::kernels::{flat, flat_mut};
use crate::layer::{Layer, Mismatch, Params, Pass, Saved};

/// Lays all axes of a sample out in one, in row-major order.
///
/// ```text
/// y[(i·w + j)·c + k] = x[i, j, k]        dx = dy in the shape of x
/// ```
///
/// - **Plain twin**: [`reference::flatten`](crate::reference::flatten()), to read first.
/// - **Input**: any shape.
/// - **Output**: one axis of the same number of values.
/// - **Parameters**: none.
/// - **Errors**: none.
/// - **Source**: Y. LeCun et al., "Gradient-based learning applied to document recognition", Proc.
///   IEEE 86, 1998: from feature maps to full connections.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(Flatten.output_shape(&[5, 5, 64])?, [1600]);
/// # Ok::<(), Mismatch>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flatten;

impl Layer for Flatten {
    type Cache = ();

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        Ok(vec![input.iter().product()])
    }

    fn is_view(&self) -> bool {
        true
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
        flat_mut(&mut y).copy_from_slice(flat(&x));
    }

    fn backward(
        &self,
        _params: Params<'_>,
        _saved: Saved<'_, ()>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        if let Some(mut dx) = dx {
            flat_mut(&mut dx).copy_from_slice(flat(&dy));
        }
    }
}
