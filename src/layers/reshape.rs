//! Reshape: the numbers stay in place, and the next layer reads them in another shape. As
//! [`Flatten`](crate::layers::Flatten), it is a view: the engine runs neither pass.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use crate::kernels::{flat, flat_mut};
use crate::layer::{Layer, Mismatch, Params, Pass, Saved};
use crate::shape;
use crate::shape::checked_len;

/// Gives the numbers of a sample another shape, in row-major order.
///
/// ```text
/// y = x in the new shape        dx = dy in the shape of x
/// ```
///
/// - **Plain twin**: [`reference::reshape`](crate::reference::reshape()), to read first.
/// - **Input**: any shape of as many numbers as the new one.
/// - **Output**: the new shape.
/// - **Parameters**: none.
/// - **Errors**: a shape of another number of values.
/// - **Source**: `reshape` of APL, K. Iverson, "A programming language", 1962.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(Reshape::new([7, 7, 16]).output_shape(&[784])?, [7, 7, 16]);
/// # Ok::<(), Mismatch>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reshape {
    shape: Vec<usize>,
}

impl Reshape {
    /// Creates a layer with this shape of one sample, without the batch.
    pub fn new(shape: impl Into<Vec<usize>>) -> Self {
        Reshape { shape: shape.into() }
    }
}

impl Layer for Reshape {
    type Cache = ();

    fn name(&self) -> String {
        format!("Reshape({})", shape::label(&self.shape))
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        match (checked_len(&self.shape), checked_len(input)) {
            (Some(len), Some(came)) if len == came => Ok(self.shape.clone()),
            (Some(len), _) => Err(Mismatch::new(
                format!("samples of {len} numbers, as its shape {} has", shape::label(&self.shape)),
                "give it a shape of as many numbers as come in",
            )),
            (None, _) => Err(Mismatch::new(
                "a shape of as many numbers as come in",
                "its sizes multiply to more than a machine can count",
            )),
        }
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
