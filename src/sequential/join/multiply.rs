//! The product of branches: a gate lets each value of another branch through as far as its own says.
//!
//! ```text
//! y = Πₖ xₖ        dxₖ = dy·Πⱼ xⱼ   over j ≠ k
//! ```
//!
//! One branch may give one number a channel (c) while others give images (h, w, c): the number
//! multiplies each pixel of its channel, and its gradient is the sum over the pixels. This is the gate of squeeze-and-excite.
//!
//! The product of the other branches is formed again, in pieces that stay in registers: dividing `y` by
//! `xₖ` would fail at 0.

use super::contract::{Inputs, Join, Part, first, list};
use crate::error::Mismatch;
use crate::kernels::simd::arch;

/// Number of values whose product is formed at once.
const PIECE: usize = 64;

/// Multiplies branches of one shape, or of one number a channel.
pub(in crate::sequential) struct Multiply;

impl Join for Multiply {
    fn name(&self) -> &'static str {
        "Multiply"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, Mismatch> {
        let (one, others) = first(inputs)?;
        let fits = |other: &[usize]| other == one || other.len() == 1 && other.last() == one.last();
        if !others.iter().all(|other| fits(other)) {
            let given = list(inputs);
            return Err(Mismatch::new(
                format!(
                    "branches of one shape, or of one number a channel, to multiply, and they give {given}"
                ),
                "give the first branch the most values, and the others its shape or its channels",
            ));
        }
        Ok(one.to_vec())
    }

    fn forward(&self, k: usize, x: &[f32], part: Part, y: &mut [f32]) {
        if k == 0 {
            return y.copy_from_slice(x);
        }
        arch().dispatch(
            #[inline(always)]
            || {
                let samples =
                    x.chunks_exact(part.sample).zip(y.chunks_exact_mut(part.whole_sample));
                for (x, y) in samples {
                    y.chunks_exact_mut(part.sample).for_each(|y| multiply(y, x));
                }
            },
        );
    }

    fn backward(&self, k: usize, inputs: Inputs<'_>, dy: &[f32], dx: &mut [f32], adds: bool) {
        if !adds {
            dx.fill(0.0);
        }
        arch().dispatch(
            #[inline(always)]
            || add_products(k, inputs, dy, dx),
        );
    }
}

/// `dxₖ += dy·Πⱼ xⱼ` over `j ≠ k`
#[inline(always)]
fn add_products(k: usize, inputs: Inputs<'_>, dy: &[f32], dx: &mut [f32]) {
    let (_, own) = (inputs.get)(k);
    let row = own.whole_width;
    for (number, dy) in dy.chunks_exact(row).enumerate() {
        // Start of the row in a branch.
        let place = |part: Part| {
            let rows = part.whole_sample / row;
            let within = if part.sample == part.whole_sample { number % rows } else { 0 };
            number / rows * part.sample + within * row
        };
        let dx = &mut dx[place(own)..][..row];
        for (start, dx) in (0..row).step_by(PIECE).zip(dx.chunks_mut(PIECE)) {
            let mut product = [0.0; PIECE];
            let product = &mut product[..dx.len()];
            product.copy_from_slice(&dy[start..][..dx.len()]);
            for other in (0..inputs.count).filter(|&other| other != k) {
                let (x, part) = (inputs.get)(other);
                multiply(product, &x[place(part) + start..][..dx.len()]);
            }
            dx.iter_mut().zip(&*product).for_each(|(dx, product)| *dx += product);
        }
    }
}

/// `product *= factor`
#[inline(always)]
fn multiply(product: &mut [f32], factor: &[f32]) {
    product.iter_mut().zip(factor).for_each(|(product, factor)| *product *= factor);
}
