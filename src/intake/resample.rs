//! Another size, by the triangle filter.
//!
//! ```text
//! y(i) = Σ_j w_ij·x(j) / Σ_j w_ij     w_ij = max(0, 1 - |j + ½ - (i + ½)·r| / max(1, r))
//! ```
//!
//! with `r` the ratio of the sizes, old to new. A larger picture is interpolated linearly; in a smaller
//! one each pixel is a mean of those that it covers, so that nothing is skipped.

/// Weights of the source pixels of one target pixel: the first source, and a weight for each.
type Taps = (usize, Vec<f32>);

/// Returns a picture of (h, w) pixels in another size. Neither size has a 0.
pub(super) fn resample(x: &[f32], [h, w]: [usize; 2], [to_h, to_w]: [usize; 2]) -> Vec<f32> {
    let columns = taps(w, to_w);
    let mut narrow = vec![0.0; h * to_w];
    for (row, to) in x.chunks_exact(w).zip(narrow.chunks_exact_mut(to_w)) {
        for (to, (first, weights)) in to.iter_mut().zip(&columns) {
            *to = row[*first..].iter().zip(weights).map(|(x, w)| x * w).sum();
        }
    }
    let mut y = vec![0.0; to_h * to_w];
    for (to, (first, weights)) in y.chunks_exact_mut(to_w).zip(taps(h, to_h)) {
        for (row, weight) in narrow[first * to_w..].chunks_exact(to_w).zip(weights) {
            to.iter_mut().zip(row).for_each(|(to, x)| *to += weight * x);
        }
    }
    y
}

fn taps(from: usize, to: usize) -> Vec<Taps> {
    let ratio = from as f32 / to as f32;
    let reach = ratio.max(1.0);
    let of_pixel = |i: usize| {
        let centre = (i as f32 + 0.5) * ratio;
        let first = ((centre - reach).floor().max(0.0) as usize).min(from - 1);
        let end = ((centre + reach).ceil() as usize).clamp(first + 1, from);
        let weight = |j: usize| (1.0 - (j as f32 + 0.5 - centre).abs() / reach).max(0.0);
        let mut weights: Vec<f32> = (first..end).map(weight).collect();
        let sum: f32 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        (first, weights)
    };
    (0..to).map(of_pixel).collect()
}

#[cfg(test)]
mod tests {
    use super::resample;

    #[test]
    fn halves_are_weighted_means_and_the_same_size_is_a_copy() {
        let x = [0.0, 0.0, 1.0, 1.0];
        assert_eq!(resample(&x, [1, 4], [1, 4]), x);
        // Weights 3/8, 3/8, 1/8 of the four around the middle of two, those outside left out.
        let y = resample(&x, [1, 4], [1, 2]);
        assert!((y[0] - 1.0 / 7.0).abs() < 1e-6 && (y[1] - 6.0 / 7.0).abs() < 1e-6, "{y:?}");
        assert_eq!(resample(&[0.5; 6], [2, 3], [5, 1]), [0.5; 5]);
    }
}
