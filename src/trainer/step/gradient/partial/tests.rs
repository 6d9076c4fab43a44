//! The sum of partial gradients has the bits of the tree, however it is shared out.

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
