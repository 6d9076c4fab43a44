//! What an augmented image costs, on one thread.
//!
//! ```text
//! cargo bench --bench augment
//! ```
//!
//! Digits of 28×28, the sample's first thousand in turn. An epoch of `mnist_cnn` takes about 100 µs
//! of one core an image: what is told here, in µs, is then about the share in percent that
//! augmentation adds.

#![forbid(unsafe_code)]

use std::time::Duration;

use chainrule::data::augment::*;
use chainrule::prelude::{Dataset, Mnist};
use chainrule::random::Key;
use criterion::{Criterion, criterion_group, criterion_main};

criterion_group! {
    name = augment;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(15)
        .nresamples(10_000);
    targets = recipes
}
criterion_main!(augment);

fn recipes(c: &mut Criterion) {
    let new = Augment::new;
    let moves =
        new().with(Rotate::degrees(10.0)).with(Scale::between(0.9..=1.1)).with(Shift::pixels(2.0));
    let everything = moves
        .clone()
        .with(Shear::degrees(10.0))
        .with(Elastic::new(34.0, 4.0))
        .with(Thickness::pixels(1.0))
        .with(GaussianNoise::new(0.1));
    image(c, &new());
    image(c, &moves);
    image(c, &new().with(Elastic::new(34.0, 4.0)));
    image(c, &new().with(Thickness::pixels(1.0)));
    image(c, &new().with(Blur::between(1.0..=1.0)));
    image(c, &new().with(GaussianNoise::new(0.1)));
    image(c, &new().with(Contrast::between(0.5..=1.5)));
    image(c, &new().with(Cutout::pixels(8)));
    image(c, &everything);
}

/// One image after the other, with the loading, which `nothing` is the time of.
fn image(c: &mut Criterion, augment: &Augment) {
    let digits = Mnist::sample().train;
    let (mut x, mut scratch, mut number) = (vec![0.0; 28 * 28], Scratch::default(), 0);
    c.bench_function(&augment.to_string(), |b| {
        b.iter(|| {
            number += 1;
            digits.input(number % 1000, &mut x).expect("it is in memory");
            augment.apply(&mut x, [28, 28, 1], Key::new(number as u64), &mut scratch);
            x[400]
        });
    });
}
