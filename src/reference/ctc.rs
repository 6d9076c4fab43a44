//! Twin of [`Ctc`](crate::loss::Ctc): strings, along all paths that read so.
//!
//! A string of `U` labels has 2U + 1 states: state `s` is the blank for even `s`, and label `s / 2` for odd `s`.
//! A path stays in a state, moves to the next one, or skips the blank between two different labels. The
//! blank is the last output of a step. All numbers are logarithms of probabilities, in 64 bits.

use ndarray::{Array2, ArrayView2};

/// ln(eᵃ + eᵇ)
fn log_add(a: f64, b: f64) -> f64 {
    let m = a.max(b);
    if m == f64::NEG_INFINITY { m } else { m + ((a - m).exp() + (b - m).exp()).ln() }
}

/// Output of a state.
fn output(c: &[usize], s: usize, blank: usize) -> usize {
    if s.is_multiple_of(2) { blank } else { c[s / 2] }
}

/// Returns `true` if a path may come to a state from the one before the last.
fn skips(c: &[usize], s: usize) -> bool {
    s % 2 == 1 && s >= 3 && c[s / 2] != c[s / 2 - 1]
}

/// ln softmax of each step.
fn log_softmax(z: ArrayView2<f32>) -> Array2<f64> {
    let z = z.mapv(f64::from);
    let mut ln_y = z.clone();
    for (mut ln_y, z) in ln_y.outer_iter_mut().zip(z.outer_iter()) {
        let ln_sum = z.iter().fold(f64::NEG_INFINITY, |sum, &z| log_add(sum, z));
        ln_y -= ln_sum;
    }
    ln_y
}

/// ln αₜ(s): all that is read up to step `t`, which ends in state `s`.
fn log_alpha(ln_y: &Array2<f64>, c: &[usize]) -> Array2<f64> {
    let (steps, blank, states) = (ln_y.nrows(), ln_y.ncols() - 1, 2 * c.len() + 1);
    let mut alpha = Array2::from_elem((steps, states), f64::NEG_INFINITY);
    for t in 0..steps {
        for s in 0..states {
            let mut sum = f64::NEG_INFINITY;
            if t == 0 && s < 2 {
                sum = 0.0;
            } else if t > 0 {
                sum = alpha[[t - 1, s]];
                if s >= 1 {
                    sum = log_add(sum, alpha[[t - 1, s - 1]]);
                }
                if skips(c, s) {
                    sum = log_add(sum, alpha[[t - 1, s - 2]]);
                }
            }
            alpha[[t, s]] = sum + ln_y[[t, output(c, s, blank)]];
        }
    }
    alpha
}

/// ln βₜ(s): all that is read after step `t`, from state `s` on.
fn log_beta(ln_y: &Array2<f64>, c: &[usize]) -> Array2<f64> {
    let (steps, blank, states) = (ln_y.nrows(), ln_y.ncols() - 1, 2 * c.len() + 1);
    let mut beta = Array2::from_elem((steps, states), f64::NEG_INFINITY);
    for t in (0..steps).rev() {
        for s in 0..states {
            if t == steps - 1 {
                beta[[t, s]] = if s + 2 >= states { 0.0 } else { f64::NEG_INFINITY };
                continue;
            }
            let next = |s: usize| beta[[t + 1, s]] + ln_y[[t + 1, output(c, s, blank)]];
            let mut sum = next(s);
            if s + 1 < states {
                sum = log_add(sum, next(s + 1));
            }
            if s + 2 < states && skips(c, s + 2) {
                sum = log_add(sum, next(s + 2));
            }
            beta[[t, s]] = sum;
        }
    }
    beta
}

/// ln p: paths end in one of the last two states.
fn log_p(alpha: &Array2<f64>) -> f64 {
    let ends = alpha.row(alpha.nrows() - 1).into_iter().rev().take(2);
    ends.fold(f64::NEG_INFINITY, |p, &alpha| log_add(p, alpha))
}

/// Computes the loss of [`Ctc`](crate::loss::Ctc) for the string `c`.
///
/// ```text
/// αₜ(s) = yₜ(c'ₛ)·[αₜ₋₁(s) + αₜ₋₁(s-1) + αₜ₋₁(s-2) where a blank may be skipped]        yₜ = softmax(zₜ)
/// l = -ln p        p = α_T(2U) + α_T(2U+1)
/// ```
///
/// - `z`: (steps, classes + 1)
/// - `c`: labels below `classes`
pub fn ctc(z: ArrayView2<f32>, c: &[usize]) -> f32 {
    -log_p(&log_alpha(&log_softmax(z), c)) as f32
}

/// Computes the gradient of [`ctc()`]: softmax less the occupancy of each output.
///
/// ```text
/// γₜ(s) = αₜ(s)·βₜ(s)/p
/// dzₜₖ = yₜₖ - Σ γₜ(s) over the states of k
/// ```
///
/// - `z`: (steps, classes + 1)
/// - returns `dz`: (steps, classes + 1)
pub fn ctc_backward(z: ArrayView2<f32>, c: &[usize]) -> Array2<f32> {
    let ln_y = log_softmax(z);
    let (alpha, beta) = (log_alpha(&ln_y, c), log_beta(&ln_y, c));
    let ln_p = log_p(&alpha);
    let mut dz = ln_y.mapv(f64::exp);
    for t in 0..z.nrows() {
        for s in 0..2 * c.len() + 1 {
            dz[[t, output(c, s, z.ncols() - 1)]] -= (alpha[[t, s]] + beta[[t, s]] - ln_p).exp();
        }
    }
    dz.mapv(|dz| dz as f32)
}
