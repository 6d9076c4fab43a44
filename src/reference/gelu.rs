//! Twins of [`Gelu`](crate::layers::Gelu) and [`GeluTanh`](crate::layers::GeluTanh): `x`, times the
//! probability that a normal number is below it.

use std::f64::consts::{FRAC_2_SQRT_PI, PI, SQRT_2};

/// Computes the error function by its Taylor series, in 64 bits.
///
/// ```text
/// erf(x) = (2/√π)·Σₖ (-1)ᵏ·x²ᵏ⁺¹/(k!·(2k + 1))
/// ```
///
/// Beyond ±5 it is ±1 to 12 digits, and the terms of the series would be too large to cancel.
fn erf(x: f64) -> f64 {
    if x.abs() > 5.0 {
        return x.signum();
    }
    let (mut power, mut sum) = (x, x); // (-1)ᵏ·x²ᵏ⁺¹/k! and the sum, at k = 0
    for k in 1..200 {
        power *= -x * x / f64::from(k);
        sum += power / f64::from(2 * k + 1);
    }
    FRAC_2_SQRT_PI * sum
}

/// Probability Φ(x) that a normal number is below `x`.
fn normal_cdf(x: f64) -> f64 {
    (1.0 + erf(x / SQRT_2)) / 2.0
}

/// Computes [`Gelu`](crate::layers::Gelu).
///
/// ```text
/// y = x·Φ(x)        Φ(x) = ½·(1 + erf(x/√2))
/// ```
pub fn gelu(x: f32) -> f32 {
    x * normal_cdf(f64::from(x)) as f32
}

/// Computes the gradient of [`gelu()`].
///
/// ```text
/// dx = (Φ(x) + x·φ(x))·dy        φ(x) = exp(-x²/2)/√(2π)
/// ```
pub fn gelu_backward(x: f32, dy: f32) -> f32 {
    let x = f64::from(x);
    let density = (-x * x / 2.0).exp() / (2.0 * PI).sqrt();
    (normal_cdf(x) + x * density) as f32 * dy
}

/// √(2/π)
const SQRT_2_BY_PI: f32 = 0.797_884_6;

/// Computes [`GeluTanh`](crate::layers::GeluTanh).
///
/// ```text
/// y = ½·x·(1 + tanh u)        u = √(2/π)·(x + 0.044715·x³)
/// ```
pub fn gelu_tanh(x: f32) -> f32 {
    let u = SQRT_2_BY_PI * (x + 0.044715 * x * x * x);
    0.5 * x * (1.0 + u.tanh())
}

/// Computes the gradient of [`gelu_tanh()`].
///
/// ```text
/// dx = ½·(1 + tanh u + x·(1 - tanh² u)·u')·dy        u' = √(2/π)·(1 + 3·0.044715·x²)
/// ```
pub fn gelu_tanh_backward(x: f32, dy: f32) -> f32 {
    let tanh = (SQRT_2_BY_PI * (x + 0.044715 * x * x * x)).tanh();
    let slope = SQRT_2_BY_PI * (1.0 + 3.0 * 0.044715 * x * x);
    0.5 * (1.0 + tanh + x * (1.0 - tanh * tanh) * slope) * dy
}
