//! Embedding: a row of a table for each token.
//!
//! A token is short for a vector with a 1 at its place and zeros elsewhere, and the embedding is the product
//! of that vector with the table, `y = onehot(x)·W`. The product picks a row, and so its gradient,
//! `dW = onehot(x)ᵀ·dy`, adds to this one row: a token that does not occur has the gradient 0.
//!
//! A token is a name and no quantity: there is no gradient for it, and `dx` is 0.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use crate::init::Init;
use crate::kernels::{flat, flat_mut};
use crate::layer::{Layer, Mismatch, ParamSpec, Params, Pass, Saved};

/// The first whole number whose successor is no `f32`.
const LARGEST: usize = 1 << 24;

/// Turns each token of a sequence into a learned vector.
///
/// ```text
/// y[t] = W[x[t]]        dW[v] = Σ dy[t] over all t with x[t] = v        dx = 0
/// ```
///
/// - **Plain twin**: [`reference::embedding`](crate::reference::embedding()), to read first.
/// - **Input**: (steps), tokens: whole numbers from 0 up to, and without, `vocabulary`, as floats.
/// - **Output**: (steps, width).
/// - **Parameters**: `weight` (vocabulary, width), uniform in ±0.05 as in Keras unless
///   [`Embedding::init`] says otherwise: `vocabulary·width` numbers.
/// - **Errors**: an empty vocabulary, or one above 2²⁴, beyond which an `f32` does not hold every whole number;
///   a width of 0; a padding token outside the vocabulary; inputs that are no sequence of numbers. A number
///   that is no token is [`SequenceError::Token`](crate::error::SequenceError::Token) where the layer reads the
///   model's input. Behind another layer, such a number has a `y` of NaN, which training and evaluation
///   report.
/// - **Source**: Y. Bengio et al., "A neural probabilistic language model", JMLR 3, 2003.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let mut model = Sequential::new([3]).add(Embedding::new(4, 2))?;
/// model.set_params(&[0.0, 0.1, 1.0, 1.1, 2.0, 2.1, 3.0, 3.1])?;
/// let y = model.predict(&array![[3.0, 0.0, 3.0]])?;
/// assert_eq!(y, array![[[3.0, 3.1], [0.0, 0.1], [3.0, 3.1]]].into_dyn());
/// let error = model.predict(&array![[3.0, 0.0, 4.0]]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "sample 0 of predict is not for layer Embedding(4, 2), which wanted tokens from 0 to 3, and step 2 is 4; \
///      correct the token, or give the layer a larger vocabulary",
/// );
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Embedding {
    vocabulary: usize,
    width: usize,
    init: Init,
    padding: Option<usize>,
}

impl Embedding {
    /// Creates a layer for tokens below `vocabulary`, with vectors of `width` numbers.
    pub fn new(vocabulary: usize, width: usize) -> Self {
        let init = Init::Uniform { low: -0.05, high: 0.05 };
        Embedding { vocabulary, width, init, padding: None }
    }

    /// Draws the table from another distribution.
    #[must_use]
    pub fn init(self, init: Init) -> Self {
        Embedding { init, ..self }
    }

    /// Sets the padding token: its vector is 0 and learns nothing, as that of PyTorch's `padding_idx`.
    /// Its row in the table is not read.
    ///
    /// Steps after the length of a sequence need no such token: see [`Lengths`](crate::layer::Lengths).
    #[must_use]
    pub fn padding(self, token: usize) -> Self {
        Embedding { padding: Some(token), ..self }
    }

    /// Row of a number in the table; `None` for the padding token, and an error for a number that is no token.
    fn row(&self, x: f32) -> Result<Option<usize>, NoToken> {
        if !(x >= 0.0 && x < self.vocabulary as f32 && x.fract() == 0.0) {
            return Err(NoToken);
        }
        Ok(Some(x as usize).filter(|token| Some(*token) != self.padding))
    }
}

/// A number that is outside the vocabulary, or not whole.
struct NoToken;

impl Layer for Embedding {
    type Cache = ();

    fn name(&self) -> String {
        format!("Embedding({}, {})", self.vocabulary, self.width)
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        let Embedding { vocabulary, width, padding, .. } = *self;
        if !(1..=LARGEST).contains(&vocabulary) || width == 0 {
            return Err(Mismatch::new(
                format!(
                    "a vocabulary of 1 to {LARGEST} tokens, and vectors of at least one number"
                ),
                "`Embedding::new` takes the number of tokens and the width of a vector",
            ));
        }
        if padding.is_some_and(|token| token >= vocabulary) {
            return Err(Mismatch::new(
                format!("a padding token below {vocabulary}"),
                "choose one of the vocabulary, or count it in `Embedding::new`",
            ));
        }
        match input {
            [steps] => Ok(vec![*steps, width]),
            _ => Err(Mismatch::new(
                "sequences of tokens, of shape (steps)",
                "use `Dense` for steps of features, or `Reshape` for tokens in another shape",
            )),
        }
    }

    fn output_length(
        &self,
        _input: &[usize],
        _output: &[usize],
        length: usize,
    ) -> Result<Option<usize>, Mismatch> {
        Ok(Some(length))
    }

    fn check_input(&self, x: &[f32]) -> Result<(), Mismatch> {
        match x.iter().position(|&x| self.row(x).is_err()) {
            Some(step) => Err(Mismatch::new(
                format!("tokens from 0 to {}, and step {step} is {}", self.vocabulary - 1, x[step]),
                "correct the token, or give the layer a larger vocabulary",
            )),
            None => Ok(()),
        }
    }

    fn param_specs(&self, _input: &[usize]) -> Vec<ParamSpec> {
        vec![ParamSpec::new("weight", &[self.vocabulary, self.width], self.init)]
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
        for (&x, y) in flat(&x).iter().zip(flat_mut(&mut y).chunks_exact_mut(self.width)) {
            match self.row(x) {
                Ok(Some(row)) => {
                    y.copy_from_slice(&params.values[row * self.width..][..self.width])
                }
                Ok(None) => y.fill(0.0),
                Err(NoToken) => y.fill(f32::NAN),
            }
        }
    }

    fn backward(
        &self,
        _params: Params<'_>,
        saved: Saved<'_, ()>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        for (&x, dy) in flat(&saved.x).iter().zip(flat(&dy).chunks_exact(self.width)) {
            let Ok(Some(row)) = self.row(x) else { continue };
            let dw = &mut dparams[row * self.width..][..self.width];
            dw.iter_mut().zip(dy).for_each(|(dw, dy)| *dw += dy);
        }
        if let Some(mut dx) = dx {
            dx.fill(0.0);
        }
    }
}
