//! `exp`, `ln`, `tanh` and the logistic function, the same to the last bit on every machine.
//!
//! The platform's math library differs between systems and does not vectorize. These are straight
//! lines of fused multiply-adds and selects, so a loop over them compiles to whole vectors inside
//! [`pulp::Arch::dispatch`], and every lane computes what the scalar would. They pass NaN on.
//!
//! Range reduction and polynomials after S. Moshier's Cephes library (`expf`, `logf`, `tanhf`).
//! The tests compare them with 64-bit results: within 2 units in the last place.

/// eˣ; 0 below -104, ∞ above 88.8.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // x = n·ln 2 + r with |r| ≤ ln 2 / 2, and so eˣ = 2ⁿ·eʳ.
    const LN2_HI: f32 = 0.693_359_4;
    const LN2_LO: f32 = -2.121_944_4e-4;
    // Adding and subtracting 1.5·2²³ rounds to an integer and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = if x < -104.0 { -104.0 } else { x };
    let x = if x > 89.0 { 89.0 } else { x };
    let t = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let n = t - ROUND;
    let r = n.mul_add(-LN2_LO, n.mul_add(-LN2_HI, x));
    let p = 1.987_569_2e-4_f32;
    let p = p.mul_add(r, 1.398_2e-3);
    let p = p.mul_add(r, 8.333_452e-3);
    let p = p.mul_add(r, 4.166_579_6e-2);
    let p = p.mul_add(r, 1.666_666_6e-1);
    let p = p.mul_add(r, 0.5);
    let p = p.mul_add(r * r, r) + 1.0;
    // 2ⁿ in two factors: n reaches -150, and one exponent field only -126.
    let n = (t.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
    let half = n >> 1;
    p * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// Natural logarithm of a positive normal number; ∞ and NaN pass through.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    // x = m·2ᵉ with m in [√½, √2), and so ln x = ln m + e·ln 2.
    let bits = x.to_bits().wrapping_sub(std::f32::consts::FRAC_1_SQRT_2.to_bits());
    let e = (bits as i32 >> 23) as f32;
    let m = f32::from_bits(
        (bits & 0x007f_ffff).wrapping_add(std::f32::consts::FRAC_1_SQRT_2.to_bits()),
    );
    let z = m - 1.0;
    let p = 7.037_683_6e-2_f32;
    let p = p.mul_add(z, -1.151_461e-1);
    let p = p.mul_add(z, 1.167_699_9e-1);
    let p = p.mul_add(z, -1.242_014_1e-1);
    let p = p.mul_add(z, 1.424_932_3e-1);
    let p = p.mul_add(z, -1.666_805_8e-1);
    let p = p.mul_add(z, 2.000_071_5e-1);
    let p = p.mul_add(z, -2.499_999_4e-1);
    let p = p.mul_add(z, 3.333_333e-1);
    let p = p * z * z * z;
    let p = e.mul_add(-2.121_944_4e-4, p);
    let p = (z * z).mul_add(-0.5, p);
    let y = e.mul_add(0.693_359_4, z + p);
    if x.is_finite() { y } else { x }
}

/// ln(1 + x) for x in 0..=1, as precise near 0 as elsewhere.
#[inline(always)]
pub fn ln_1p(x: f32) -> f32 {
    // 1 + x rounds to 1 + d, and near there ln grows in proportion: x/d makes up for the rounding.
    let d = (1.0 + x) - 1.0;
    if d == 0.0 { x } else { ln(1.0 + x) * (x / d) }
}

/// 1 / (1 + e⁻ˣ)
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    // Near 0 the exponential form cancels: an odd polynomial takes over.
    let z = x * x;
    let p = -5.704_988_7e-3_f32;
    let p = p.mul_add(z, 2.063_909e-2);
    let p = p.mul_add(z, -5.373_971_4e-2);
    let p = p.mul_add(z, 1.333_144_2e-1);
    let p = p.mul_add(z, -3.333_328e-1);
    let small = (p * z).mul_add(x, x);
    let large = 1.0 - 2.0 / (exp(2.0 * x.abs()) + 1.0);
    if x.abs() < 0.625 { small } else { large.copysign(x) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest error over a range, in units of the last place of the right answer.
    fn worst_ulp(lo: f32, hi: f32, f: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64) -> f64 {
        let steps = 200_000;
        (0..=steps)
            .map(|i| {
                let x = lo + (hi - lo) * i as f32 / steps as f32;
                let want = exact(x as f64);
                let ulp = ((want as f32).abs().next_up() - (want as f32).abs()) as f64;
                (f(x) as f64 - want).abs() / ulp
            })
            .fold(0.0, f64::max)
    }

    #[test]
    fn they_are_within_two_units_in_the_last_place() {
        assert!(worst_ulp(-87.0, 88.7, exp, f64::exp) < 2.0);
        assert!(worst_ulp(-103.0, -87.0, exp, f64::exp) < 2.0, "subnormal results");
        assert!(worst_ulp(1e-6, 2.0, ln, f64::ln) < 2.0);
        assert!(worst_ulp(2.0, 1e30, ln, f64::ln) < 2.0);
        assert!(worst_ulp(1e-9, 1.0, ln_1p, f64::ln_1p) < 3.0);
        assert!(worst_ulp(1e-9, 1e-5, ln_1p, f64::ln_1p) < 3.0);
        assert!(worst_ulp(-12.0, 12.0, tanh, f64::tanh) < 2.0);
        assert!(worst_ulp(-1e-3, 1e-3, tanh, f64::tanh) < 2.0);
        assert!(worst_ulp(-80.0, 30.0, sigmoid, |x| 1.0 / (1.0 + (-x).exp())) < 3.0);
    }

    #[test]
    fn the_ends_of_the_range_and_nan() {
        assert_eq!((exp(0.0), exp(-1e9), exp(1e9)), (1.0, 0.0, f32::INFINITY));
        assert_eq!((tanh(1e9), tanh(-1e9), tanh(0.0)), (1.0, -1.0, 0.0));
        assert_eq!((sigmoid(-1e9), sigmoid(1e9), ln(1.0)), (0.0, 1.0, 0.0));
        assert_eq!((ln_1p(0.0), ln_1p(1e-30)), (0.0, 1e-30));
        assert!(
            exp(f32::NAN).is_nan()
                && ln(f32::NAN).is_nan()
                && tanh(f32::NAN).is_nan()
                && sigmoid(f32::NAN).is_nan()
                && ln_1p(f32::NAN).is_nan()
        );
    }
}
