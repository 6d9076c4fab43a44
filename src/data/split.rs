//! What to train on and what to measure with: shuffled parts of a data set, each with its share of
//! every class.
//!
//! Files are often sorted, by class or by who wrote the samples, so that the end of a set is not
//! like its beginning: a part is drawn from all of it. And a rare class could miss a part that is
//! drawn blindly: each class is shared out by itself (the sample is *stratified*).

use std::collections::BTreeMap;

use rand::seq::SliceRandom;

use super::{Dataset, Subset, Target};
use crate::error::{DataError, Result};
use crate::random::Key;

/// Shuffles a data set and divides it into parts of these shares, such as 0.8 and 0.2. Every sample
/// is in one part, and the same seed makes the same parts.
///
/// Where the targets are classes, a class of c samples gives a part with share s either of the two
/// whole numbers around c·s, and so that the parts come to their shares in all: a class of fewer
/// samples than parts is missing from some. Other targets are one class here.
///
/// ```
/// use chainrule::data::split;
/// use chainrule::prelude::*;
///
/// let digits = Mnist::sample().train;
/// let [train, validation, test] = split(&digits, [0.8, 0.1, 0.1], 42)?;
/// assert_eq!([train.len(), validation.len(), test.len()], [8000, 1000, 1000]);
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// # Errors
///
/// [`DataError::Split`] where a share is negative or NaN, where the shares do not add up to 1, and
/// where a part would be empty.
pub fn split<const N: usize>(
    data: &dyn Dataset,
    shares: [f64; N],
    seed: u64,
) -> Result<[Subset<'_>; N]> {
    let refused = |reason: String| {
        let parts = format!("shares of {shares:?}");
        Err(DataError::Split { samples: data.len(), parts, reason }.into())
    };
    if let Some(share) = shares.iter().find(|&&share| share.is_nan() || share < 0.0) {
        return refused(format!(
            "{share} is no share of anything: it must be above 0, and up to 1"
        ));
    }
    let sum: f64 = shares.iter().sum();
    if (sum - 1.0).abs() > 1e-6 {
        return refused(format!("they add up to {sum}, and must to 1, so that no sample is lost"));
    }
    let parts = deal(data, &shares.map(|share| share / sum), seed);
    if let Some(empty) = parts.iter().position(Vec::is_empty) {
        return refused(format!(
            "part {empty} would be empty: give it a larger share, or more data"
        ));
    }
    let mut parts = parts.into_iter();
    Ok(std::array::from_fn(|_| Subset::of_valid(data, parts.next().unwrap_or_default())))
}

/// Shuffles a data set, divides it into k parts, and gives k pairs of sets to train on and to
/// validate with: each part is the second of a pair once, and the k-1 others are the first.
///
/// The mean over the k results uses every sample for validation, and tells more than one result with
/// a single small set. Classes are shared out as by [`split`]: the numbers of a class in two parts
/// differ by at most one, and so do the sizes of two parts.
///
/// - **Source**: R. Kohavi, "A study of cross-validation and bootstrap for accuracy estimation and
///   model selection", IJCAI 1995.
///
/// ```
/// use chainrule::data::k_fold;
/// use chainrule::prelude::*;
///
/// let digits = Mnist::sample().train;
/// # let digits = digits.take(1000)?;
/// let mut sum = 0.0;
/// for (train, validation) in k_fold(&digits, 5, 42)? {
///     let mut model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
///     Trainer::new(SoftmaxCrossEntropy, Adam::new(0.001)).epochs(5).fit(&mut model, &train)?;
///     sum += model.evaluate(&validation, &SoftmaxCrossEntropy)?.accuracy.unwrap();
/// }
/// assert!(sum / 5.0 > 0.7);
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// # Errors
///
/// [`DataError::Split`] where k is below 2 or above the number of samples.
pub fn k_fold(
    data: &dyn Dataset,
    k: usize,
    seed: u64,
) -> Result<impl ExactSizeIterator<Item = (Subset<'_>, Subset<'_>)>> {
    let samples = data.len();
    if k < 2 || k > samples {
        let reason = "it takes at least 2, and at most as many as there are samples".into();
        return Err(DataError::Split { samples, parts: format!("{k} folds"), reason }.into());
    }
    let parts = deal(data, &vec![1.0 / k as f64; k], seed);
    Ok((0..k).map(move |fold| {
        let others = parts.iter().enumerate().filter(|(part, _)| *part != fold);
        let train = others.flat_map(|(_, indices)| indices).copied().collect();
        (Subset::of_valid(data, train), Subset::of_valid(data, parts[fold].clone()))
    }))
}

/// Deals shuffled samples out to parts, class by class; in each part they are in shuffled order.
fn deal(data: &dyn Dataset, shares: &[f64], seed: u64) -> Vec<Vec<usize>> {
    let class = |index| match data.target(index) {
        Target::Class(class) => class,
        Target::Values(_) => 0,
    };
    let mut order: Vec<usize> = (0..data.len()).collect();
    order.shuffle(&mut Key::new(seed).rng());
    let mut counts = BTreeMap::new();
    for &index in &order {
        *counts.entry(class(index)).or_insert(0) += 1;
    }
    let mut owed = vec![0.0; shares.len()];
    let mut room: BTreeMap<usize, Vec<usize>> = counts
        .into_iter()
        .map(|(class, count)| (class, apportion(count, shares, &mut owed)))
        .collect();
    let mut parts = vec![Vec::new(); shares.len()];
    for index in order {
        let room = room.get_mut(&class(index)).into_iter().flatten();
        if let Some((part, left)) = parts.iter_mut().zip(room).find(|(_, left)| **left > 0) {
            *left -= 1;
            part.push(index);
        }
    }
    parts
}

/// Divides `count` into whole numbers near `count·share`: each is that rounded down or up. Up go the
/// parts that this class and those before it owe the most.
fn apportion(count: usize, shares: &[f64], owed: &mut [f64]) -> Vec<usize> {
    let quota = |share: &f64| {
        let quota = count as f64 * share;
        // 49·(1/49) is a little less than 1.
        let is_whole = (quota - quota.round()).abs() < 1e-9 * quota.round();
        if is_whole { quota.round() } else { quota }
    };
    let quotas: Vec<f64> = shares.iter().map(quota).collect();
    let mut parts: Vec<usize> = quotas.iter().map(|&quota| quota as usize).collect();
    for (owed, quota) in owed.iter_mut().zip(&quotas) {
        *owed += quota.fract();
    }
    let is_whole = |part: usize| quotas[part].fract() == 0.0;
    let mut upwards: Vec<usize> = (0..shares.len()).collect();
    upwards.sort_by(|&a, &b| is_whole(a).cmp(&is_whole(b)).then(owed[b].total_cmp(&owed[a])));
    let left = count.saturating_sub(parts.iter().sum());
    for &part in upwards.iter().cycle().take(left) {
        parts[part] += 1;
        owed[part] -= 1.0;
    }
    parts
}

#[cfg(test)]
mod tests {
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
                TargetKind::Values(_) => Target::Values(&[0.5]),
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
}
