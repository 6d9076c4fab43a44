//! Products with a matrix of weights, forward and backward: what most layers with weights are made of.

use crate::kernels::{
    ALIGN, MatMul, MatMulTransposed, Onto, pad_rows, padded_len, simd::arch, transpose,
};

/// A matrix of weights W (inputs, outputs), which rows of inputs are multiplied with.
///
/// ```text
/// y = x·W        dx = dy·Wᵀ        dW += xᵀ·dy
/// ```
///
/// Its packed floats are W with padded rows, which are left out where the rows fill whole vectors, and then Wᵀ
/// with padded rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Product {
    pub inputs: usize,
    pub outputs: usize,
}

impl Product {
    /// Number of weights.
    pub fn len(self) -> usize {
        self.inputs * self.outputs
    }

    /// Number of packed floats.
    pub fn packed_len(self) -> usize {
        self.padded_len() + padded_len(self.outputs, self.inputs)
    }

    fn padded_len(self) -> usize {
        if self.outputs.is_multiple_of(ALIGN) { 0 } else { padded_len(self.inputs, self.outputs) }
    }

    /// Packs the weights; without `dx`, only for the forward pass.
    pub fn pack(self, weights: &[f32], packed: &mut [f32], dx: bool) {
        let (padded, transposed) = packed.split_at_mut(self.padded_len());
        pad_rows(weights, self.outputs, padded);
        if dx {
            transpose(weights, self.outputs, transposed);
        }
    }

    /// `y = onto + x·W`
    pub fn forward(
        self,
        weights: &[f32],
        packed: &[f32],
        x: &[f32],
        onto: Onto<'_>,
        y: &mut [f32],
    ) {
        let padded = &packed[..self.padded_len()];
        let w = if padded.is_empty() { weights } else { padded };
        let Product { inputs, outputs } = self;
        arch().dispatch(MatMul { x, inputs, w, onto, y, outputs });
    }

    /// `dx = onto + dy·Wᵀ`
    pub fn backward(self, packed: &[f32], dy: &[f32], onto: Onto<'_>, dx: &mut [f32]) {
        let w = &packed[self.padded_len()..];
        MatMul { x: dy, inputs: self.outputs, w, onto, y: dx, outputs: self.inputs }.run();
    }

    /// `dW += xᵀ·dy`
    pub fn add_gradient(self, x: &[f32], dy: &[f32], dw: &mut [f32]) {
        let Product { inputs, outputs } = self;
        MatMulTransposed { x, inputs, dy, outputs, dw }.run();
    }
}
