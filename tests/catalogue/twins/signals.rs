//! Pools and padding of signals against plain loops.

use chainrule::prelude::*;
use chainrule::reference;
use proptest::prelude::*;

use super::convolutions::Axis;
use super::fast::Fast;
use super::pools::{axis, run_with_ties};
use super::{Check, close, config, view};

pub const CHECKS: [Check; 5] = [
    ("MaxPool1d", max_pool1d),
    ("AvgPool1d", avg_pool1d),
    ("GlobalMaxPool1d", global_max_pool1d),
    ("GlobalAvgPool1d", global_avg_pool1d),
    ("ZeroPad1d", zero_pad1d),
];

fn padding(axis: Axis) -> Padding {
    Padding::Explicit { top: 0, bottom: 0, left: axis.before, right: axis.after }
}

fn max_pool1d() {
    proptest!(config(), |(
        (n, channels) in (1usize..4, 1usize..20),
        axis in axis(),
        ceil in any::<bool>(),
        seed in any::<u64>(),
    )| {
        let pool = MaxPool1d::new(axis.kernel).stride(axis.stride).dilation(axis.dilation);
        let pool = pool.padding(padding(axis));
        let pool = if ceil { pool.ceil() } else { pool };
        let input = [axis.input, channels];
        prop_assume!(pool.output_shape(&input).is_ok());
        let fast = run_with_ties(&pool, &input, n, seed);
        let (x, dy, slide) = (view(&fast.x), view(&fast.dy), axis.slide());
        let y = reference::max_pool1d(x, axis.kernel, slide, fast.y.shape()[1]);
        close("y of MaxPool1d", &fast.y, &y);
        let dx = reference::max_pool1d_backward(x, dy, axis.kernel, slide);
        close("dx of MaxPool1d", &fast.dx, &dx);
    });
}

fn avg_pool1d() {
    proptest!(config(), |(
        (n, channels) in (1usize..4, 1usize..20),
        axis in axis(),
        (ceil, count_padding) in (any::<bool>(), any::<bool>()),
        seed in any::<u64>(),
    )| {
        let pool = AvgPool1d::new(axis.kernel).stride(axis.stride).dilation(axis.dilation);
        let pool = pool.padding(padding(axis)).count_padding(count_padding);
        let pool = if ceil { pool.ceil() } else { pool };
        let input = [axis.input, channels];
        prop_assume!(pool.output_shape(&input).is_ok());
        let fast = Fast::run(&pool, &input, n, seed);
        let (x, dy, slide) = (view::<ndarray::Ix3>(&fast.x), view(&fast.dy), axis.slide());
        let padded = count_padding.then_some(axis.before + axis.input + axis.after);
        let y = reference::avg_pool1d(x, axis.kernel, slide, padded, fast.y.shape()[1]);
        close("y of AvgPool1d", &fast.y, &y);
        let dx = reference::avg_pool1d_backward(x.dim(), dy, axis.kernel, slide, padded);
        close("dx of AvgPool1d", &fast.dx, &dx);
    });
}

fn global_max_pool1d() {
    proptest!(config(), |(
        (n, steps, c) in (1usize..4, 1usize..9, 1usize..20),
        seed in any::<u64>(),
    )| {
        let fast = run_with_ties(&GlobalMaxPool1d, &[steps, c], n, seed);
        let (x, dy, lengths) = (view(&fast.x), view(&fast.dy), vec![steps; n]);
        close("y of GlobalMaxPool1d", &fast.y, &reference::global_max_pool1d(x, &lengths));
        let dx = reference::global_max_pool1d_backward(x, dy, &lengths);
        close("dx of GlobalMaxPool1d", &fast.dx, &dx);
    });
}

fn global_avg_pool1d() {
    proptest!(config(), |(
        (n, steps, c) in (1usize..4, 1usize..9, 1usize..20),
        seed in any::<u64>(),
    )| {
        let fast = Fast::run(&GlobalAvgPool1d, &[steps, c], n, seed);
        let lengths = vec![steps; n];
        let y = reference::global_avg_pool1d(view(&fast.x), &lengths);
        close("y of GlobalAvgPool1d", &fast.y, &y);
        let dx = reference::global_avg_pool1d_backward((n, steps, c), view(&fast.dy), &lengths);
        close("dx of GlobalAvgPool1d", &fast.dx, &dx);
    });
}

fn zero_pad1d() {
    proptest!(config(), |(
        (n, steps, c) in (1usize..4, 1usize..9, 1usize..20),
        (front, behind) in (0usize..4, 0usize..4),
        seed in any::<u64>(),
    )| {
        let fast = Fast::run(&ZeroPad1d::new(0).ends(front, behind), &[steps, c], n, seed);
        assert_eq!(fast.y, reference::zero_pad1d(view(&fast.x), front, behind).into_dyn());
        let dx = reference::zero_pad1d_backward(view(&fast.dy), (n, steps, c), front);
        assert_eq!(fast.dx, dx.into_dyn());
    });
}
