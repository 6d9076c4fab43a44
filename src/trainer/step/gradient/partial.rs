//! Partial gradients, and their sum as a binary tree.
//!
//! The samples of a step are cut into parts of a fixed size, and each has a gradient vector of its
//! own. They are added as the tree of [`tree`](crate::kernels::tree), strip by strip, so that every
//! vector is read once and what is in between stays in the first-level cache.
//!
//! A step of several batches keeps the parts of one batch at a time: before the next, they are added
//! up to the largest blocks of the tree, of which there is one for each binary digit of their number.

use rayon::prelude::*;

use super::shard::SampleSums;
use crate::kernels::aligned::Aligned;
use crate::kernels::simd::arch;

/// Number of floats that are added up at once, to find the sum in the first-level cache.
pub(crate) const STRIP: usize = 2048;

/// The gradient of one part of a step, or the sum of a block of them.
pub(crate) struct PartialGradient {
    /// Its number in the step, or that of the first in the block.
    pub first: usize,
    pub gradient: Aligned,
    pub sums: SampleSums,
    /// Largest magnitude in the gradient.
    pub largest: f32,
}

impl PartialGradient {
    fn new(params: usize) -> Self {
        let (gradient, sums) = (Aligned::zeros(params), SampleSums::default());
        PartialGradient { first: 0, gradient, sums, largest: 0.0 }
    }

    /// Makes it the sum over no samples.
    pub fn clear(&mut self) {
        self.gradient.fill(0.0);
        self.sums = SampleSums::default();
    }
}

/// The partial gradients of a step so far.
pub(crate) struct Partials {
    params: usize,
    /// Those in use, in order, and then spare ones.
    all: Vec<PartialGradient>,
    used: usize,
    /// How many have been part of the step.
    count: usize,
}

impl Partials {
    pub fn new(params: usize) -> Self {
        Partials { params, all: Vec::new(), used: 0, count: 0 }
    }

    /// Begins a new step.
    pub fn clear(&mut self) {
        (self.used, self.count) = (0, 0);
    }

    /// Makes room for the next `n`, whose contents are left over from earlier steps.
    pub fn append(&mut self, n: usize) -> &mut [PartialGradient] {
        self.merge_blocks();
        let new = self.used..self.used + n;
        while self.all.len() < new.end {
            self.all.push(PartialGradient::new(self.params));
        }
        for (partial, number) in self.all[new.clone()].iter_mut().zip(self.count..) {
            partial.first = number;
        }
        (self.used, self.count) = (new.end, self.count + n);
        &mut self.all[new]
    }

    /// Those in use.
    pub fn used(&self) -> &[PartialGradient] {
        &self.all[..self.used]
    }

    /// The first, to whose gradient [`add_up`] adds those of the others; `None` without any.
    pub fn first_and_others(&mut self) -> Option<(&mut PartialGradient, &[PartialGradient])> {
        let (first, others) = self.all[..self.used].split_first_mut()?;
        Some((first, others))
    }

    /// Adds up each of the largest blocks, as a binary counter does.
    fn merge_blocks(&mut self) {
        let (mut end, mut from, mut kept) = (0, 0, 0);
        while end < self.count {
            end += 1 << (self.count - end).ilog2();
            let next = from + self.used()[from..].partition_point(|partial| partial.first < end);
            if let [first, others @ ..] = &mut self.all[from..next] {
                first.merge(others);
            }
            self.all.swap(kept, from);
            (kept, from) = (kept + 1, next);
        }
        self.used = kept;
    }

    /// Returns the sum times `scale`.
    pub fn sum(&self, scale: f32) -> Vec<f32> {
        let Some((first, others)) = self.used().split_first() else { return Vec::new() };
        let mut sum = first.gradient.to_vec();
        for (strip, at) in sum.chunks_mut(STRIP).zip((0..).step_by(STRIP)) {
            add_up(strip, first.first, others, at, scale);
        }
        sum
    }
}

impl PartialGradient {
    /// Becomes the sum of a block that it is the first of.
    fn merge(&mut self, others: &[PartialGradient]) {
        if others.is_empty() {
            return;
        }
        let strips = self.gradient.par_chunks_mut(STRIP).enumerate().with_min_len(8);
        strips.for_each(|(number, sum)| add_up(sum, self.first, others, number * STRIP, 1.0));
    }
}

