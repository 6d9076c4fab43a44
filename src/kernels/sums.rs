//! Sums that normalizations need: fast, precise over many numbers, and the same at any width of
//! vectors.
//!
//! Along a row, sixteen interleaved sums are the lanes of however many vectors that takes, and are
//! added up in a fixed order. After every 64 terms, a sum goes on in 64 bits: so rounding does not
//! grow with the length.
//!
//! All of these are for closures that are dispatched.

const LANES: usize = 16;

/// After how many terms a sum goes over to 64 bits.
const TERMS: usize = 64;

/// Σ a
#[inline(always)]
pub(crate) fn sum(a: &[f32]) -> f64 {
    fold(a, a, |sum, a, _| sum + a)
}

/// Σ a·b
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f64 {
    fold(a, b, |sum, a, b| a.mul_add(b, sum))
}

#[inline(always)]
fn fold(a: &[f32], b: &[f32], add: impl Fn(f32, f32, f32) -> f32) -> f64 {
    let mut total = 0.0;
    for (a, b) in a.chunks(TERMS * LANES).zip(b.chunks(TERMS * LANES)) {
        let mut lanes = [0.0; LANES];
        let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
        for (a, b) in a.iter().zip(b) {
            for l in 0..LANES {
                lanes[l] = add(lanes[l], a[l], b[l]);
            }
        }
        for ((lane, &a), &b) in lanes.iter_mut().zip(a_rest).zip(b_rest) {
            *lane = add(*lane, a, b);
        }
        let mut width = LANES;
        while width > 1 {
            width /= 2;
            for l in 0..width {
                lanes[l] += lanes[l + width];
            }
        }
        total += f64::from(lanes[0]);
    }
    total
}

/// Σ over the rows of `term(a, b)`, column by column; `part` is room for as many numbers.
#[inline(always)]
pub(crate) fn sum_columns(
    a: &[f32],
    b: &[f32],
    part: &mut [f32],
    totals: &mut [f64],
    term: impl Fn(f32, f32) -> f32,
) {
    let width = part.len();
    totals.fill(0.0);
    for (a, b) in a.chunks(TERMS * width).zip(b.chunks(TERMS * width)) {
        part.fill(0.0);
        for (a, b) in a.chunks_exact(width).zip(b.chunks_exact(width)) {
            for ((sum, &a), &b) in part.iter_mut().zip(a).zip(b) {
                *sum += term(a, b);
            }
        }
        for (total, &part) in totals.iter_mut().zip(&*part) {
            *total += f64::from(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::levels;

    #[test]
    fn sums_are_precise_and_the_same_at_every_width() {
        for len in [0, 1, 15, 16, 17, 1023, 1024, 1025, 100_003] {
            let a: Vec<f32> = (0..len).map(|i| (i * 37 % 101) as f32 / 101.0).collect();
            let b: Vec<f32> = (0..len).map(|i| (i * 53 % 89) as f32 / 89.0 - 0.2).collect();
            let exact = |f: fn(f64, f64) -> f64| -> f64 {
                a.iter().zip(&b).map(|(&a, &b)| f(a.into(), b.into())).sum()
            };
            let (sum_a, dot_ab) = (exact(|a, _| a), exact(|a, b| a * b));
            let of = |arch: pulp::Arch| {
                arch.dispatch(
                    #[inline(always)]
                    || (sum(&a), dot(&a, &b)),
                )
            };
            let widest = of(levels()[0].1);
            assert!((widest.0 - sum_a).abs() <= 3e-7 * sum_a, "Σa of {len}");
            assert!((widest.1 - dot_ab).abs() <= 3e-7 * sum_a, "Σa·b of {len}");
            for (name, arch) in levels() {
                assert_eq!(of(arch), widest, "{len} numbers at {name}");
            }
        }
    }

    #[test]
    fn columns_have_sums_of_their_own() {
        let rows: Vec<f32> = (0..3 * 1000).map(|i| 1.0 + (i % 3) as f32).collect();
        let mut totals = [0.0; 3];
        sum_columns(&rows, &rows, &mut [0.0; 3], &mut totals, |a, b| a * b);
        assert_eq!(totals, [1000.0, 4000.0, 9000.0]);
    }
}
