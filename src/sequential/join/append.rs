//! Branches one after the other along the first axis, that of steps. Each gets its part of the gradient.
//!
//! ```text
//! y[oₖ + t, ..] = xₖ[t, ..]        dxₖ[t, ..] = dy[oₖ + t, ..]
//! ```

use super::contract::{Inputs, Join, Part, first, list};
use crate::error::Mismatch;
use crate::kernels::add;

/// Puts branches one after the other.
pub(in crate::sequential) struct Append;

impl Join for Append {
    fn name(&self) -> &'static str {
        "Append"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, Mismatch> {
        let (one, _) = first(inputs)?;
        if inputs.iter().any(|input| input.is_empty() || input[1..] != one[1..]) {
            let given = list(inputs);
            return Err(Mismatch::new(
                format!("branches that differ in their first axis only, and they give {given}"),
                "let all branches give steps of as many features",
            ));
        }
        let steps = inputs.iter().filter_map(|input| input.first()).sum();
        Ok([&[steps], &one[1..]].concat())
    }

    /// Padding would come between two sequences unless it is that of the last.
    fn output_length(
        &self,
        inputs: &mut dyn Iterator<Item = (usize, usize)>,
    ) -> Result<usize, Mismatch> {
        let (mut counted, mut is_padded) = (0, false);
        for (steps, length) in inputs {
            if is_padded {
                return Err(Mismatch::new(
                    "branches without padding before the last one",
                    "let the branch of the padded sequence be the last",
                ));
            }
            counted += length.min(steps);
            is_padded = length < steps;
        }
        Ok(if is_padded { counted } else { usize::MAX })
    }

    fn forward(&self, _k: usize, x: &[f32], part: Part, y: &mut [f32]) {
        for (x, y) in x.chunks_exact(part.sample).zip(y.chunks_exact_mut(part.whole_sample)) {
            y[part.sample_offset..][..part.sample].copy_from_slice(x);
        }
    }

    fn backward(&self, k: usize, inputs: Inputs<'_>, dy: &[f32], dx: &mut [f32], adds: bool) {
        let (_, part) = (inputs.get)(k);
        for (dy, dx) in dy.chunks_exact(part.whole_sample).zip(dx.chunks_exact_mut(part.sample)) {
            let dy = &dy[part.sample_offset..][..part.sample];
            if adds { add(dy, dx) } else { dx.copy_from_slice(dy) }
        }
    }
}
