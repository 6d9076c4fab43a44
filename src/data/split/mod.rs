//! What to train on and what to measure with: shuffled parts of a data set, each with its share of
//! every class.
//!
//! Files are often sorted, by class or by who wrote the samples, so that the end of a set is not
//! like its beginning: a part is drawn from all of it. And a rare class could miss a part that is
//! drawn blindly: each class is shared out by itself (the sample is *stratified*).

#[cfg(test)]
mod tests;

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
/// [`DataError::Split`] where a share is negative or NaN, where the shares do not add up to 1, where
/// a part would be empty, and where memory has no room for the numbers of the samples.
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
    let Some(order) = shuffled(data, seed) else { return refused(NO_ROOM.into()) };
    let parts = deal(data, order, &shares.map(|share| share / sum));
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
/// [`DataError::Split`] where k is below 2 or above the number of samples, and where memory has no
/// room for their numbers.
pub fn k_fold(
    data: &dyn Dataset,
    k: usize,
    seed: u64,
) -> Result<impl ExactSizeIterator<Item = (Subset<'_>, Subset<'_>)>> {
    let samples = data.len();
    let refused = |reason: &str| {
        let (parts, reason) = (format!("{k} folds"), reason.into());
        Err(DataError::Split { samples, parts, reason }.into())
    };
    if k < 2 || k > samples {
        return refused("it takes at least 2, and at most as many as there are samples");
    }
    let Some(order) = shuffled(data, seed) else { return refused(NO_ROOM) };
    let parts = deal(data, order, &vec![1.0 / k as f64; k]);
    Ok((0..k).map(move |fold| {
        let others = parts.iter().enumerate().filter(|(part, _)| *part != fold);
        let train = others.flat_map(|(_, indices)| indices).copied().collect();
        (Subset::of_valid(data, train), Subset::of_valid(data, parts[fold].clone()))
    }))
}

const NO_ROOM: &str = "there is no room for the numbers of so many; mend the set's `len`";

/// Returns the numbers of all samples in shuffled order, or `None` where memory has no room for them.
fn shuffled(data: &dyn Dataset, seed: u64) -> Option<Vec<usize>> {
    let mut order = Vec::new();
    order.try_reserve_exact(data.len()).ok()?;
    order.extend(0..data.len());
    order.shuffle(&mut Key::new(seed).rng());
    Some(order)
}

/// Deals shuffled samples out to parts, class by class; in each part they are in shuffled order.
fn deal(data: &dyn Dataset, order: Vec<usize>, shares: &[f64]) -> Vec<Vec<usize>> {
    let class = |index| match data.target(index) {
        Target::Class(class) => class,
        Target::Classes(_) | Target::Values(_) => 0,
    };
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
