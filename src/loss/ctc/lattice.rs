//! Sum over all paths that read as a string: forward, and backward for the gradient.
//!
//! Probabilities of a hundred steps are smaller than the smallest number, so that their logarithms are added:
//!
//! ```text
//! ln(eᵃ + eᵇ + eᶜ) = m + ln(eᵃ⁻ᵐ + eᵇ⁻ᵐ + eᶜ⁻ᵐ)        with m = max(a, b, c)
//! ```
//!
//! Logarithms reach thousands, of which 32 bits would keep three decimals. They are kept in 64 bits; only the
//! last term, from 0 to ln 3, is computed in 32 bits, by the functions that give the same bits on every machine.
//!
//! The recursions run over logits `z` in place of `ln y = z - ln Σ exp z`: what is subtracted is the same for all
//! states of a step. It leaves the occupancies as they are, and is added to the loss in the end.

use pulp::{Simd, WithSimd};

use crate::kernels::math::{exp, ln};
use crate::kernels::simd::arch;
use crate::kernels::{max, softmax_into};

/// ln 0. It is finite, so that a difference is never ∞ - ∞, and adding a logit does not change it.
const LN_ZERO: f64 = -1e300;

/// States of a string at the steps of a prediction.
///
/// State `s` of 0..2U+1 is a blank for even `s`, and label `s / 2` for odd `s`.
#[derive(Clone, Copy)]
pub(super) struct Lattice<'a> {
    /// (steps, blank + 1)
    pub logits: &'a [f32],
    /// Number of the blank: the last output of a step.
    pub blank: usize,
    /// String that the steps have room for.
    pub labels: &'a [usize],
}

impl Lattice<'_> {
    pub fn steps(&self) -> usize {
        self.logits.len() / (self.blank + 1)
    }

    /// Number of states, and two that are none: before the first or after the last.
    fn row(&self) -> usize {
        2 * self.labels.len() + 3
    }

    /// Number of numbers in the scratch buffer: ln α of each step and of the start, and three rows more.
    pub fn scratch_len(&self) -> usize {
        (self.steps() + 4) * self.row()
    }

    /// Computes the loss, and writes the gradient by the logits where one is asked for.
    pub fn loss(self, scratch: &mut [f64], gradient: Option<&mut [f32]>) -> f32 {
        arch().dispatch(Sum { lattice: self, scratch, gradient })
    }

    /// Sets what is added where a path comes to a state from the one before the last: 0 between different
    /// labels, and at both ends, where the start and the end are reached past the outer blanks.
    #[inline(always)]
    fn set_skips(&self, skips: &mut [f64]) {
        skips.fill(LN_ZERO);
        skips[1] = 0.0;
        skips[self.row() - 2] = 0.0;
        for (i, pair) in self.labels.windows(2).enumerate() {
            skips[2 * i + 3] = if pair[0] == pair[1] { LN_ZERO } else { 0.0 };
        }
    }

    /// Writes the logits of the states at a step.
    #[inline(always)]
    fn gather(&self, step: &[f32], z: &mut [f64]) {
        z.fill(f64::from(step[self.blank]));
        for (z, &label) in z.iter_mut().skip(1).step_by(2).zip(self.labels) {
            *z = f64::from(step[label]);
        }
    }
}

/// Both passes.
struct Sum<'a> {
    lattice: Lattice<'a>,
    scratch: &'a mut [f64],
    gradient: Option<&'a mut [f32]>,
}

impl WithSimd for Sum<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> f32 {
        let Sum { lattice, scratch, mut gradient } = self;
        let (steps, row) = (lattice.steps(), lattice.row());
        let (alphas, rest) = scratch.split_at_mut((steps + 1) * row);
        let (skips, rest) = rest.split_at_mut(row);
        let (z, ahead) = rest.split_at_mut(row);
        let z = &mut z[..row - 2];
        lattice.set_skips(skips);
        let log_sum = forward(lattice, alphas, skips, z, gradient.as_deref_mut());
        if let Some(gradient) = gradient {
            backward(lattice, alphas, skips, z, ahead, gradient);
        }
        // Paths end in one of the last two states.
        let ends = &alphas[(steps + 1) * row - 2..];
        let l = log_sum - log_add(ends[0], ends[1], LN_ZERO);
        // Rounding may leave a little less than 0.
        if l < 0.0 { 0.0 } else { l as f32 }
    }
}

