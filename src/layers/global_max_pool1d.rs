//! Global max pooling over signals: a [`MaxPool1d`](super::MaxPool1d) whose window is the whole signal, which of a
//! padded one ends at its length. A zero behind it would win over negative numbers.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::max_pool2d::MaxPoolCache;
use super::{MaxPool2d, max_pool1d, signal};
use crate::layer::{Layer, Mismatch, Params, Pass, Saved};

/// Takes the maximum over all steps of a signal.
///
/// ```text
/// y[c] = max over the steps of x[·, c]
/// dx   = dy[c] at the first maximum, else 0
/// ```
///
/// - **Plain twin**: [`reference::global_max_pool1d`](crate::reference::global_max_pool1d()), to read first.
/// - **Input**: (length, c), a signal. Of a padded one, the steps that count.
/// - **Output**: (c).
/// - **Parameters**: none.
/// - **Errors**: inputs that are not signals; signals of more than 65536 steps.
/// - **Source**: R. Collobert et al., "Natural language processing (almost) from scratch", JMLR 12, 2011.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let model = Sequential::new([3, 1]).add(GlobalMaxPool1d)?;
/// let x = array![[[-3.0], [-1.0], [-2.0]], [[-4.0], [0.0], [0.0]]];
/// assert_eq!(model.predict_sequences(&x, &[3, 1])?, array![[-1.0], [-4.0]].into_dyn());
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlobalMaxPool1d;

impl Layer for GlobalMaxPool1d {
    type Cache = MaxPoolCache;

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        let [_, _, channels] = signal::covered(input, "GlobalMaxPool2d")?;
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

    fn new_cache(&self, input: &[usize], max_batch: usize) -> MaxPoolCache {
        MaxPool2d::new((1, input[0])).new_cache(&[1, input[0], input[1]], max_batch)
    }

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        y: ArrayViewMutD<'_, f32>,
        cache: &mut MaxPoolCache,
        pass: Pass<'_>,
    ) {
        max_pool1d::forward(signal::whole, x, y, cache, pass.lengths);
    }

    fn backward(
        &self,
        _params: Params<'_>,
        saved: Saved<'_, MaxPoolCache>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        max_pool1d::backward(signal::whole, saved, dy, dx);
    }
}