/// Adds to a strip of a first gradient those of the others, as the tree, and multiplies the sum.
///
/// ```text
/// sum ← scale·(sum + Σ others[at..])
/// ```
///
/// `sum` is at most [`STRIP`] long, and belongs to number `first`.
pub(crate) fn add_up(
    sum: &mut [f32],
    first: usize,
    others: &[PartialGradient],
    at: usize,
    scale: f32,
) {
    let len = sum.len();
    let Some(last) = others.last() else {
        if scale != 1.0 {
            sum.iter_mut().for_each(|sum| *sum *= scale);
        }
        return;
    };
    // The start of the upper half: no block crosses it, and the last is in it.
    let middle = first + (1 << (last.first - first).ilog2());
    let strip_of = |other: usize| &others[other].gradient[at..][..len];
    let lower = others.partition_point(|partial| partial.first < middle);
    match (lower, others.len() - lower) {
        (0, 1) => add_one(sum, strip_of(0), scale),
        (1, 2) => add_three(sum, [strip_of(0), strip_of(1), strip_of(2)], scale),
        (_, upper) => {
            add_up(sum, first, &others[..lower], at, 1.0);
            if upper == 1 {
                return add_one(sum, strip_of(lower), scale);
            }
            let mut room = [0.0; STRIP];
            let half = &mut room[..len];
            half.copy_from_slice(strip_of(lower));
            add_up(half, middle, &others[lower + 1..], at, 1.0);
            add_one(sum, half, scale);
        }
    }
}

/// `sum ← scale·(sum + a)`
fn add_one(sum: &mut [f32], a: &[f32], scale: f32) {
    arch().dispatch(
        #[inline(always)]
        || {
            for (sum, a) in sum.iter_mut().zip(a) {
                *sum = (*sum + a) * scale;
            }
        },
    );
}

/// `sum ← scale·((sum + a) + (b + c))`
fn add_three(sum: &mut [f32], [a, b, c]: [&[f32]; 3], scale: f32) {
    arch().dispatch(
        #[inline(always)]
        || {
            for (((sum, a), b), c) in sum.iter_mut().zip(a).zip(b).zip(c) {
                *sum = ((*sum + a) + (b + c)) * scale;
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// More than a strip, whose last is short.
    const PARAMS: usize = STRIP + 37;

    /// Number `number` of a step: values whose sum depends on the order.
    fn value(seed: u64, number: usize, i: usize) -> f32 {
        crate::random::Key::new(seed).fold(number as u64).unit(i as u32) - 0.3
    }

    /// The definition of the tree, value by value.
    fn tree(values: &[f32]) -> f32 {
        match values {
            [value] => *value,
            _ => {
                let (left, right) = values.split_at(values.len().next_power_of_two() / 2);
                tree(left) + tree(right)
            }
        }
    }

    fn wanted(seed: u64, count: usize, scale: f32) -> Vec<f32> {
        let values = |i| (0..count).map(|number| value(seed, number, i)).collect::<Vec<_>>();
        (0..PARAMS).map(|i| tree(&values(i)) * scale).collect()
    }

    fn append(partials: &mut Partials, seed: u64, n: usize) {
        for partial in partials.append(n) {
            let number = partial.first;
            let values = partial.gradient.iter_mut().enumerate();
            values.for_each(|(i, g)| *g = value(seed, number, i));
        }
    }

    /// What a process that holds the numbers from `start` to `end` sends to the others: the sums of
    /// the largest blocks among them.
    fn blocks(seed: u64, mut start: usize, end: usize) -> Vec<PartialGradient> {
        let mut blocks = Vec::new();
        while start < end {
            let aligned = if start == 0 { usize::MAX } else { 1 << start.trailing_zeros() };
            let size = aligned.min(1 << (end - start).ilog2());
            let mut values = (start..start + size).map(|number| {
                let mut partial = PartialGradient::new(PARAMS);
                partial.first = number;
                let values = partial.gradient.iter_mut().enumerate();
                values.for_each(|(i, g)| *g = value(seed, number, i));
                partial
            });
            let mut first = values.next().unwrap();
            first.merge(&values.collect::<Vec<_>>());
            blocks.push(first);
            start += size;
        }
        blocks
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn batches_of_any_sizes_add_up_to_the_tree(
            batches in prop::collection::vec(1usize..12, 1..6),
            seed in any::<u64>(),
        ) {
            let mut partials = Partials::new(PARAMS);
            for _ in 0..2 {
                partials.clear();
                batches.iter().for_each(|&n| append(&mut partials, seed, n));
                prop_assert_eq!(partials.sum(0.25), wanted(seed, batches.iter().sum(), 0.25));
            }
            let digits = batches.iter().sum::<usize>().ilog2() as usize + 1;
            prop_assert!(partials.all.len() <= digits + 11, "spare ones are used again");
        }

        #[test]
        fn any_number_of_processes_reaches_the_same_bits(
            count in 5usize..40,
            seed in any::<u64>(),
        ) {
            let wanted = wanted(seed, count, 0.5);
            for processes in 1..=5 {
                // Consecutive parts, of any lengths.
                let start = |process: usize| process * count / processes;
                let parts = (0..processes).map(|p| blocks(seed, start(p), start(p + 1)));
                let all: Vec<PartialGradient> = parts.flatten().collect();
                let partials = Partials { params: PARAMS, used: all.len(), all, count };
                prop_assert_eq!(partials.sum(0.5), wanted.clone(), "{} processes", processes);
            }
        }
    }

    #[test]
    fn no_partial_gradients_have_no_sum() {
        assert!(Partials::new(3).sum(1.0).is_empty());
    }
}
