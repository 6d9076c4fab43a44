//! `exp`, `ln`, their kin, `tanh`, sine and cosine, and the logistic and normal distributions, the same to the last
//! bit on every machine.
//!
//! The platform's math library differs between systems and does not vectorize. These are straight
//! lines of fused multiply-adds and selects, so a loop over them compiles to whole vectors inside
//! [`pulp::Arch::dispatch`], and every lane computes what the scalar would. They pass NaN on.
//!
//! Range reduction and polynomials after S. Moshier's Cephes library (`expf`, `logf`, `tanhf`, `sinf`); the
//! polynomial of `normal_cdf` is our own fit. The tests compare them with 64-bit results: within 2
//! units in the last place, 4 for the last three.

/// eˣ; 0 below -104, ∞ above 88.8.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let (q, n) = exp_parts(x);
    times_power_of_two(q + 1.0, n)
}

/// eˣ - 1, precise near 0 too, where subtracting 1 would leave nothing.
#[inline(always)]
pub fn exp_m1(x: f32) -> f32 {
    // 2ⁿ·(1 + q) - 1 = 2ⁿ·q + (2ⁿ - 1), where only the last sum rounds.
    let (q, n) = exp_parts(x);
    let scale = power_of_two(n.clamp(-126, 127));
    let y = q.mul_add(scale, scale - 1.0);
    if x < 60.0 { y } else { times_power_of_two(q + 1.0, n) }
}

/// (q, n) with eˣ = 2ⁿ·(1 + q) and |q| < 0.42.
#[inline(always)]
fn exp_parts(x: f32) -> (f32, i32) {
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
    let q = p.mul_add(r * r, r);
    (q, (t.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32))
}

