//! The products with weights before and after the heads: dense layers over the steps of all samples.

use std::ops::Range;

use ndarray::{ArrayView, ArrayViewD, ArrayViewMut, ArrayViewMutD, IxDyn};

use super::heads::Heads;
use crate::layer::{Layer, Lengths, Mode, ParamSpec, Params, Saved};
use crate::layers::Dense;

/// A dense layer over steps, with its part of the parameters of a layer of attention.
pub(super) struct Projection {
    dense: Dense,
    inputs: usize,
    outputs: usize,
    params: Range<usize>,
    packed: Range<usize>,
}

impl Projection {
    /// Projections of these numbers of inputs and outputs, whose parameters follow one another.
    pub fn list<const N: usize>(heads: &Heads, sizes: [[usize; 2]; N]) -> [Self; N] {
        let (mut params, mut packed) = (0, 0);
        sizes.map(|[inputs, outputs]| {
            let dense = Dense::new(outputs).bias(heads.bias).init(heads.init);
            let starts = (params, packed);
            params += (inputs + usize::from(heads.bias)) * outputs;
            packed += dense.packed_len(&[inputs]);
            let (params, packed) = (starts.0..params, starts.1..packed);
            Projection { dense, inputs, outputs, params, packed }
        })
    }

    /// Describes the weights, and the bias if there is one, by these names.
    pub fn specs(&self, [weight, bias]: [&'static str; 2]) -> Vec<ParamSpec> {
        let specs = self.dense.param_specs(&[self.inputs]);
        let named = |(spec, name)| ParamSpec { name, ..spec };
        specs.into_iter().zip([weight, bias]).map(named).collect()
    }

    /// End of its packed parameters.
    pub fn packed_end(&self) -> usize {
        self.packed.end
    }

    pub fn pack(&self, params: &[f32], packed: &mut [f32], dx: bool) {
        let (own, packed) = (&params[self.params.clone()], &mut packed[self.packed.clone()]);
        self.dense.pack(&[self.inputs], own, packed, dx);
    }

    /// `y = x·W + b`
    pub fn forward(&self, params: Params<'_>, x: &[f32], y: &mut [f32]) {
        let (x, y) = (rows(x, self.inputs), rows_mut(y, self.outputs));
        self.dense.forward(self.own(params), x, y, &mut (), Mode::Infer.into());
    }

    /// `dx = dy·Wᵀ`, `dW += xᵀ·dy`, `db += Σ dy`
    pub fn backward(
        &self,
        params: Params<'_>,
        x: &[f32],
        dy: &mut [f32],
        dx: Option<&mut [f32]>,
        dparams: &mut [f32],
    ) {
        let (x, y) = (rows(x, self.inputs), rows(&[], self.outputs));
        let saved = Saved { x, y, cache: &mut (), lengths: Lengths::FULL };
        let dx = dx.map(|dx| rows_mut(dx, self.inputs));
        let (dy, dparams) = (rows_mut(dy, self.outputs), &mut dparams[self.params.clone()]);
        self.dense.backward(self.own(params), saved, dy, dx, dparams);
    }

    fn own<'a>(&self, params: Params<'a>) -> Params<'a> {
        let (values, packed) = (self.params.clone(), self.packed.clone());
        Params { values: &params.values[values], packed: &params.packed[packed] }
    }
}

/// Shape of rows of this width. ndarray keeps two axes without allocating.
fn shape(len: usize, width: usize) -> IxDyn {
    let mut shape = IxDyn::zeros(2);
    (shape[0], shape[1]) = (len / width, width);
    shape
}

fn rows(values: &[f32], width: usize) -> ArrayViewD<'_, f32> {
    ArrayView::from_shape(shape(values.len(), width), values).expect("whole rows")
}

fn rows_mut(values: &mut [f32], width: usize) -> ArrayViewMutD<'_, f32> {
    ArrayViewMut::from_shape(shape(values.len(), width), values).expect("whole rows")
}
