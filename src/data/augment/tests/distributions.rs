//! Random settings have the distributions that their names promise.

use super::*;
use crate::data::augment::beta::beta;
use crate::data::augment::gaussian_noise::normal;

#[test]
fn strengths_are_drawn_evenly() {
    let range = range::Range::from(2.0..=6.0);
    let draws: Vec<f32> = (0..1000).map(|i| range.at(Key::new(0).fold(i).unit(0))).collect();
    let mean = draws.iter().sum::<f32>() / 1000.0;
    // The mean has a standard deviation of 4/√12/√1000 = 0.037.
    assert!((mean - 4.0).abs() < 0.15, "{mean}");
    assert!(draws.iter().all(|x| (2.0..=6.0).contains(x)));
    assert!(draws.iter().any(|x| *x < 2.03) && draws.iter().any(|x| *x > 5.97));
}

#[test]
fn what_happens_sometimes_happens_that_often() {
    let black = Augment::new().sometimes(0.3, Brightness::between(-1.0..=-1.0));
    let count = (0..10_000).filter(|&i| {
        let mut pixel = [0.5];
        black.apply(&mut pixel, [1, 1, 1], Key::new(1).fold(i), &mut Scratch::default());
        pixel == [0.0]
    });
    // Four standard deviations of √(0.3·0.7·10,000) = 46.
    let count = count.count();
    assert!(count.abs_diff(3000) < 184, "{count}");
    let mixes = Augment::new().mix_sometimes(0.3, Mixup::new(1.0));
    let count = (0..10_000).filter(|&i| mixes.mixing(Key::new(1).fold(i)).is_some()).count();
    assert!(count.abs_diff(3000) < 184, "{count}");
}

/// Kolmogorov's distance between the distribution of these draws and the one wanted.
fn distance(mut draws: Vec<f32>, wanted: impl Fn(f64) -> f64) -> f64 {
    draws.sort_by(f32::total_cmp);
    let n = draws.len() as f64;
    let apart = |(i, &x): (usize, &f32)| ((i as f64 + 0.5) / n - wanted(x.into())).abs();
    draws.iter().enumerate().map(apart).fold(0.0, f64::max)
}

/// Distance that one sample of 20,000 draws in a million exceeds: √(ln(2·10⁶)/2n).
const FAR: f64 = 0.019;

#[test]
fn normal_numbers_are_normal() {
    let draws: Vec<f32> = (0..20_000).map(|i| normal(Key::new(1), Key::new(2), i)).collect();
    assert!(draws.iter().any(|x| *x > 3.4) && draws.iter().any(|x| *x < -3.4));
    assert!(distance(draws, |x| f64::from(crate::kernels::math::normal_cdf(x as f32))) < FAR);
}

#[test]
fn shares_of_mixtures_have_the_beta_distribution() {
    let draws =
        |alpha: f32| (0..20_000).map(|i| beta(alpha, Key::new(4).fold(i))).collect::<Vec<f32>>();
    assert!(distance(draws(1.0), |x| x) < FAR);
    assert!(distance(draws(0.5), |x| x.sqrt().asin() * std::f64::consts::FRAC_2_PI) < FAR);
    assert!(distance(draws(2.0), |x| x * x * (3.0 - 2.0 * x)) < FAR);
    for alpha in [0.01, 0.2, 7.0, 100.0] {
        let draws = draws(alpha);
        assert!(draws.iter().all(|x| (0.0..=1.0).contains(x)));
        let mean = |f: fn(f64) -> f64| draws.iter().map(|&x| f(x.into())).sum::<f64>() / 2e4;
        let variance = mean(|x| (x - 0.5) * (x - 0.5));
        let wanted = 0.25 / (2.0 * f64::from(alpha) + 1.0);
        assert!((mean(|x| x) - 0.5).abs() < 0.018 && (variance / wanted - 1.0).abs() < 0.05);
    }
}
