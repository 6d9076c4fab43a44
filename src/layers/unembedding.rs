//! Unembedding: one score for each token, by the row of a table that an embedding has for it.
//!
//! It is a dense layer without bias whose matrix is stored transposed, (vocabulary, width), as that of an
//! [`Embedding`](super::Embedding): so the two can share one table.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use crate::init::Init;
use crate::kernels::{
    MatMul, MatMulTransposed, Onto, flat, flat_mut, pad_rows, padded_len, transpose,
};
use crate::layer::{Layer, Mismatch, ParamSpec, Params, Pass, Saved};

/// Turns a vector into a score for each token: its product with the token's vector.
///
/// ```text
/// y[v] = Σⱼ x[j]·W[v, j]        dx[j] = Σᵥ dy[v]·W[v, j]        dW[v, j] = Σ dy[v]·x[j]
/// ```
///
/// With [`Tied`](crate::sequential::Tied), its table is that of the embedding at the other end of the model. A
/// row then gets the sum of two gradients: of the places where its token came in, and of all places where the
/// token could have come out.
///
/// - **Plain twin**: [`reference::unembedding`](crate::reference::unembedding()), to read first.
/// - **Input**: (width), features; or (steps, width).
/// - **Output**: (vocabulary); or (steps, vocabulary).
/// - **Parameters**: `weight` (vocabulary, width), Glorot-uniform unless [`Unembedding::init`] says otherwise.
/// - **Errors**: an empty vocabulary; images.
/// - **Source**: O. Press, L. Wolf, "Using the output embedding to improve language models", EACL 2017.
///
/// ```
/// use chainrule::prelude::*;
///
/// let model = Sequential::new([20])
///     .add(Embedding::new(70, 32))?
///     .add(TransformerBlock::new(2, 64).causal())?
///     .add(Tied::to(0, Unembedding::new(70)))?;
/// assert_eq!(model.output_shape(), [20, 70]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Unembedding {
    vocabulary: usize,
    init: Init,
}

impl Unembedding {
    /// Creates a layer with a score for each of this number of tokens.
    pub fn new(vocabulary: usize) -> Self {
        Unembedding { vocabulary, init: Init::GlorotUniform }
    }

    /// Draws the table from another distribution. A tied table is that of the other layer.
    #[must_use]
    pub fn init(self, init: Init) -> Self {
        Unembedding { init, ..self }
    }
}

/// Number of features of a shape, which the layer checked.
fn width(shape: &[usize]) -> usize {
    shape[shape.len() - 1]
}

impl Layer for Unembedding {
    type Cache = ();

    fn name(&self) -> String {
        format!("Unembedding({})", self.vocabulary)
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        if self.vocabulary == 0 {
            return Err(Mismatch::new(
                "at least one token",
                "`Unembedding::new` takes the size of the vocabulary",
            ));
        }
        match input {
            [_] => Ok(vec![self.vocabulary]),
            [steps, _] => Ok(vec![*steps, self.vocabulary]),
            _ => Err(Mismatch::new("features, or steps of features", "add `Flatten` before it")),
        }
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        vec![ParamSpec::new("weight", &[self.vocabulary, width(input)], self.init)]
    }

    /// Wᵀ for the forward pass, and W for the backward pass.
    fn packed_len(&self, input: &[usize]) -> usize {
        padded_len(width(input), self.vocabulary) + padded_len(self.vocabulary, width(input))
    }

    fn pack(&self, input: &[usize], params: &[f32], packed: &mut [f32], dx: bool) {
        let width = width(input);
        let (transposed, padded) = packed.split_at_mut(padded_len(width, self.vocabulary));
        transpose(params, width, transposed);
        if dx {
            pad_rows(params, width, padded);
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
        let (inputs, outputs) = (width(x.shape()), self.vocabulary);
        let w = &params.packed[..padded_len(inputs, outputs)];
        let y = flat_mut(&mut y);
        MatMul { x: flat(&x), inputs, w, onto: Onto::Zeros, y, outputs }.run();
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, ()>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        let (inputs, outputs) = (width(saved.x.shape()), self.vocabulary);
        let (x, dy) = (flat(&saved.x), flat(&dy));
        // dW = dyᵀ·x: the roles of the two are changed, as the table is transposed.
        MatMulTransposed { x: dy, inputs: outputs, dy: x, outputs: inputs, dw: dparams }.run();
        let Some(mut dx) = dx else { return };
        let w = &params.packed[padded_len(inputs, outputs)..];
        let y = flat_mut(&mut dx);
        MatMul { x: dy, inputs: outputs, w, onto: Onto::Zeros, y, outputs: inputs }.run();
    }
}
