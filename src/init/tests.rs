//! Tests of how parameters are drawn: ranges, moments, orthogonality.

use super::*;
use crate::layers::{Conv2d, Dense};
use crate::random::Key;
use crate::sequential::Sequential;

fn draw(init: Init, shape: &[usize]) -> Vec<f32> {
    let mut w = vec![f32::NAN; shape.iter().product()];
    init.fill(shape, &mut Key::new(1).rng(), &mut w);
    w
}

#[test]
fn means_and_variances_are_what_the_papers_ask_for() {
    let shape = [3, 3, 20, 30];
    let (fan_in, fan_out) = (180.0, 270.0);
    for (init, mean, variance) in [
        (Init::GlorotUniform, 0.0, 2.0 / (fan_in + fan_out)),
        (Init::GlorotNormal, 0.0, 2.0 / (fan_in + fan_out)),
        (Init::HeUniform, 0.0, 2.0 / fan_in),
        (Init::HeNormal, 0.0, 2.0 / fan_in),
        (Init::LecunUniform, 0.0, 1.0 / fan_in),
        (Init::LecunNormal, 0.0, 1.0 / fan_in),
        (Init::Zeros, 0.0, 0.0),
        (Init::Constant(1.5), 1.5, 0.0),
        (Init::Uniform { low: -1.0, high: 3.0 }, 1.0, 16.0 / 12.0),
        (Init::Normal { mean: -2.0, deviation: 0.5 }, -2.0, 0.25),
        // 1 - 4·φ(2)/(Φ(2) - Φ(-2)) = 0.774 of the variance is left between two deviations.
        (Init::TruncatedNormal { mean: 1.0, deviation: 0.5 }, 1.0, 0.25 * 0.773_741_3),
        // 30 columns of 180 numbers, each of length 1.
        (Init::Orthogonal { gain: 2.0 }, 0.0, 4.0 / fan_in),
    ] {
        let w = draw(init, &shape);
        let n = w.len() as f32;
        let found = w.iter().sum::<f32>() / n;
        let spread = w.iter().map(|w| (w - mean).powi(2)).sum::<f32>() / n;
        // 5,400 draws: the relative deviation of a sample variance is about √(2/5400) = 2 %.
        assert!((spread - variance).abs() <= 0.08 * variance, "{init:?}: {spread} for {variance}");
        assert!((found - mean).abs() <= 4.0 * (variance / n).sqrt(), "{init:?}: mean {found}");
    }
}

#[test]
fn bounds_are_kept_and_nearly_reached() {
    for (init, low, high) in [
        (Init::Uniform { low: -1.0, high: 3.0 }, -1.0, 3.0),
        (Init::TruncatedNormal { mean: 1.0, deviation: 0.5 }, 0.0, 2.0),
        (Init::LecunUniform, -0.1, 0.1),
    ] {
        let w = draw(init, &[300, 20]);
        let (least, most) = w.iter().fold((f32::MAX, f32::MIN), |(l, m), &w| (l.min(w), m.max(w)));
        let slack = 0.01 * (high - low);
        assert!(low <= least && least < low + slack, "{init:?} from {least}");
        assert!(high - slack < most && most <= high, "{init:?} to {most}");
    }
}

#[test]
fn rows_or_columns_of_an_orthogonal_start_are_orthonormal() {
    for shape in [&[1][..], &[7], &[1, 5], &[9, 4], &[4, 9], &[33, 33], &[3, 3, 4, 17], &[128, 128]]
    {
        let w = draw(Init::Orthogonal { gain: 1.0 }, shape);
        let outputs = *shape.last().unwrap();
        let inputs = w.len() / outputs;
        let at = |i: usize, o: usize| f64::from(w[i * outputs + o]);
        for a in 0..inputs.min(outputs) {
            for b in 0..inputs.min(outputs) {
                let product: f64 = if inputs < outputs {
                    (0..outputs).map(|o| at(a, o) * at(b, o)).sum()
                } else {
                    (0..inputs).map(|i| at(i, a) * at(i, b)).sum()
                };
                let want = if a == b { 1.0 } else { 0.0 };
                assert!((product - want).abs() < 1e-6, "{shape:?}: {product} at {a}, {b}");
            }
        }
    }
}

#[test]
fn an_orthogonal_start_is_the_q_of_a_positive_r() {
    // So the first column of a tall matrix keeps the direction and the signs of its draws.
    let mut rng = Key::new(1).rng();
    let normal: Vec<f64> = (0..12).map(|_| StandardNormal.sample(&mut rng)).collect();
    let first: Vec<f64> = normal.chunks(3).map(|row| row[0]).collect();
    let length = first.iter().map(|x| x * x).sum::<f64>().sqrt();
    let w = draw(Init::Orthogonal { gain: 1.0 }, &[4, 3]);
    for (row, x) in w.chunks(3).zip(first) {
        assert!((f64::from(row[0]) - x / length).abs() < 1e-7);
    }
}

#[test]
fn starts_without_meaning_are_refused_where_the_layer_is_added() {
    let (normal, uniform) = ("a normal start with", "a uniform start from");
    for (init, wanted) in [
        (Init::Constant(f32::NAN), "a finite number to start with"),
        (Init::Uniform { low: 1.0, high: 0.0 }, uniform),
        (Init::Uniform { low: f32::NAN, high: 0.0 }, uniform),
        (Init::Uniform { low: -3e38, high: 3e38 }, uniform),
        (Init::Normal { mean: 0.0, deviation: -1.0 }, normal),
        (Init::Normal { mean: f32::INFINITY, deviation: 1.0 }, normal),
        (Init::TruncatedNormal { mean: 0.0, deviation: f32::NAN }, normal),
        (Init::Orthogonal { gain: f32::INFINITY }, "an orthogonal start with a finite gain"),
    ] {
        let error = Sequential::new([2]).add(Dense::new(3).init(init)).unwrap_err().to_string();
        let told = format!("wanted {wanted}");
        assert!(error.starts_with("layer 0, Dense(3), cannot follow the input"), "{error}");
        assert!(
            error.contains(&told) && error.ends_with(&format!("its own is {init:?}")),
            "{error}"
        );
    }
    let huge = Conv2d::new(8192, 1).init(Init::Orthogonal { gain: 1.0 });
    let error = Sequential::new([1, 1, 8192]).add(huge).unwrap_err().to_string();
    assert!(error.contains("an orthogonal start of fewer rows or columns"), "{error}");
}
