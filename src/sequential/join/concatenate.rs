//! Branches side by side along the last axis. Each gets its part of the gradient.
//!
//! ```text
//! y[.., oₖ + c] = xₖ[.., c]        dxₖ[.., c] = dy[.., oₖ + c]
//! ```

use super::contract::{Inputs, Join, Part, first, list};
use crate::error::Mismatch;
use crate::kernels::add;

/// Puts branches side by side.
pub(in crate::sequential) struct Concatenate;

impl Join for Concatenate {
    fn name(&self) -> &'static str {
        "Concatenate"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, Mismatch> {
        let (one, _) = first(inputs)?;
        let but_last = |input: &[usize]| input.split_last().map(|(_, rest)| rest.to_vec());
        if inputs.iter().any(|input| but_last(input) != but_last(one) || input.is_empty()) {
            let given = list(inputs);
            return Err(Mismatch::new(
                format!("branches that differ in their last axis only, and they give {given}"),
                "let all branches use the same strides and paddings",
            ));
        }
        let channels = inputs.iter().filter_map(|input| input.last()).sum();
        Ok([&one[..one.len() - 1], &[channels]].concat())
    }

    fn forward(&self, _k: usize, x: &[f32], part: Part, y: &mut [f32]) {
        for (x, y) in x.chunks_exact(part.width).zip(y.chunks_exact_mut(part.whole_width)) {
            y[part.offset..][..part.width].copy_from_slice(x);
        }
    }

    fn backward(&self, k: usize, inputs: Inputs<'_>, dy: &[f32], dx: &mut [f32], adds: bool) {
        let (_, part) = (inputs.get)(k);
        for (dy, dx) in dy.chunks_exact(part.whole_width).zip(dx.chunks_exact_mut(part.width)) {
            let dy = &dy[part.offset..][..part.width];
            if adds { add(dy, dx) } else { dx.copy_from_slice(dy) }
        }
    }
}
