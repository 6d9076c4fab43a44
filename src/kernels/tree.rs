//! Sums as a fixed binary tree: any number of threads, processes or machines reach the same bits.
//!
//! Addition of floats is not associative, so the order is part of the result. The sum of the values
//! v₀, v₁, … is this tree, which depends on how many there are and on nothing else:
//!
//! ```text
//! sum(a..b) = vₐ                         if b - a = 1
//! sum(a..b) = sum(a..m) + sum(m..b)      m = a + the largest power of two below b - a
//!
//! 0   1   2   3   4   5   6
//! └─┬─┘   └─┬─┘   └─┬─┘   │       neighbours are added in pairs, level by level;
//!   └───┬───┘       └──┬──┘       the last of an odd number moves up as it is
//!       └───────┬──────┘
//! ```
//!
//! Any 2ᵏ values that start at a multiple of 2ᵏ are a subtree. A process that holds some consecutive
//! values adds up the largest subtrees among them (a single one, where all processes hold the same
//! power of two), and the tree over all these sums has the bits of the tree over all values. A left
//! fold, ((v₀ + v₁) + v₂) + …, has no such parts.

use std::iter::successors;

/// Sum of numbers that come one after another: a binary counter whose digit `k` is the sum of a subtree
/// of 2ᵏ values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TreeSum {
    subtrees: [f64; usize::BITS as usize],
    count: usize,
}

impl TreeSum {
    /// The sum of no values.
    pub const ZERO: TreeSum = TreeSum { subtrees: [0.0; usize::BITS as usize], count: 0 };

    /// Adds the next value. Two subtrees of one size become one of twice the size.
    pub fn push(&mut self, value: f64) {
        let level = self.count.trailing_ones() as usize;
        let smaller = &self.subtrees[..level];
        self.subtrees[level] = smaller.iter().fold(value, |right, left| left + right);
        self.count += 1;
    }

    /// The sum of all values so far.
    pub fn total(&self) -> f64 {
        let digits = (0..self.subtrees.len()).filter(|&level| self.count >> level & 1 == 1);
        digits.map(|level| self.subtrees[level]).reduce(|right, left| left + right).unwrap_or(0.0)
    }
}

impl FromIterator<f64> for TreeSum {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sum = TreeSum::ZERO;
        values.into_iter().for_each(|value| sum.push(value));
        sum
    }
}

/// The additions that make the sum of `n` values in place, level by level: for each `(to, from)`,
/// add value `from` to value `to`. The sum is then value 0.
pub(crate) fn additions(n: usize) -> impl Iterator<Item = (usize, usize)> {
    let steps = successors(Some(1), |step| Some(2 * step)).take_while(move |&step| step < n);
    steps.flat_map(move |step| (0..n - step).step_by(2 * step).map(move |to| (to, to + step)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition.
    fn sum(values: &[f64]) -> f64 {
        match values {
            [] => 0.0,
            [value] => *value,
            _ => {
                let (left, right) = values.split_at(values.len().next_power_of_two() / 2);
                sum(left) + sum(right)
            }
        }
    }

    proptest! {
        #[test]
        fn a_stream_and_additions_in_place_have_the_bits_of_the_definition(
            values in prop::collection::vec(-1e3..1e3, 0..70),
        ) {
            let wanted = sum(&values);
            prop_assert_eq!(values.iter().copied().collect::<TreeSum>().total(), wanted);
            let mut in_place = values.clone();
            additions(values.len()).for_each(|(to, from)| in_place[to] += in_place[from]);
            prop_assert_eq!(in_place.first().copied().unwrap_or(0.0), wanted);
        }

        #[test]
        fn processes_with_equal_powers_of_two_reach_the_same_bits(
            values in prop::collection::vec(-1e3..1e3, 1..70),
            level in 0u32..7,
        ) {
            let each = 1usize << level;
            let totals: Vec<f64> = values.chunks(each).map(sum).collect();
            prop_assert_eq!(sum(&totals), sum(&values));
        }
    }

    #[test]
    fn the_tree_is_not_a_left_fold() {
        let values = [1e16, 1.0, 1.0, 1.0];
        assert_eq!(values.into_iter().collect::<TreeSum>().total(), (1e16 + 1.0) + 2.0);
        assert_ne!(sum(&values), values.iter().sum::<f64>());
    }
}
