//! Global max pooling: a [`MaxPool2d`] whose window is the whole image, with one number a channel: the
//! strength of a feature where it is strongest. Ties and NaN are treated as there: the first maximum
//! gets all of `dy`, and a NaN counts as the maximum.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::MaxPool2d;
use super::max_pool2d::MaxPoolCache;
use crate::layer::{Layer, Mismatch, Params, Pass, Saved};

/// Takes the maximum over all pixels of an image.
///
/// ```text
/// y[c] = max over the pixels of x[·, ·, c]
/// dx   = dy[c] at the first maximum, else 0
/// ```
///
/// - **Plain twin**: [`reference::global_max_pool2d`](crate::reference::global_max_pool2d()), to read first.
/// - **Input**: (h, w, c).
/// - **Output**: (c).
/// - **Parameters**: none.
/// - **Errors**: inputs that are not images.
/// - **Source**: M. Oquab et al., "Is object localization for free? Weakly-supervised learning with
///   convolutional neural networks", CVPR 2015.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(GlobalMaxPool2d.output_shape(&[7, 7, 64])?, [64]);
/// # Ok::<(), Mismatch>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalMaxPool2d;

/// Pool whose only window is the whole image.
fn whole(input: &[usize]) -> MaxPool2d {
    match input {
        &[h, w, _] => MaxPool2d::new((h, w)),
        _ => MaxPool2d::new(1),
    }
}

impl Layer for GlobalMaxPool2d {
    type Cache = MaxPoolCache;

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        whole(input).output_shape(input).map(|shape| shape[2..].to_vec())
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> MaxPoolCache {
        whole(input).new_cache(input, max_batch)
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        y: ArrayViewMutD<'_, f32>,
        cache: &mut MaxPoolCache,
        pass: Pass<'_>,
    ) {
        whole(&x.shape()[1..]).forward(params, x, y, cache, pass);
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, MaxPoolCache>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        whole(&saved.x.shape()[1..]).backward(params, saved, dy, dx, dparams);
    }
}
