//! Global average pooling over signals: an [`AvgPool1d`](super::AvgPool1d) whose window is the whole signal, which
//! of a padded one ends at its length. Zeros behind it would draw the mean towards 0.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::pooling::PoolCache;
use super::{AvgPool2d, avg_pool1d, signal};
use crate::layer::{Layer, Mismatch, Params, Pass, Saved};

/// Takes the mean over all steps of a signal.
///
/// ```text
/// y[c] = (1/m)·Σ over the steps of x[·, c]        m: their number
/// dx   = dy[c]/m at every step
/// ```
///
/// - **Plain twin**: [`reference::global_avg_pool1d`](crate::reference::global_avg_pool1d()), to read first.
/// - **Input**: (length, c), a signal. Of a padded one, the steps that count.
/// - **Output**: (c).
/// - **Parameters**: none.
/// - **Errors**: inputs that are not signals; signals of more than 65536 steps.
/// - **Source**: M. Lin, Q. Chen, S. Yan, "Network in network", ICLR 2014, for images.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let model = Sequential::new([3, 1]).add(GlobalAvgPool1d)?;
/// let x = array![[[3.0], [1.0], [2.0]], [[4.0], [6.0], [0.0]]];
/// assert_eq!(model.predict_sequences(&x, &[3, 2])?, array![[2.0], [5.0]].into_dyn());
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalAvgPool1d;

impl Layer for GlobalAvgPool1d {
    type Cache = PoolCache;

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        let [_, _, channels] = signal::covered(input, "GlobalAvgPool2d")?;
        Ok(vec![channels])
    }

    /// All of the output counts.
    fn output_length(
        &self,
        _input: &[usize],
        _output: &[usize],
        _length: usize,
    ) -> Result<Option<usize>, Mismatch> {
        Ok(None)
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> PoolCache {
        AvgPool2d::new((1, input[0])).new_cache(&[1, input[0], input[1]], max_batch)
    }

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        y: ArrayViewMutD<'_, f32>,
        cache: &mut PoolCache,
        pass: Pass<'_>,
    ) {
        avg_pool1d::forward(signal::whole, x, y, cache, pass.lengths);
    }

    fn backward(
        &self,
        _params: Params<'_>,
        saved: Saved<'_, PoolCache>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        avg_pool1d::backward(signal::whole, saved, dy, dx);
    }
}
