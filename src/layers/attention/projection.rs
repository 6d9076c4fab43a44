//! The products with weights before and after the heads, over the steps of all samples.

use super::heads::Heads;
use crate::init::Init;
use crate::kernels::{Onto, add_rows};
use crate::layer::{ParamSpec, Params};
use crate::layers::product::Product;

/// A product with weights, and perhaps a bias, with its place in the parameters of a layer of attention.
pub(super) struct Projection {
    product: Product,
    bias: bool,
    init: Init,
    /// Starts of its parameters, and of their packed copies.
    params: usize,
    packed: usize,
}

impl Projection {
    /// Projections of these numbers of inputs and outputs, whose parameters follow one another.
    pub fn list<const N: usize>(heads: &Heads, sizes: [[usize; 2]; N]) -> [Self; N] {
        let (mut params, mut packed) = (0, 0);
        sizes.map(|[inputs, outputs]| {
            let product = Product { inputs, outputs };
            let own = Projection { product, bias: heads.bias, init: heads.init, params, packed };
            params += product.len() + if heads.bias { outputs } else { 0 };
            packed += product.packed_len();
            own
        })
    }

    /// Describes the weights, and the bias if there is one, by these names.
    pub fn specs(&self, [weight, bias]: [&'static str; 2]) -> Vec<ParamSpec> {
        let Product { inputs, outputs } = self.product;
        let weight = ParamSpec::new(weight, &[inputs, outputs], self.init);
        let bias = ParamSpec::new(bias, &[outputs], Init::Zeros);
        if self.bias { vec![weight, bias] } else { vec![weight] }
    }

    /// End of its packed parameters.
    pub fn packed_end(&self) -> usize {
        self.packed + self.product.packed_len()
    }

    /// Packs the weights; without `dx`, only for the forward pass.
    pub fn pack(&self, params: &[f32], packed: &mut [f32], dx: bool) {
        let weights = &params[self.params..][..self.product.len()];
        self.product.pack(weights, &mut packed[self.packed..self.packed_end()], dx);
    }

    /// `y = x·W + b`
    pub fn forward(&self, params: Params<'_>, x: &[f32], y: &mut [f32]) {
        let (weights, rest) = params.values[self.params..].split_at(self.product.len());
        let bias = &rest[..if self.bias { self.product.outputs } else { 0 }];
        let onto = if self.bias { Onto::Bias(bias) } else { Onto::Zeros };
        self.product.forward(weights, &params.packed[self.packed..], x, onto, y);
    }

    /// `dx = dy·Wᵀ`
    pub fn backward(&self, params: Params<'_>, dy: &[f32], dx: &mut [f32]) {
        let packed = &params.packed[self.packed..self.packed_end()];
        self.product.backward(packed, dy, Onto::Zeros, dx);
    }

    /// `dW += xᵀ·dy`, `db += Σ dy`
    pub fn add_gradient(&self, x: &[f32], dy: &[f32], dparams: &mut [f32]) {
        let (dw, rest) = dparams[self.params..].split_at_mut(self.product.len());
        self.product.add_gradient(x, dy, dw);
        add_rows(dy, &mut rest[..if self.bias { self.product.outputs } else { 0 }]);
    }
}