/// Computes ln α of each step, after two states that are none, and softmax where the gradient will be. Returns
/// `Σₜ ln Σₖ exp zₜₖ`.
#[inline(always)]
fn forward(
    lattice: Lattice<'_>,
    alphas: &mut [f64],
    skips: &[f64],
    z: &mut [f64],
    mut gradient: Option<&mut [f32]>,
) -> f64 {
    let (width, states, mut log_sum) = (lattice.blank + 1, z.len(), 0.0);
    let mut rows = alphas.chunks_exact_mut(skips.len());
    let mut before = rows.next().expect("the row of the start");
    // A path starts before the first state.
    before.fill(LN_ZERO);
    before[1] = 0.0;
    for (t, (step, row)) in lattice.logits.chunks_exact(width).zip(rows).enumerate() {
        let m = max(step);
        let sum = match &mut gradient {
            Some(gradient) => softmax_into(step, &mut gradient[t * width..][..width]),
            None => step.iter().map(|&z| exp(z - m)).sum(),
        };
        log_sum += f64::from(m) + f64::from(ln(sum));
        lattice.gather(step, z);
        let (none, after) = row.split_at_mut(2);
        none.fill(LN_ZERO);
        let (two, one, same) = (&before[..states], &before[1..][..states], &before[2..][..states]);
        let (skips, after) = (&skips[..states], &mut after[..states]);
        for s in 0..states {
            after[s] = z[s] + log_add(same[s], one[s], two[s] + skips[s]);
        }
        before = row;
    }
    log_sum
}

/// Computes ln β from the last step to the first, before two states that are none, and subtracts the occupancies
/// from softmax.
#[inline(always)]
fn backward(
    lattice: Lattice<'_>,
    alphas: &[f64],
    skips: &[f64],
    z: &mut [f64],
    ahead: &mut [f64],
    gradient: &mut [f32],
) {
    let (width, states) = (lattice.blank + 1, z.len());
    let (ahead, skips) = (&mut ahead[..states + 2], &skips[2..][..states]);
    // A path ends after the last state.
    ahead.fill(LN_ZERO);
    ahead[states] = 0.0;
    let steps = lattice.logits.chunks_exact(width).zip(gradient.chunks_exact_mut(width));
    let alphas = alphas.chunks_exact(states + 2).skip(1);
    for ((step, dz), alphas) in steps.zip(alphas).rev() {
        for s in 0..states {
            ahead[s] = log_add(ahead[s], ahead[s + 1], ahead[s + 2] + skips[s]);
        }
        ahead[states] = LN_ZERO;
        let sum = occupancies(&alphas[2..], &ahead[..states], z);
        let blanks: f64 = z.iter().step_by(2).sum();
        dz[lattice.blank] -= (blanks / sum) as f32;
        for (occupancy, &label) in z.iter().skip(1).step_by(2).zip(lattice.labels) {
            dz[label] -= (occupancy / sum) as f32;
        }
        lattice.gather(step, z);
        ahead.iter_mut().zip(&*z).for_each(|(ahead, z)| *ahead += z);
    }
}

/// Writes a multiple of `α·β` of each state, and returns their sum. It is a multiple of `p` at any step: dividing
/// by it at each leaves out the rounding of the recursions.
#[inline(always)]
fn occupancies(alphas: &[f64], betas: &[f64], occupancies: &mut [f64]) -> f64 {
    let mut m = f64::MIN;
    for (occupancy, (alpha, beta)) in occupancies.iter_mut().zip(alphas.iter().zip(betas)) {
        *occupancy = alpha + beta;
        m = m.max(*occupancy);
    }
    for occupancy in occupancies.iter_mut() {
        *occupancy = f64::from(exp((*occupancy - m) as f32));
    }
    occupancies.iter().sum()
}

/// ln(eᵃ + eᵇ + eᶜ)
#[inline(always)]
fn log_add(a: f64, b: f64, c: f64) -> f64 {
    let m = a.max(b).max(c);
    let sum = exp((a - m) as f32) + exp((b - m) as f32) + exp((c - m) as f32);
    m + f64::from(ln(sum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::forced::at_level;
    use crate::kernels::simd::levels;

    #[test]
    fn the_same_bits_at_every_width() {
        let logits: Vec<f32> = (0..40 * 5).map(|i| (i * 37 % 101) as f32 / 7.0 - 7.0).collect();
        let labels: Vec<usize> = (0..17).map(|i| i * i % 4).collect();
        let lattice = Lattice { logits: &logits, blank: 4, labels: &labels };
        let run = || {
            let mut gradient = vec![f32::NAN; logits.len()];
            let l = lattice.loss(&mut vec![f64::NAN; lattice.scratch_len()], Some(&mut gradient));
            gradient.iter().chain([&l]).map(|value| value.to_bits()).collect::<Vec<_>>()
        };
        let widest = run();
        for (name, arch) in levels() {
            assert_eq!(at_level(arch, run), widest, "at {name}");
        }
    }
}
