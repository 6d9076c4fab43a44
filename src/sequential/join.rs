//! Where branches meet: their outputs are added, or put side by side.
//!
//! ```text
//! add:          y = Σₖ xₖ                   dxₖ = dy
//! concatenate:  y[.., oₖ + c] = xₖ[.., c]   dxₖ[.., c] = dy[.., oₖ + c]
//! ```

use crate::error::Mismatch;
use crate::kernels::add;
use crate::shape;

/// How branches become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    Add,
    /// Along the last axis.
    Concatenate,
}

impl Join {
    /// The shape of what comes out, or why it does not fit.
    pub fn output_shape(self, inputs: &[&[usize]]) -> Result<Vec<usize>, Mismatch> {
        let [first, others @ ..] = inputs else {
            return Err(Mismatch::new("at least one branch", "give it branches"));
        };
        let came = || {
            let shapes: Vec<String> = inputs.iter().map(|input| shape::label(input)).collect();
            shapes.join(" and ")
        };
        match self {
            Join::Add if others.iter().any(|other| other != first) => Err(Mismatch::new(
                format!("branches of one shape to add, and they give {}", came()),
                "give the shorter branch a projection, such as a 1×1 convolution, to the other's shape",
            )),
            Join::Add => Ok(first.to_vec()),
            Join::Concatenate => {
                let but_last = |input: &[usize]| input.split_last().map(|(_, rest)| rest.to_vec());
                if inputs.iter().any(|input| but_last(input) != but_last(first) || input.is_empty())
                {
                    return Err(Mismatch::new(
                        format!(
                            "branches that differ in their last axis only, and they give {}",
                            came()
                        ),
                        "let all branches use the same strides and paddings",
                    ));
                }
                let channels = inputs.iter().filter_map(|input| input.last()).sum();
                Ok([&first[..first.len() - 1], &[channels]].concat())
            }
        }
    }

    /// Puts branch number `k` into `y`; the first of them to be added overwrites it.
    pub fn forward(self, k: usize, x: &[f32], y: &mut [f32], widths: Widths) {
        match self {
            Join::Add if k == 0 => y.copy_from_slice(x),
            Join::Add => add(x, y),
            Join::Concatenate => {
                for (x, y) in x.chunks_exact(widths.own).zip(y.chunks_exact_mut(widths.all)) {
                    y[widths.offset..][..widths.own].copy_from_slice(x);
                }
            }
        }
    }

    /// Overwrites the gradient `dx` of a branch, or adds to it.
    pub fn backward(self, dy: &[f32], dx: &mut [f32], adds: bool, widths: Widths) {
        match (self, adds) {
            (Join::Add, false) => dx.copy_from_slice(dy),
            (Join::Add, true) => add(dy, dx),
            (Join::Concatenate, _) => {
                for (dy, dx) in dy.chunks_exact(widths.all).zip(dx.chunks_exact_mut(widths.own)) {
                    let dy = &dy[widths.offset..][..widths.own];
                    if adds { add(dy, dx) } else { dx.copy_from_slice(dy) }
                }
            }
        }
    }
}

/// Sizes along the last axis: of all branches together, of one, and where it starts.
#[derive(Clone, Copy)]
pub(super) struct Widths {
    pub all: usize,
    pub own: usize,
    pub offset: usize,
}
