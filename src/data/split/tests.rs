//! Every sample once, and every class by its share.

use super::*;
use proptest::prelude::*;

use crate::data::TargetKind;

/// Samples of these classes, or of none.
struct Labels(Vec<usize>, TargetKind);

impl Dataset for Labels {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        vec![1]
    }

    fn target_kind(&self) -> TargetKind {
        self.1.clone()
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        x[0] = index as f32;
        Ok(())
    }

    fn target(&self, index: usize) -> Target<'_> {
        match self.1 {
            TargetKind::Classes(_) => Target::Class(self.0[index]),
            _ => Target::Values(&[0.5]),
        }
    }
}

fn classes(labels: Vec<usize>) -> Labels {
    let count = labels.iter().max().map_or(1, |max| max + 1);
    Labels(labels, TargetKind::Classes(count))
}

/// `counts[0]` samples of class 0, then those of class 1 and so on: the worst order for a tail.
fn sorted(counts: &[usize]) -> Labels {
    classes(counts.iter().enumerate().flat_map(|(class, &n)| vec![class; n]).collect())
}

fn of_class(part: &Subset<'_>, class: usize) -> usize {
    (0..part.len()).filter(|&i| part.target(i) == Target::Class(class)).count()
}

fn is_partition(parts: &[&Subset<'_>], samples: usize) -> bool {
    let mut all: Vec<usize> = parts.iter().flat_map(|p| p.indices()).copied().collect();
    all.sort_unstable();
    all == (0..samples).collect::<Vec<_>>()
}

proptest! {
    #[test]
    fn parts_hold_every_sample_once_and_every_class_by_its_share(
        counts in proptest::collection::vec(1usize..60, 1..8),
        weights in proptest::array::uniform3(1u32..20),
        seed: u64,
    ) {
        let data = sorted(&counts);
        let sum = f64::from(weights.iter().sum::<u32>());
        let shares = weights.map(|weight| f64::from(weight) / sum);
        let Ok(parts) = split(&data, shares, seed) else {
            // Only parts that may come to nothing are refused.
            prop_assert!(shares.iter().any(|share| share * data.len() as f64 - 2.0 < 1.0));
            return Ok(());
        };
        prop_assert!(is_partition(&parts.each_ref(), data.len()));
        for (part, share) in parts.iter().zip(shares) {
            for (class, &count) in counts.iter().enumerate() {
                let off = of_class(part, class) as f64 - count as f64 * share;
                prop_assert!(off.abs() < 1.0, "class {class} is off by {off}");
            }
            let off = part.len() as f64 - data.len() as f64 * share;
            prop_assert!(off.abs() < 2.0, "a part is off by {off}");
        }
        let again = split(&data, shares, seed).unwrap();
        prop_assert!(again.iter().zip(&parts).all(|(a, b)| a.indices() == b.indices()));
    }

    #[test]
    fn folds_differ_by_one_sample_at_most_in_all_and_in_each_class(
        counts in proptest::collection::vec(1usize..60, 1..8),
        k in 2usize..12,
        seed: u64,
    ) {
        let data = sorted(&counts);
        prop_assume!(k <= data.len());
        let folds: Vec<_> = k_fold(&data, k, seed).unwrap().collect();
        prop_assert_eq!(folds.len(), k);
        for (train, validation) in &folds {
            prop_assert!(is_partition(&[train, validation], data.len()));
        }
        let validation: Vec<_> = folds.iter().map(|(_, validation)| validation).collect();
        prop_assert!(is_partition(&validation, data.len()));
        let spread = |count: &dyn Fn(&Subset<'_>) -> usize| {
            let counts = validation.iter().map(|fold| count(fold));
            counts.clone().max().unwrap() - counts.min().unwrap()
        };
        prop_assert!(spread(&|fold| fold.len()) <= 1);
        for class in 0..counts.len() {
            prop_assert!(spread(&|fold| of_class(fold, class)) <= 1);
        }
    }
}

#[test]
fn whole_shares_come_out_whole_and_in_shuffled_order() {
    let data = sorted(&[50, 50, 50]);
    let [train, validation, test] = split(&data, [0.8, 0.1, 0.1], 7).unwrap();
    for class in 0..3 {
        assert_eq!([&train, &validation, &test].map(|p| of_class(p, class)), [40, 5, 5]);
    }
    assert!(!train.indices().is_sorted());
    let [other, _] = split(&data, [0.8, 0.2], 8).unwrap();
    assert!(other.indices() != train.indices());
    // 49·(1/49) is not 1 in floating point.
    assert!(k_fold(&sorted(&[49, 98]), 49, 0).unwrap().all(|(_, v)| of_class(&v, 1) == 2));
}

#[test]
fn values_are_split_by_the_numbers_alone() {
    let data = Labels((0..11).collect(), TargetKind::Values(1));
    let [train, test] = split(&data, [0.7, 0.3], 0).unwrap();
    assert!(is_partition(&[&train, &test], 11));
    assert_eq!((train.len(), test.len()), (8, 3));
    assert_eq!(k_fold(&data, 11, 0).unwrap().map(|(_, v)| v.len()).max(), Some(1));
}

#[test]
fn a_part_of_a_part_counts_from_its_own_beginning() {
    let data = sorted(&[20, 20]);
    let [train, _] = split(&data, [0.5, 0.5], 0).unwrap();
    let [_, inner] = split(&train, [0.5, 0.5], 1).unwrap();
    let mut x = [0.0];
    inner.input(3, &mut x).unwrap();
    assert_eq!(x[0] as usize, train.indices()[inner.indices()[3]]);
}

#[test]
fn what_makes_no_parts_is_refused_with_a_sentence() {
    let data = sorted(&[5, 5]);
    let refusal = |shares: [f64; 2]| split(&data, shares, 0).unwrap_err().to_string();
    assert_eq!(
        refusal([0.8, 0.1]),
        "cannot split 10 samples into shares of [0.8, 0.1]: \
         they add up to 0.9, and must to 1, so that no sample is lost"
    );
    assert!(refusal([1.2, -0.2]).contains("-0.2 is no share of anything"));
    assert!(refusal([f64::NAN, 1.0]).contains("NaN is no share of anything"));
    assert!(refusal([f64::INFINITY, 0.0]).contains("they add up to inf"));
    assert!(refusal([1.0, 0.0]).contains("part 1 would be empty"));
    assert!(split(&data, [], 0).is_err());
    assert!(split(&sorted(&[]), [1.0], 0).unwrap_err().to_string().contains("part 0"));
    for k in [0, 1, 11, usize::MAX] {
        let refusal = k_fold(&data, k, 0).err().unwrap().to_string();
        assert!(refusal.contains(&format!("into {k} folds: it takes at least 2")), "{refusal}");
    }
    assert!(Subset::new(&data, vec![9, 10]).unwrap_err().to_string().contains("sample 10"));
}
