//! Layers that move, drop or frame values against plain loops.

use chainrule::prelude::*;
use chainrule::random::Key;
use chainrule::reference;
use ndarray::{Array2, ArrayD};
use proptest::prelude::*;

use super::fast::{Fast, normal};
use super::{Check, close, config, rows, view};

pub const CHECKS: [Check; 6] = [
    ("Dropout", dropout),
    ("Dropout2d", dropout2d),
    ("Flatten", flatten),
    ("Reshape", reshape),
    ("Slice", slice),
    ("ZeroPad2d", zero_pad2d),
];

/// The uniform numbers from which dropout draws the masks of `n` samples of a shard.
fn uniform(noise: Noise, n: usize, size: usize) -> Array2<f64> {
    let number = |hash: u32| f64::from(hash) / 2f64.powi(32);
    Array2::from_shape_fn((n, size), |(n, i)| number(noise.sample(n).hash(i as u32)))
}

/// Runs a layer in training, and returns the numbers that its masks of `size` come from as well.
fn run_in_training<L: Layer>(
    layer: &L,
    x: ArrayD<f32>,
    first: usize,
    size: usize,
    seed: u64,
) -> (Fast, Array2<f64>) {
    let noise = Noise::new(Key::new(seed), first);
    let u = uniform(noise, x.shape()[0], size);
    (Fast::run_on(layer, x, Mode::Train(noise), seed), u)
}

fn dropout() {
    proptest!(config(), |(
        n in 1usize..5,
        input in prop::collection::vec(1usize..9, 1..4),
        (rate, first) in (0.0f32..0.9, 0usize..100),
        seed in any::<u64>(),
    )| {
        let size = input.iter().product();
        let x = normal(&[&[n], &input[..]].concat(), Key::new(seed));
        let (fast, u) = run_in_training(&Dropout::new(rate), x, first, size, seed);
        let m = reference::dropout_mask(u.view(), rate);
        let (x, dy) = (rows(&fast.x, size), rows(&fast.dy, size));
        close("y of Dropout", &fast.y, &reference::dropout(x.view(), m.view()));
        close("dx of Dropout", &fast.dx, &reference::dropout_backward(dy.view(), m.view()));

        let fast = Fast::run(&Dropout::new(rate), &input, n, seed);
        close("y of Dropout in prediction", &fast.y, &fast.x);
        close("dx of Dropout in prediction", &fast.dx, &fast.dy);
    });
}

fn dropout2d() {
    proptest!(config(), |(
        (n, h, w, c) in (1usize..5, 1usize..6, 1usize..6, 1usize..20),
        (rate, first) in (0.0f32..0.9, 0usize..100),
        seed in any::<u64>(),
    )| {
        let x = normal(&[n, h, w, c], Key::new(seed));
        let (fast, u) = run_in_training(&Dropout2d::new(rate), x, first, c, seed);
        let m = reference::dropout_mask(u.view(), rate);
        let y = reference::dropout2d(view(&fast.x), m.view());
        close("y of Dropout2d", &fast.y, &y);
        let dx = reference::dropout2d_backward(view(&fast.dy), m.view());
        close("dx of Dropout2d", &fast.dx, &dx);
    });
}

fn flatten() {
    proptest!(config(), |(
        (n, h, w, c) in (1usize..4, 1usize..6, 1usize..6, 1usize..6),
        seed in any::<u64>(),
    )| {
        let fast = Fast::run(&Flatten, &[h, w, c], n, seed);
        close("y of Flatten", &fast.y, &reference::flatten(view(&fast.x)));
        let dx = reference::flatten_backward(view(&fast.dy), (n, h, w, c));
        close("dx of Flatten", &fast.dx, &dx);
    });
}

fn reshape() {
    proptest!(config(), |(
        n in 1usize..4,
        input in prop::collection::vec(1usize..6, 1..4),
        turn in 0usize..3,
        seed in any::<u64>(),
    )| {
        let mut output = input.clone();
        output.rotate_left(turn % input.len());
        let fast = Fast::run(&Reshape::new(output), &input, n, seed);
        let y = reference::reshape(fast.x.view(), fast.y.shape());
        assert_eq!(fast.y, y);
        let dx = reference::reshape_backward(fast.dy.view(), fast.x.shape());
        assert_eq!(fast.dx, dx);
    });
}

fn zero_pad2d() {
    proptest!(config(), |(
        (n, h, w, c) in (1usize..4, 1usize..6, 1usize..6, 1usize..6),
        (top, bottom, left, right) in (0usize..4, 0usize..4, 0usize..4, 0usize..4),
        seed in any::<u64>(),
    )| {
        let layer = ZeroPad2d::new(0).rows(top, bottom).cols(left, right);
        let fast = Fast::run(&layer, &[h, w, c], n, seed);
        let y = reference::zero_pad2d(view(&fast.x), (top, bottom), (left, right));
        assert_eq!(fast.y, y.into_dyn());
        let dx = reference::zero_pad2d_backward(view(&fast.dy), (n, h, w, c), (top, left));
        assert_eq!(fast.dx, dx.into_dyn());
    });
}

fn slice() {
    proptest!(config(), |(
        (n, pixels, channels) in (1usize..4, 1usize..7, 1usize..30),
        (start, len) in (0usize..30, 1usize..30),
        seed in any::<u64>(),
    )| {
        let start = start % channels;
        let len = 1 + (len - 1) % (channels - start);
        let fast = Fast::run(&Slice::new(start..start + len), &[pixels, channels], n, seed);
        let outer = n * pixels;
        let x = fast.x.to_shape((outer, channels, 1)).unwrap();
        close("y of Slice", &fast.y, &reference::slice(x.view(), start, len));
        let dy = fast.dy.to_shape((outer, len, 1)).unwrap();
        let dx = reference::slice_backward(dy.view(), start, channels);
        close("dx of Slice", &fast.dx, &dx);

        let fast = Fast::run(&Slice::steps(start..start + len), &[channels, pixels], n, seed);
        close("y of Slice::steps", &fast.y, &reference::slice(view(&fast.x), start, len));
        let dx = reference::slice_backward(view(&fast.dy), start, channels);
        close("dx of Slice::steps", &fast.dx, &dx);
    });
}