/// x·2ⁿ in two factors: n reaches -150, and one exponent field only -126.
#[inline(always)]
fn times_power_of_two(x: f32, n: i32) -> f32 {
    let half = n >> 1;
    x * power_of_two(half) * power_of_two(n.wrapping_sub(half))
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

/// ln(1 + x) for x ≥ 0, precise near 0 too.
#[inline(always)]
pub fn ln_1p(x: f32) -> f32 {
    // What rounding took from 1 + x is small enough for the tangent of ln.
    let u = 1.0 + x;
    ln(u) + (x - (u - 1.0)) / u
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

/// sin 2πt: an angle in turns, of which quarters are exact. For |t| below 2²⁰.
#[inline(always)]
pub fn sin_turns(t: f32) -> f32 {
    sine_of_quarters(t, 0)
}

/// cos 2πt, likewise.
#[inline(always)]
pub fn cos_turns(t: f32) -> f32 {
    sine_of_quarters(t, 1)
}

/// sin 2π(t + ahead/4)
#[inline(always)]
fn sine_of_quarters(t: f32, ahead: u32) -> f32 {
    // t = n/4 + r with |r| ≤ 1/8, without rounding.
    const ROUND: f32 = 12_582_912.0;
    let rounded = t.mul_add(4.0, ROUND);
    let n = rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(ahead);
    let r = (rounded - ROUND).mul_add(-0.25, t);
    let x = std::f32::consts::TAU * r;
    let z = x * x;
    let p = -1.951_529_6e-4_f32;
    let p = p.mul_add(z, 8.332_161e-3);
    let p = p.mul_add(z, -1.666_665_5e-1);
    let sin = (p * z).mul_add(x, x);
    let p = 2.443_315_7e-5_f32;
    let p = p.mul_add(z, -1.388_731_6e-3);
    let p = p.mul_add(z, 4.166_664_6e-2);
    let cos = (p * z).mul_add(z, z.mul_add(-0.5, 1.0));
    let y = if n & 1 == 0 { sin } else { cos };
    if n & 2 == 0 { y } else { -y }
}

/// The density of the normal distribution, φ(x) = e^(-x²/2) / √(2π).
#[inline(always)]
pub fn normal_pdf(x: f32) -> f32 {
    const FRAC_1_SQRT_2PI: f32 = 0.398_942_3;
    FRAC_1_SQRT_2PI * exp_half_square(bounded(x))
}

/// The normal distribution, Φ(x) = ½·(1 + erf(x/√2)), precise far below 0 too, where that sum would
/// leave nothing.
#[inline(always)]
pub fn normal_cdf(x: f32) -> f32 {
    // Φ(-a) = e^(-a²/2)·R(a), and R decays as 1/a: a polynomial in t = 1/(1 + 11a/32), fitted to
    // 3·10⁻⁸ for all a in 0..15.
    let a = bounded(x).abs();
    let t = 1.0 / a.mul_add(0.34375, 1.0);
    let p = -2.736_703_3e-2_f32;
    let p = p.mul_add(t, 1.418_128e-1);
    let p = p.mul_add(t, -2.677_519e-1);
    let p = p.mul_add(t, 1.866_797e-1);
    let p = p.mul_add(t, -3.658_461_6e-2);
    let p = p.mul_add(t, 1.115_885_8e-1);
    let p = p.mul_add(t, 1.169_906_3e-1);
    let p = p.mul_add(t, 1.375_105e-1);
    let p = p.mul_add(t, 1.371_213_5e-1);
    let tail = p * t * exp_half_square(a);
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// Within ±15, beyond which Φ is 0 or 1.
#[inline(always)]
fn bounded(x: f32) -> f32 {
    let x = if x < -15.0 { -15.0 } else { x };
    if x > 15.0 { 15.0 } else { x }
}

/// e^(-x²/2): what rounding takes from x² goes in by itself, as e^(-δ/2) ≈ 1 - δ/2.
#[inline(always)]
fn exp_half_square(x: f32) -> f32 {
    let square = x * x;
    let delta = x.mul_add(x, -square);
    let y = exp(-0.5 * square);
    y.mul_add(-0.5 * delta, y)
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
        assert!(worst_ulp(-20.0, 88.7, exp_m1, f64::exp_m1) < 2.0);
        assert!(worst_ulp(-1.5, 1.5, exp_m1, f64::exp_m1) < 2.0);
        assert!(worst_ulp(-1e-3, 1e-3, exp_m1, f64::exp_m1) < 2.0);
        assert!(worst_ulp(1e-6, 2.0, ln, f64::ln) < 2.0);
        assert!(worst_ulp(2.0, 1e30, ln, f64::ln) < 2.0);
        assert!(worst_ulp(0.0, 2.0, ln_1p, f64::ln_1p) < 2.0);
        assert!(worst_ulp(1e-9, 1e-5, ln_1p, f64::ln_1p) < 2.0);
        assert!(worst_ulp(-12.0, 12.0, tanh, f64::tanh) < 2.0);
        assert!(worst_ulp(-1e-3, 1e-3, tanh, f64::tanh) < 2.0);
        assert!(worst_ulp(-80.0, 30.0, sigmoid, |x| 1.0 / (1.0 + (-x).exp())) < 3.0);
    }

    #[test]
    fn sines_are_within_two_units_and_exact_at_quarters() {
        let tau = std::f64::consts::TAU;
        assert!(worst_ulp(-0.4999, 0.4999, sin_turns, |t| (tau * t).sin()) < 2.0);
        assert!(worst_ulp(-0.2499, 0.2499, cos_turns, |t| (tau * t).cos()) < 2.0);
        for quarter in -9..9i32 {
            let t = 0.25 * quarter as f32;
            let (sin, cos) =
                [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)][quarter.rem_euclid(4) as usize];
            assert_eq!((sin_turns(t), cos_turns(t)), (sin, cos), "{t} turns");
        }
        assert!(sin_turns(f32::NAN).is_nan() && cos_turns(f32::NAN).is_nan());
    }

    #[test]
    fn the_ends_of_the_range_and_nan() {
        assert_eq!((exp(0.0), exp(-1e9), exp(1e9)), (1.0, 0.0, f32::INFINITY));
        assert_eq!((exp_m1(0.0), exp_m1(-1e9), exp_m1(1e9)), (0.0, -1.0, f32::INFINITY));
        assert_eq!((ln_1p(0.0), ln_1p(1e-30), ln_1p(f32::MAX)), (0.0, 1e-30, 88.72284));
        assert_eq!((normal_cdf(-1e30), normal_cdf(0.0), normal_cdf(1e30)), (0.0, 0.5, 1.0));
        assert_eq!((normal_pdf(-1e30), normal_pdf(1e30)), (0.0, 0.0));
        assert_eq!((tanh(1e9), tanh(-1e9), tanh(0.0)), (1.0, -1.0, 0.0));
        assert_eq!((sigmoid(-1e9), sigmoid(1e9), ln(1.0)), (0.0, 1.0, 0.0));
        for f in [exp, exp_m1, ln, ln_1p, tanh, sigmoid, normal_cdf, normal_pdf] {
            assert!(f(f32::NAN).is_nan());
        }
    }

    #[test]
    fn the_normal_distribution_is_that_of_python() {
        // math.erfc(-x / math.sqrt(2)) / 2
        for (x, want) in [
            (-12.5, 3.732_564_298_877_81e-36),
            (-11.0, 1.910_659_574_498_683e-28),
            (-9.5, 1.049_451_507_536_272_7e-21),
            (-8.0, 6.220_960_574_271_819e-16),
            (-7.0, 1.279_812_543_885_835e-12),
            (-6.0, 9.865_876_450_377_012e-10),
            (-5.0, 2.866_515_718_791_946e-7),
            (-4.5, 3.397_673_124_730_061_5e-6),
            (-4.0, 3.167_124_183_311_996_5e-5),
            (-3.5, 0.000_232_629_079_035_525_04),
            (-3.0, 0.001_349_898_031_630_095_7),
            (-2.5, 0.006_209_665_325_776_139),
            (-2.0, 0.022_750_131_948_179_22),
            (-1.5, 0.066_807_201_268_858_09),
            (-1.25, 0.105_649_773_666_855_28),
            (-1.0, 0.158_655_253_931_457_07),
            (-0.75, 0.226_627_352_376_868_2),
            (-0.5, 0.308_537_538_725_986_9),
            (-0.375, 0.353_830_233_327_276_2),
            (-0.25, 0.401_293_674_317_076_3),
            (-0.125, 0.450_261_775_169_887_1),
            (-0.001, 0.499_601_057_767_140_2),
            (-1.0e-6, 0.499_999_601_057_720_6),
            (1.0e-6, 0.500_000_398_942_279_4),
            (0.001, 0.500_398_942_232_859_7),
            (0.0625, 0.524_917_669_029_247_2),
            (0.1875, 0.574_365_688_155_897_2),
            (0.25, 0.598_706_325_682_923_7),
            (0.5, 0.691_462_461_274_013_1),
            (0.625, 0.734_014_470_951_299_5),
            (0.75, 0.773_372_647_623_131_7),
            (1.0, 0.841_344_746_068_542_9),
            (1.5, 0.933_192_798_731_141_9),
            (2.0, 0.977_249_868_051_820_8),
            (2.5, 0.993_790_334_674_223_8),
            (3.0, 0.998_650_101_968_369_9),
            (4.0, 0.999_968_328_758_166_9),
            (5.0, 0.999_999_713_348_428_1),
            (5.5, 0.999_999_981_010_437_5),
        ] {
            let ulp = f64::from((want as f32).next_up() - want as f32);
            let error = (f64::from(normal_cdf(x)) - want).abs() / ulp;
            assert!(error < 4.0, "{error} units at {x}");
        }
        let pdf = |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
        assert!(worst_ulp(-12.0, 12.0, normal_pdf, pdf) < 4.0);
    }
}
