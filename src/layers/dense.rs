//! Dense: every output is a weighted sum of every input.
//!
//! Each product of the forward pass, `y += x·w`, sends `dy·w` back to its `x` and `dy·x` to its `w`. The
//! sums of these are products of matrices again, with one of the two transposed. `dx` reads `Wᵀ`, which
//! [`Layer::pack`] writes once a step.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use crate::init::Init;
use crate::kernels::{
    ALIGN, MatMul, MatMulTransposed, Onto, add_rows, flat, flat_mut, pad_rows, simd::arch,
    transpose,
};
use crate::layer::{Layer, Mismatch, ParamSpec, Params, Pass, Saved};

/// Fully connected layer.
///
/// ```text
/// y  = x·W + b
/// dx = dy·Wᵀ        dW = xᵀ·dy        db = Σ over the samples and steps of dy
/// ```
///
/// - **Plain twin**: [`reference::dense`](crate::reference::dense()), to read first, and
///   [`reference::dense_by_matrices`](crate::reference::dense_by_matrices()).
/// - **Input**: (in), features; or (steps, in), a sequence, at each of whose steps the layer is the same.
/// - **Output**: (units), or (steps, units).
/// - **Parameters**: `weight` (in, units), Glorot-uniform unless [`Dense::init`] says otherwise, and
///   `bias` (units), zeros, unless [`Dense::bias`] leaves it out: `(in + 1)·units` numbers.
/// - **Errors**: images (put [`Flatten`](crate::layers::Flatten) before it), and no units.
/// - **Source**: D. Rumelhart, G. Hinton, R. Williams, "Learning representations by back-propagating
///   errors", Nature 323, 1986.
///
/// ```
/// use chainrule::prelude::*;
///
/// let model = Sequential::new([784]).add(Dense::new(128))?.add(Relu)?.add(Dense::new(10))?;
/// assert_eq!(model.output_shape(), [10]);
/// assert_eq!(model.param_count(), 785 * 128 + 129 * 10);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Dense {
    units: usize,
    init: Init,
    bias: bool,
}

impl Dense {
    /// Creates a layer with this number of outputs.
    pub fn new(units: usize) -> Self {
        Dense { units, init: Init::GlorotUniform, bias: true }
    }

    /// Draws the weights from another distribution.
    #[must_use]
    pub fn init(self, init: Init) -> Self {
        Dense { init, ..self }
    }

    /// Sets whether there is a bias, which there is by default. A layer that subtracts the mean, such
    /// as a normalization, makes a bias before it useless.
    #[must_use]
    pub fn bias(self, bias: bool) -> Self {
        Dense { bias, ..self }
    }

    /// Number of packed floats that hold W with padded rows: 0 where the rows of W fill whole vectors.
    /// The rest of the packed floats is Wᵀ with padded rows.
    fn padded_len(&self, inputs: usize) -> usize {
        if self.units.is_multiple_of(ALIGN) {
            0
        } else {
            inputs * self.units.next_multiple_of(ALIGN)
        }
    }
}

/// Number of features of a shape: the last axis, which the layer checked that there is.
fn features(shape: &[usize]) -> usize {
    shape[shape.len() - 1]
}

impl Layer for Dense {
    type Cache = ();

    fn name(&self) -> String {
        let bias = if self.bias { "" } else { ", no bias" };
        format!("Dense({}{bias})", self.units)
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        if self.units == 0 {
            return Err(Mismatch::new(
                "at least one unit",
                "`Dense::new` takes the number of outputs",
            ));
        }
        match input {
            [_] => Ok(vec![self.units]),
            [steps, _] => Ok(vec![*steps, self.units]),
            _ => Err(Mismatch::new("features, or steps of features", "add `Flatten` before it")),
        }
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        let weight = ParamSpec::new("weight", &[features(input), self.units], self.init);
        let bias = ParamSpec::new("bias", &[self.units], Init::Zeros);
        if self.bias { vec![weight, bias] } else { vec![weight] }
    }

    fn packed_len(&self, input: &[usize]) -> usize {
        let inputs = features(input);
        self.padded_len(inputs) + self.units * inputs.next_multiple_of(ALIGN)
    }

    fn pack(&self, input: &[usize], params: &[f32], packed: &mut [f32], dx: bool) {
        let inputs = features(input);
        let weight = &params[..inputs * self.units];
        let (padded, transposed) = packed.split_at_mut(self.padded_len(inputs));
        pad_rows(weight, self.units, padded);
        if dx {
            transpose(weight, self.units, transposed);
        }
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
        let inputs = features(x.shape());
        let (weight, bias) = params.values.split_at(inputs * self.units);
        let padded = &params.packed[..self.padded_len(inputs)];
        arch().dispatch(MatMul {
            x: flat(&x),
            inputs,
            w: if padded.is_empty() { weight } else { padded },
            onto: if self.bias { Onto::Bias(bias) } else { Onto::Zeros },
            y: flat_mut(&mut y),
            outputs: self.units,
        });
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, ()>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        let (inputs, outputs) = (features(saved.x.shape()), self.units);
        let (x, dy) = (flat(&saved.x), flat(&dy));
        let (dw, db) = dparams.split_at_mut(inputs * outputs);
        add_rows(dy, db);
        MatMulTransposed { x, inputs, dy, outputs, dw }.run();
        let Some(mut dx) = dx else { return };
        MatMul {
            x: dy,
            inputs: outputs,
            w: &params.packed[self.padded_len(inputs)..],
            onto: Onto::Zeros,
            y: flat_mut(&mut dx),
            outputs: inputs,
        }
        .run();
    }
}
