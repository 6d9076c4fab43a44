//! The sum of branches. Each gets all of the gradient.
//!
//! ```text
//! y = Σₖ xₖ        dxₖ = dy
//! ```

use super::contract::{Inputs, Join, Part, first, list};
use crate::error::Mismatch;
use crate::kernels::add;

/// Adds branches of one shape.
pub(in crate::sequential) struct Add;

impl Join for Add {
    fn name(&self) -> &'static str {
        "Add"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, Mismatch> {
        let (one, others) = first(inputs)?;
        if others.iter().any(|&other| other != one) {
            return Err(Mismatch::new(
                format!("branches of one shape to add, and they give {}", list(inputs)),
                "give the shorter branch a projection, such as a 1×1 convolution, to the other's shape",
            ));
        }
        Ok(one.to_vec())
    }

    fn forward(&self, k: usize, x: &[f32], _part: Part, y: &mut [f32]) {
        if k == 0 { y.copy_from_slice(x) } else { add(x, y) }
    }

    fn backward(&self, _k: usize, _inputs: Inputs<'_>, dy: &[f32], dx: &mut [f32], adds: bool) {
        if adds { add(dy, dx) } else { dx.copy_from_slice(dy) }
    }
}
