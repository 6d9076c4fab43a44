//! Global average pooling: an [`AvgPool2d`] whose window is the whole image, with one number a channel.
//! A feature counts wherever it is in the image, and images of any size give a vector of the same
//! length.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::AvgPool2d;
use super::pooling::PoolCache;
use crate::layer::{Layer, Mismatch, Params, Pass, Saved};

/// Takes the mean over all pixels of an image.
///
/// ```text
/// y[c] = (1/m)·Σ over the pixels of x[·, ·, c]        m = h·w
/// dx   = dy[c]/m at every pixel
/// ```
///
/// - **Plain twin**: [`reference::global_avg_pool2d`](crate::reference::global_avg_pool2d()), to read first.
/// - **Input**: (h, w, c).
/// - **Output**: (c).
/// - **Parameters**: none.
/// - **Errors**: inputs that are not images.
/// - **Source**: M. Lin, Q. Chen, S. Yan, "Network in network", ICLR 2014.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(GlobalAvgPool2d.output_shape(&[7, 7, 64])?, [64]);
/// # Ok::<(), Mismatch>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalAvgPool2d;

/// Pool whose only window is the whole image.
fn whole(input: &[usize]) -> AvgPool2d {
    match input {
        &[h, w, _] => AvgPool2d::new((h, w)),
        _ => AvgPool2d::new(1),
    }
}

impl Layer for GlobalAvgPool2d {
    type Cache = PoolCache;

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        whole(input).output_shape(input).map(|shape| shape[2..].to_vec())
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> PoolCache {
        whole(input).new_cache(input, max_batch)
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        y: ArrayViewMutD<'_, f32>,
        cache: &mut PoolCache,
        pass: Pass<'_>,
    ) {
        whole(&x.shape()[1..]).forward(params, x, y, cache, pass);
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, PoolCache>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        whole(&saved.x.shape()[1..]).backward(params, saved, dy, dx, dparams);
    }
}
