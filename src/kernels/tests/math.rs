//! Functions of `math.rs` against the standard library in 64 bits, and against Python.

use crate::kernels::math::*;

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
