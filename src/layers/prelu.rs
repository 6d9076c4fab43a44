//! PReLU: a leaky ReLU that learns a slope for each channel.
//!
//! A slope has an effect wherever its channel is not above 0, with `∂y/∂s = x`: its gradient is a sum
//! over samples and pixels. The sum is computed pixel by pixel, so that the channels fill vectors and
//! each has a sum of its own.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use crate::init::Init;
use crate::kernels::{flat, flat_mut, simd::arch};
use crate::layer::{Layer, Mismatch, ParamSpec, Params, Pass, Saved};

/// Leaky ReLU with a learned slope for each channel.
///
/// ```text
/// y = x      dx = dy                                 where x > 0
/// y = s·x    dx = s·dy    ds = Σ dy·x                else
/// ```
///
/// - **Plain twin**: [`reference::prelu`](crate::reference::prelu()), to read first.
/// - **Input**: any shape of at least one axis; the last one is the channels, c.
/// - **Output**: the same shape.
/// - **Parameters**: `slope` (c), 0.25: c numbers.
/// - **Errors**: samples without an axis.
/// - **Source**: K. He et al., "Delving deep into rectifiers", ICCV 2015.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let model = Sequential::new([2]).add(Prelu)?;
/// let y = model.predict(&array![[-1.0, 2.0]])?;
/// assert_eq!(y, array![[-0.25, 2.0]].into_dyn());
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prelu;

impl Layer for Prelu {
    type Cache = ();

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        if input.is_empty() {
            return Err(Mismatch::new("at least one axis", "give the samples an axis of channels"));
        }
        Ok(input.to_vec())
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        vec![ParamSpec::new("slope", &input[input.len() - 1..], Init::Constant(0.25))]
    }

    fn new_cache(&self, _input: &[usize], _max_batch: usize) {}

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        _cache: &mut (),
        _pass: Pass<'_>,
    ) {
        let slope = params.values;
        let rows = flat(&x).chunks_exact(slope.len());
        let rows = rows.zip(flat_mut(&mut y).chunks_exact_mut(slope.len()));
        arch().dispatch(
            #[inline(always)]
            || {
                for (x, y) in rows {
                    for ((y, &x), &s) in y.iter_mut().zip(x).zip(slope) {
                        *y = if x > 0.0 { x } else { s * x };
                    }
                }
            },
        );
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, ()>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dslope: &mut [f32],
    ) {
        let (slope, channels) = (params.values, params.values.len());
        let (x, dy) = (flat(&saved.x), flat(&dy));
        let rows = x.chunks_exact(channels).zip(dy.chunks_exact(channels));
        arch().dispatch(
            #[inline(always)]
            || {
                for (x, dy) in rows {
                    for ((ds, &x), &dy) in dslope.iter_mut().zip(x).zip(dy) {
                        *ds += if x > 0.0 { 0.0 } else { dy * x };
                    }
                }
            },
        );
        let Some(mut dx) = dx else { return };
        let rows = x.chunks_exact(channels).zip(dy.chunks_exact(channels));
        let rows = rows.zip(flat_mut(&mut dx).chunks_exact_mut(channels));
        arch().dispatch(
            #[inline(always)]
            || {
                for ((x, dy), dx) in rows {
                    for (((dx, &x), &dy), &s) in dx.iter_mut().zip(x).zip(dy).zip(slope) {
                        *dx = if x > 0.0 { dy } else { s * dy };
                    }
                }
            },
        );
    }
}
