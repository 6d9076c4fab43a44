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
