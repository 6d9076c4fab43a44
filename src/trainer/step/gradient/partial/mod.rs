//! Partial gradients, and their sum as a binary tree.
//!
//! The samples of a step are cut into parts of a fixed size, and each has a gradient vector of its
//! own. They are added as the tree of [`tree`](crate::kernels::tree), strip by strip, so that every
//! vector is read once and what is in between stays in the first-level cache.
//!
//! A step of several batches keeps the parts of one batch at a time: before the next, they are added
//! up to the largest subtrees, of which there is one for each digit 1 of their number in binary.

use rayon::prelude::*;

use super::shard::SampleSums;
use crate::kernels::aligned::Aligned;
use crate::kernels::simd::arch;

/// Number of floats that are added up at once, to find the sum in the first-level cache.
pub(crate) const STRIP: usize = 2048;

/// The gradient of one part of a step, or the sum of a subtree of them.
pub(crate) struct PartialGradient {
    /// Its number in the step, or that of the first in the subtree.
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

    /// Measures the largest magnitude, when the gradient is complete.
    pub fn measure(&mut self) {
        self.largest = largest(&self.gradient);
    }
}

/// The partial gradients of a step so far.
pub(crate) struct Partials {
    params: usize,
    /// Those in use, in order, and then spare ones.
    all: Vec<PartialGradient>,
    used: usize,
    /// Number of partial gradients in the step so far.
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
        self.merge_subtrees();
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

    /// Adds up each of the largest subtrees, as a binary counter does.
    fn merge_subtrees(&mut self) {
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
    /// Becomes the sum of a subtree that it is the first of.
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
    // The start of the upper half: no subtree crosses it, and the last is in it.
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

/// Returns the largest magnitude in a vector; infinite if one of its numbers is not a number.
fn largest(values: &[f32]) -> f32 {
    // Without its sign, a float orders as its bits do, and NaN comes above infinity.
    let magnitude = |value: &f32| value.to_bits() & (u32::MAX >> 1);
    let bits = arch().dispatch(
        #[inline(always)]
        || values.iter().fold(0, |most, value| most.max(magnitude(value))),
    );
    f32::from_bits(bits.min(f32::INFINITY.to_bits()))
}

#[cfg(test)]
mod tests;
