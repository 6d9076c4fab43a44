//! Classes from the outputs of a model: probabilities, the largest, and the few largest.

use super::math;
use super::simd::arch;

/// Probabilities of classes: the softmax of some logits.
///
/// ```text
/// pᵢ = exp(zᵢ - max z) / Σⱼ exp(zⱼ - max z)
/// ```
///
/// No logits give no probabilities. The layer of this name is [`Softmax`](crate::layers::Softmax).
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(softmax(&[1000.0, 1000.0]), [0.5, 0.5]);
/// ```
pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let mut probabilities = vec![0.0; logits.len()];
    softmax_into(logits, &mut probabilities);
    probabilities
}

/// Computes `probabilities = softmax(logits)`, and returns `Σ exp(zⱼ - max z)`.
pub(crate) fn softmax_into(logits: &[f32], probabilities: &mut [f32]) -> f32 {
    let max = max(logits);
    arch().dispatch(
        #[inline(always)]
        || {
            for (p, &x) in probabilities.iter_mut().zip(logits) {
                *p = math::exp(x - max);
            }
            let sum: f32 = probabilities.iter().sum();
            for p in probabilities {
                *p /= sum;
            }
            sum
        },
    )
}

/// Largest of some values, ignoring NaN.
pub(crate) fn max(values: &[f32]) -> f32 {
    values.iter().fold(f32::NEG_INFINITY, |max, &x| if x > max { x } else { max })
}

/// Index of the largest value, and the first of several. NaN is skipped, unless all values are NaN. The
/// index is 0 for an empty slice.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(argmax(&[0.1, 0.7, 0.2]), 1);
/// assert_eq!(argmax(&[f32::NAN, 3.0, 3.0]), 1);
/// ```
pub fn argmax(values: &[f32]) -> usize {
    let mut best = 0;
    for (i, &value) in values.iter().enumerate() {
        if value > values[best] || (values[best].is_nan() && !value.is_nan()) {
            best = i;
        }
    }
    best
}

/// Indices of the `k` largest values, the largest first: of equal ones the first comes first, and NaN
/// last. All indices if there are fewer than `k`.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(top_k(&[0.1, 0.6, 0.3], 2), [1, 2]);
/// ```
pub fn top_k(values: &[f32], k: usize) -> Vec<usize> {
    // Adding 0 makes +0 of -0, which are equal; NaN comes behind all values.
    let key = |i: usize| if values[i].is_nan() { None } else { Some(values[i] + 0.0) };
    let order = |&a: &usize, &b: &usize| match (key(a), key(b)) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    let mut indices: Vec<usize> = (0..values.len()).collect();
    indices.sort_by(order);
    indices.truncate(k);
    indices
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn argmax_takes_the_first_of_the_largest_and_no_nan() {
        assert_eq!(argmax(&[1.0, 3.0, 3.0]), 1);
        assert_eq!(argmax(&[f32::NAN, -1.0, f32::NAN]), 1);
        assert_eq!(argmax(&[f32::NAN, f32::NAN]), 0);
        assert_eq!(argmax(&[]), 0);
    }

    proptest! {
        #[test]
        fn top_k_is_argmax_again_and_again(
            values in prop::collection::vec(
                prop_oneof![Just(f32::NAN), Just(0.0), Just(-0.0), -2f32..2.0], 0..9),
            k in 0usize..10,
        ) {
            let mut left: Vec<usize> = (0..values.len()).collect();
            let mut wanted = Vec::new();
            while !left.is_empty() && wanted.len() < k {
                let rest: Vec<f32> = left.iter().map(|&i| values[i]).collect();
                wanted.push(left.remove(argmax(&rest)));
            }
            prop_assert_eq!(top_k(&values, k), wanted);
        }
    }

    #[test]
    fn no_logits_have_no_probabilities() {
        assert!(softmax(&[]).is_empty() && top_k(&[], 3).is_empty());
    }
}
