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

use crate::kernels::math::{exp, ln};
use crate::kernels::simd::arch;
use crate::kernels::{max, softmax_into};

/// ln 0. It is finite, so that a difference is never ∞ - ∞, and stays what it is whatever is added.
const LN_ZERO: f64 = -1e300;

/// States of a string at the steps of a prediction.
///
/// State `s` of 0..2U+1 is a blank for even `s`, and label `s / 2` for odd `s`.
pub(super) struct Lattice<'a> {
    /// (steps, blank + 1)
    pub logits: &'a [f32],
    /// Number of the blank: the last output of a step.
    pub blank: usize,
    /// String that is shorter than there are steps.
    pub labels: &'a [usize],
}

impl Lattice<'_> {
    pub fn steps(&self) -> usize {
        self.logits.len() / (self.blank + 1)
    }

    fn states(&self) -> usize {
        2 * self.labels.len() + 1
    }

    /// Number of numbers in the scratch buffer: α of each step and of the start, and three rows more.
    pub fn scratch_len(&self) -> usize {
        (self.steps() + 4) * (self.states() + 2)
    }

    /// Computes the loss, and writes the gradient by the logits where one is asked for.
    pub fn loss(&self, scratch: &mut [f64], gradient: Option<&mut [f32]>) -> f32 {
        let (states, row) = (self.states(), self.states() + 2);
        let (alphas, rest) = scratch.split_at_mut((self.steps() + 1) * row);
        let (skips, rest) = rest.split_at_mut(row);
        let (z, ahead) = rest.split_at_mut(row);
        self.set_skips(skips);
        let log_sum = self.forward(alphas, skips, &mut z[..states]);
        if let Some(gradient) = gradient {
            self.backward(alphas, skips, &mut z[..states], ahead, gradient);
        }
        // Paths end in one of the last two states.
        let last = &alphas[self.steps() * row..];
        let l = log_sum - log_add(last[states], last[states + 1], LN_ZERO);
        // Rounding may leave a little less than 0.
        if l < 0.0 { 0.0 } else { l as f32 }
    }

    /// Sets what is added where a path comes to a state from the one before the last: 0 between different
    /// labels, and at both ends, where the start and the end are reached past the outer blanks.
    fn set_skips(&self, skips: &mut [f64]) {
        skips.fill(LN_ZERO);
        skips[1] = 0.0;
        skips[self.states()] = 0.0;
        for (i, pair) in self.labels.windows(2).enumerate() {
            skips[2 * i + 3] = if pair[0] == pair[1] { LN_ZERO } else { 0.0 };
        }
    }

    /// Logits of the states at a step.
    fn gather(&self, step: &[f32], z: &mut [f64]) {
        z.fill(f64::from(step[self.blank]));
        for (z, &label) in z.iter_mut().skip(1).step_by(2).zip(self.labels) {
            *z = f64::from(step[label]);
        }
    }

    /// Computes ln α of each step, behind two states that are none. Returns `Σₜ ln Σₖ exp zₜₖ`.
    fn forward(&self, alphas: &mut [f64], skips: &[f64], z: &mut [f64]) -> f64 {
        let mut log_sum = 0.0;
        let mut rows = alphas.chunks_exact_mut(skips.len());
        let mut before = rows.next().expect("the row of the start");
        // A path starts in front of the first state.
        before.fill(LN_ZERO);
        before[1] = 0.0;
        for (step, after) in self.logits.chunks_exact(self.blank + 1).zip(rows) {
            self.gather(step, z);
            after[..2].fill(LN_ZERO);
            let m = max(step);
            let sum: f32 = arch().dispatch(
                #[inline(always)]
                || {
                    for (s, (alpha, z)) in after[2..].iter_mut().zip(&*z).enumerate() {
                        let from = &before[s..s + 3];
                        *alpha = z + log_add(from[2], from[1], from[0] + skips[s]);
                    }
                    step.iter().map(|&z| exp(z - m)).sum()
                },
            );
            log_sum += f64::from(m) + f64::from(ln(sum));
            before = after;
        }
        log_sum
    }

    /// Computes ln β from the last step to the first, in front of two states that are none, and the gradient.
    fn backward(
        &self,
        alphas: &[f64],
        skips: &[f64],
        z: &mut [f64],
        ahead: &mut [f64],
        gradient: &mut [f32],
    ) {
        let (width, states) = (self.blank + 1, z.len());
        // A path ends behind the last state.
        ahead.fill(LN_ZERO);
        ahead[states] = 0.0;
        let steps = self.logits.chunks_exact(width).zip(gradient.chunks_exact_mut(width));
        let alphas = alphas.chunks_exact(skips.len()).skip(1);
        for ((step, dz), alphas) in steps.zip(alphas).rev() {
            let sum = arch().dispatch(
                #[inline(always)]
                || {
                    for s in 0..states {
                        ahead[s] = log_add(ahead[s], ahead[s + 1], ahead[s + 2] + skips[s + 2]);
                    }
                    occupancies(&alphas[2..], &ahead[..states], z)
                },
            );
            ahead[states] = LN_ZERO;
            softmax_into(step, dz);
            let blanks: f64 = z.iter().step_by(2).sum();
            dz[self.blank] -= (blanks / sum) as f32;
            for (occupancy, &label) in z.iter().skip(1).step_by(2).zip(self.labels) {
                dz[label] -= (occupancy / sum) as f32;
            }
            self.gather(step, z);
            ahead.iter_mut().zip(&*z).for_each(|(ahead, z)| *ahead += z);
        }
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
    let mut sum = 0.0;
    for occupancy in occupancies {
        *occupancy = f64::from(exp((*occupancy - m) as f32));
        sum += *occupancy;
    }
    sum
}

/// ln(eᵃ + eᵇ + eᶜ)
#[inline(always)]
fn log_add(a: f64, b: f64, c: f64) -> f64 {
    let m = a.max(b).max(c);
    let sum = exp((a - m) as f32) + exp((b - m) as f32) + exp((c - m) as f32);
    m + f64::from(ln(sum))
}
