//! Learned positions: each step has a vector of its own, which is a parameter. What learns from a step is its
//! own vector alone, so vectors of steps that no training sequence reaches stay as they start.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::sinusoidal_positions::{add_positions, steps_of_features};
use crate::init::Init;
use crate::kernels::{add_rows, flat, flat_mut};
use crate::layer::{Layer, Mismatch, ParamSpec, Params, Pass, Saved};

/// Adds a learned vector to the features of each step.
///
/// ```text
/// y[t]  = x[t] + positions[t]
/// dx[t] = dy[t]        dpositions[t] = Σ over the samples of dy[t]
/// ```
///
/// - **Plain twin**: [`reference::learned_positions`](crate::reference::learned_positions()), to read first.
/// - **Input**: (steps, d), steps of features.
/// - **Output**: the same shape.
/// - **Parameters**: `positions` (steps, d), normal with a deviation of 0.02 unless
///   [`LearnedPositions::init`] says otherwise: `steps·d` numbers.
/// - **Errors**: inputs that are not steps of features.
/// - **Source**: J. Devlin et al., "BERT: pre-training of deep bidirectional transformers for language
///   understanding", NAACL 2019; the deviation is that of its code, and of GPT-2's.
///
/// ```
/// use chainrule::prelude::*;
///
/// let model = Sequential::new([128, 64]).add(LearnedPositions::new())?;
/// assert_eq!(model.output_shape(), [128, 64]);
/// assert_eq!(model.param_count(), 128 * 64);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LearnedPositions {
    init: Init,
}

impl LearnedPositions {
    /// Creates a layer whose vectors start near 0.
    pub fn new() -> Self {
        LearnedPositions { init: Init::Normal { mean: 0.0, deviation: 0.02 } }
    }

    /// Draws the vectors from another distribution.
    #[must_use]
    pub fn init(self, init: Init) -> Self {
        LearnedPositions { init }
    }
}

impl Default for LearnedPositions {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for LearnedPositions {
    type Cache = ();

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        steps_of_features(input)
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        vec![ParamSpec::new("positions", input, self.init)]
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
        add_positions(flat(&x), params.values, flat_mut(&mut y));
    }

    /// After the length of a padded sequence, `dy` is 0.
    fn backward(
        &self,
        _params: Params<'_>,
        _saved: Saved<'_, ()>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        add_rows(flat(&dy), dparams);
        if let Some(mut dx) = dx {
            dx.assign(&dy);
        }
    }
}
