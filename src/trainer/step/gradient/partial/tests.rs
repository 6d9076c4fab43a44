//! The sum of partial gradients has the bits of the tree, however it is shared out.

use ndarray::Array4;
use proptest::prelude::*;

use super::*;
use crate::data::Images;
use crate::kernels::tree::TreeSum;
use crate::layers::{Dense, Dropout, Flatten};
use crate::loss::SoftmaxCrossEntropy;
use crate::random::Key;
use crate::sequential::Sequential;
use crate::trainer::step::gradient::{Batch, Gradients};

/// More than a strip, whose last is short.
const PARAMS: usize = STRIP + 37;

/// Number `number` of a step: values whose sum depends on the order.
fn value(seed: u64, number: usize, i: usize) -> f32 {
    Key::new(seed).fold(number as u64).unit(i as u32) - 0.3
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

/// The message of a process that holds the numbers from `start` to `end`: the sums of
/// the largest subtrees among them.
fn subtrees(seed: u64, mut start: usize, end: usize) -> Vec<PartialGradient> {
    let mut subtrees = Vec::new();
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
        subtrees.push(first);
        start += size;
    }
    subtrees
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
            let parts = (0..processes).map(|p| subtrees(seed, start(p), start(p + 1)));
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

#[test]
fn the_largest_magnitude_is_found_and_nan_counts_as_infinite() {
    assert_eq!(largest(&[]), 0.0);
    assert_eq!(largest(&[1.0, -3.0, 2.0]), 3.0);
    assert_eq!(largest(&[1.0, f32::NEG_INFINITY]), f32::INFINITY);
    assert_eq!(largest(&[0.0, -f32::NAN, 1.0]), f32::INFINITY);
}

/// The partial gradients of these samples, which follow `before` others of the step.
fn run(model: &Sequential, images: &Images, before: usize, indices: &[usize]) -> Gradients {
    let mut gradients = Gradients::new(model);
    let batch = Batch::new(images, indices, &SoftmaxCrossEntropy, Key::new(3)).after(before);
    gradients.add(model, batch).unwrap();
    gradients
}

#[test]
fn processes_that_share_a_batch_reach_the_gradient_and_the_loss_of_one() {
    let pixels =
        Array4::from_shape_fn((500, 6, 6, 1), |(n, y, x, _)| (31 * n + 17 * y + 5 * x) as u8);
    let images =
        Images::new(pixels, (0..500).map(|n| (n % 10) as u8).collect::<Vec<_>>(), 10).unwrap();
    let model = Sequential::new([6, 6, 1]).add(Flatten).unwrap().add(Dropout::new(0.2)).unwrap();
    let model = model.add(Dense::new(10)).unwrap().initialize(1);
    let indices: Vec<usize> = (0..500).rev().collect();
    let whole = run(&model, &images, 0, &indices);
    let size = whole.sizes.partial;
    assert!(whole.partials.count > 7, "{size} samples each");
    for processes in [2, 3, 4, 5] {
        let parts = indices.chunks(500usize.div_ceil(size).div_ceil(processes) * size);
        let (mut all, mut samples) = (Vec::new(), 0);
        for part in parts {
            let mut gradients = run(&model, &images, samples, part);
            gradients.partials.all.iter_mut().for_each(|own| own.first += samples / size);
            all.append(&mut gradients.partials.all);
            samples += part.len();
        }
        let loss: TreeSum = all.iter().map(|partial| partial.sums.loss).collect();
        assert_eq!(loss.total(), whole.totals().loss());
        let (used, count) = (all.len(), all.len());
        let partials = Partials { params: model.param_count(), all, used, count };
        assert!(partials.sum(0.002) == whole.partials.sum(0.002), "{processes} processes");
    }
}
