//! The most probable way to part pieces into digits.

use crate::kernels::math::{exp, ln};

/// A digit, a separator or a speck that consecutive pieces may make.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// Number of the first piece.
    pub from: usize,
    /// Number of the piece after the last.
    pub to: usize,
    /// Logarithm of how well they make it.
    pub score: f32,
    /// Number of digits that it is: 1, or 0.
    pub digits: usize,
}

/// A way through all pieces.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    /// Numbers of its steps, in order.
    pub steps: Vec<usize>,
    /// Share of every step, of this way or not, in all ways, by their probabilities: 1 where all go through it.
    pub shares: Vec<f32>,
    /// Logarithm of the sum of all ways.
    pub total: f32,
}

/// Returns the best way from the first piece to the last; of all ways with `expect` digits, if there are
/// such. `None` where there is no way. Steps are sorted by their first pieces.
///
/// ```text
/// best:  b(j) = max over steps i → j of b(i) + s
/// share: f(i)·eˢ·g(j) / f(n)      f(j) = Σ f(i)·eˢ from the left, g(i) = Σ g(j)·eˢ from the right
/// ```
///
/// - **Source**: A. Viterbi, "Error bounds for convolutional codes and an asymptotically optimum decoding
///   algorithm", 1967; Y. LeCun et al., "Gradient-based learning applied to document recognition", 1998,
///   section V, which cuts and chooses in this way.
pub(super) fn best(steps: &[Step], pieces: usize, expect: Option<usize>) -> Option<Path> {
    // Each digit takes a piece.
    if expect.is_some_and(|expect| expect > pieces) {
        return None;
    }
    // A place is a number of pieces that are behind, and of digits among them if these are counted.
    let counts = expect.map_or(1, |expect| expect + 1);
    let place = |piece: usize, digits: usize| piece * counts + digits;
    let moves = |step: &Step| {
        let digits = if expect.is_some() { step.digits } else { 0 };
        let (from, to) = (step.from, step.to);
        (0..counts.saturating_sub(digits)).map(move |n| (place(from, n), place(to, n + digits)))
    };
    let (start, end) = (place(0, 0), place(pieces, counts - 1));
    let places = (pieces + 1) * counts;
    let (mut best, mut back) = (vec![f32::NEG_INFINITY; places], vec![None; places]);
    let (mut left, mut right) = (vec![f32::NEG_INFINITY; places], vec![f32::NEG_INFINITY; places]);
    (best[start], left[start], right[end]) = (0.0, 0.0, 0.0);
    for (index, step) in steps.iter().enumerate() {
        for (from, to) in moves(step) {
            if best[from] + step.score > best[to] {
                (best[to], back[to]) = (best[from] + step.score, Some((index, from)));
            }
            left[to] = log_add(left[to], left[from] + step.score);
        }
    }
    for step in steps.iter().rev() {
        for (from, to) in moves(step) {
            right[from] = log_add(right[from], right[to] + step.score);
        }
    }
    let mut chosen = Vec::new();
    let mut at = end;
    while at != start {
        let (index, from) = back[at]?;
        chosen.push(index);
        at = from;
    }
    chosen.reverse();
    let share = |step: &Step| {
        let through =
            |(from, to): (usize, usize)| exp(left[from] + step.score + right[to] - left[end]);
        moves(step).map(through).sum::<f32>().min(1.0)
    };
    Some(Path { steps: chosen, shares: steps.iter().map(share).collect(), total: left[end] })
}

/// `ln(eᵃ + eᵇ)`.
fn log_add(a: f32, b: f32) -> f32 {
    let (low, high) = (a.min(b), a.max(b));
    if low == f32::NEG_INFINITY { high } else { high + ln(1.0 + exp(low - high)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(from: usize, to: usize, p: f32) -> Step {
        Step { from, to, score: p.ln(), digits: 1 }
    }

    #[test]
    fn best_way_and_its_share() {
        let steps = [step(0, 1, 0.5), step(0, 2, 0.9), step(1, 2, 0.8), step(2, 3, 1.0)];
        let path = best(&steps, 3, None).unwrap();
        assert_eq!(path.steps, [1, 3]);
        for (share, wanted) in path.shares.iter().zip([0.4 / 1.3, 0.9 / 1.3, 0.4 / 1.3, 1.0]) {
            assert!((share - wanted).abs() < 1e-5, "{:?}", path.shares);
        }
        assert_eq!(best(&steps, 3, Some(3)).unwrap().steps, [0, 2, 3]);
        assert_eq!(best(&steps, 3, Some(4)), None);
        assert_eq!(best(&steps, 3, Some(usize::MAX)), None);
        assert_eq!(best(&steps[..2], 3, None), None);
        assert!(best(&[], 0, None).unwrap().steps.is_empty());
    }
}
