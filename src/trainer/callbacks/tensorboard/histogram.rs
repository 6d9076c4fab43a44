//! Which numbers are how frequent.

use super::proto::Histogram;

/// How many buckets TensorBoard shows.
const BUCKETS: usize = 30;

/// The finite numbers among these in buckets of one width, from the least to the largest. `None`
/// if there is none.
pub(super) fn histogram(values: &[f32]) -> Option<Histogram> {
    let finite = || values.iter().filter(|value| value.is_finite()).map(|&value| f64::from(value));
    let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
    let (mut num, mut sum, mut sum_squares) = (0.0, 0.0, 0.0);
    for value in finite() {
        min = value.min(min);
        max = value.max(max);
        num += 1.0;
        sum += value;
        sum_squares += value * value;
    }
    if num == 0.0 {
        return None;
    }
    // All the same number: one bucket without a width.
    let buckets = if min < max { BUCKETS } else { 1 };
    let width = (max - min) / buckets as f64;
    let bucket_limit =
        (1..=buckets).map(|i| if i == buckets { max } else { min + width * i as f64 }).collect();
    let mut bucket = vec![0.0; buckets];
    for value in finite() {
        let i = if width > 0.0 { ((value - min) / width) as usize } else { 0 };
        bucket[i.min(buckets - 1)] += 1.0;
    }
    Some(Histogram { min, max, num, sum, sum_squares, bucket_limit, bucket })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_fall_where_they_belong() {
        let h = histogram(&[0.0, 0.5, 1.0, 29.5, 30.0, f32::NAN, f32::INFINITY]).unwrap();
        assert_eq!((h.min, h.max, h.num, h.sum), (0.0, 30.0, 5.0, 61.0));
        assert_eq!(h.sum_squares, 0.25 + 1.0 + 29.5 * 29.5 + 900.0);
        assert_eq!((h.bucket[0], h.bucket[1], h.bucket[29]), (2.0, 1.0, 2.0));
        assert_eq!((h.bucket_limit[0], h.bucket_limit[29]), (1.0, 30.0));
    }

    #[test]
    fn one_number_and_none() {
        let h = histogram(&[2.0; 7]).unwrap();
        assert_eq!((h.bucket, h.bucket_limit), (vec![7.0], vec![2.0]));
        assert_eq!(histogram(&[]), None);
        assert_eq!(histogram(&[f32::NAN]), None);
    }

    proptest! {
        #[test]
        fn every_number_is_in_a_bucket(values in prop::collection::vec(any::<f32>(), 1..200)) {
            if let Some(h) = histogram(&values) {
                prop_assert_eq!(h.bucket.iter().sum::<f64>(), h.num);
                prop_assert_eq!(h.bucket.len(), h.bucket_limit.len());
                prop_assert!(h.bucket_limit.is_sorted() && *h.bucket_limit.last().unwrap() == h.max);
            }
        }
    }
}
