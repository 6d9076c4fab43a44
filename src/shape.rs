//! Sizes of shapes: how many values a shape holds, and how it reads.

/// Largest number of values in one sample's activations or one layer's parameters: 1 GiB of floats.
pub(crate) const LIMIT: usize = 1 << 28;

/// Number of values in an array of this shape: the product of its sizes.
pub(crate) fn len(shape: &[usize]) -> usize {
    shape.iter().product()
}

/// Number of values in an array of this shape, or `None` where the product overflows.
pub(crate) fn checked_len(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |len, &size| len.checked_mul(size))
}

/// Returns `true` if an array of this shape holds at most [`LIMIT`] values.
pub(crate) fn fits(shape: &[usize]) -> bool {
    checked_len(shape).is_some_and(|len| len <= LIMIT)
}

/// Formats a shape as it reads in summaries and errors: `28×28×1`.
pub(crate) fn label(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(|size| size.to_string()).collect();
    if sizes.is_empty() { "()".to_string() } else { sizes.join("×") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_without_axes_holds_one_value() {
        assert_eq!((len(&[]), checked_len(&[]), label(&[])), (1, Some(1), "()".to_string()));
    }

    #[test]
    fn an_overflow_is_noticed() {
        assert_eq!(checked_len(&[usize::MAX, 2]), None);
        assert!(!fits(&[usize::MAX, 2]) && !fits(&[LIMIT, 2]) && fits(&[LIMIT, 1]));
    }
}
