//! Tests of the activations at their kinks and far ends.

use super::*;
use crate::kernels::math::normal_cdf;

/// Asserts that `f` is within `units` of the last place of `exact`, from -30 to 30 and near 0.
#[track_caller]
fn precise(layer: impl Elementwise, units: f64, exact: impl Fn(f64) -> f64) {
    let steps = (-30_000..=30_000).map(|i| i as f32 / 1000.0);
    for x in steps.chain((-1000..=1000).map(|i| i as f32 * 1e-7)) {
        let (y, want) = (f64::from(layer.f(x)), exact(f64::from(x)));
        let ulp = f64::from((want as f32).abs().next_up()) - f64::from((want as f32).abs());
        let error = (y - want).abs() / ulp;
        assert!(error <= units, "{} of {x} is {y}, not {want}: {error} units", layer.label());
    }
}

#[test]
fn they_are_precise_on_both_sides_of_zero() {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let softplus = |x: f64| x.exp().ln_1p();
    precise(Elu::new(1.0), 2.0, |x| if x > 0.0 { x } else { x.exp_m1() });
    let (scale, alpha) = (1.0507009873554805, 1.6732632423543772);
    precise(Selu, 3.0, |x| scale * if x > 0.0 { x } else { alpha * x.exp_m1() });
    precise(Silu, 4.0, |x| x * sigmoid(x));
    precise(Softplus, 3.0, softplus);
    precise(Mish, 5.0, |x| x * softplus(x).tanh());
    precise(Hardswish, 2.0, |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0);
    // The normal distribution has its own test.
    precise(Gelu, 1.0, |x| x * f64::from(normal_cdf(x as f32)));
}

#[test]
fn far_from_zero_they_are_flat_or_straight() {
    for far in [1e3, 1e10, 1e30] {
        assert_eq!((Elu::new(2.0).f(far), Elu::new(2.0).f(-far)), (far, -2.0));
        assert_eq!((Elu::new(2.0).derivative(-far, -2.0)), 0.0);
        fn check(layer: impl Elementwise, far: f32) {
            let label = layer.label();
            assert_eq!((layer.f(far), layer.f(-far)), (far, 0.0), "{label} of ±{far}");
            let slopes = (layer.derivative(far, far), layer.derivative(-far, 0.0));
            assert_eq!(slopes, (1.0, 0.0), "{label}' of ±{far}");
        }
        check(Gelu, far);
        check(GeluTanh, far);
        check(Silu, far);
        check(Mish, far);
        check(Hardswish, far);
        check(Softplus, far);
    }
}
