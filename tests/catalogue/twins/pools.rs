//! Pooling layers against plain loops.

use chainrule::prelude::*;
use chainrule::random::Key;
use chainrule::reference;
use proptest::prelude::*;

use super::convolutions::{Axis, padding};
use super::fast::{Fast, normal};
use super::{Check, close, config, view};

pub const CHECKS: [Check; 4] = [
    ("MaxPool2d", max_pool2d),
    ("AvgPool2d", avg_pool2d),
    ("GlobalMaxPool2d", global_max_pool2d),
    ("GlobalAvgPool2d", global_avg_pool2d),
];

/// An axis padded by less than the kernel, which may be too long for it.
pub fn axis() -> impl Strategy<Value = Axis> {
    (1usize..11, 1usize..5, 1usize..4, 1usize..4, any::<(usize, usize)>()).prop_map(
        |(input, kernel, stride, dilation, (before, after))| {
            let extent = (kernel - 1) * dilation + 1;
            let (before, after) = (before % extent, after % extent);
            Axis { input, kernel, stride, dilation, before, after }
        },
    )
}

/// Runs a layer on images of few different values, so that there are ties.
pub fn run_with_ties<L: Layer>(layer: &L, input: &[usize], n: usize, seed: u64) -> Fast {
    let x = normal(&[&[n], input].concat(), Key::new(seed)).mapv(f32::round);
    Fast::run_on(layer, x, Mode::Infer, seed)
}

fn max_pool2d() {
    proptest!(config(), |(
        (n, channels) in (1usize..4, 1usize..20),
        (rows, cols) in (axis(), axis()),
        ceil in any::<bool>(),
        seed in any::<u64>(),
    )| {
        let pool = MaxPool2d::new((rows.kernel, cols.kernel)).stride((rows.stride, cols.stride));
        let pool = pool.padding(padding(rows, cols)).dilation((rows.dilation, cols.dilation));
        let pool = if ceil { pool.ceil() } else { pool };
        let input = [rows.input, cols.input, channels];
        prop_assume!(pool.output_shape(&input).is_ok());
        let fast = run_with_ties(&pool, &input, n, seed);
        let (x, dy, kernel) = (view(&fast.x), view(&fast.dy), (rows.kernel, cols.kernel));
        let (slides, size) = ([rows.slide(), cols.slide()], (fast.y.shape()[1], fast.y.shape()[2]));
        close("y of MaxPool2d", &fast.y, &reference::max_pool2d(x, kernel, slides, size));
        let dx = reference::max_pool2d_backward(x, dy, kernel, slides);
        close("dx of MaxPool2d", &fast.dx, &dx);
    });
}

fn avg_pool2d() {
    proptest!(config(), |(
        (n, channels) in (1usize..4, 1usize..20),
        (rows, cols) in (axis(), axis()),
        (ceil, count_padding) in (any::<bool>(), any::<bool>()),
        seed in any::<u64>(),
    )| {
        let pool = AvgPool2d::new((rows.kernel, cols.kernel)).stride((rows.stride, cols.stride));
        let pool = pool.padding(padding(rows, cols)).dilation((rows.dilation, cols.dilation));
        let pool = pool.count_padding(count_padding);
        let pool = if ceil { pool.ceil() } else { pool };
        let input = [rows.input, cols.input, channels];
        prop_assume!(pool.output_shape(&input).is_ok());
        let fast = Fast::run(&pool, &input, n, seed);
        let (x, dy, kernel) = (view(&fast.x), view(&fast.dy), (rows.kernel, cols.kernel));
        let (slides, size) = ([rows.slide(), cols.slide()], (fast.y.shape()[1], fast.y.shape()[2]));
        let [height, width] = [rows, cols].map(|axis| axis.input + axis.before + axis.after);
        let padded = count_padding.then_some((height, width));
        let y = reference::avg_pool2d(x, kernel, slides, padded, size);
        close("y of AvgPool2d", &fast.y, &y);
        let dx = reference::avg_pool2d_backward(x.dim(), dy, kernel, slides, padded);
        close("dx of AvgPool2d", &fast.dx, &dx);
    });
}

fn global_max_pool2d() {
    proptest!(config(), |(
        n in 1usize..4,
        (h, w, c) in (1usize..9, 1usize..9, 1usize..20),
        seed in any::<u64>(),
    )| {
        let fast = run_with_ties(&GlobalMaxPool2d, &[h, w, c], n, seed);
        let (x, dy) = (view(&fast.x), view(&fast.dy));
        close("y of GlobalMaxPool2d", &fast.y, &reference::global_max_pool2d(x));
        close("dx of GlobalMaxPool2d", &fast.dx, &reference::global_max_pool2d_backward(x, dy));
    });
}

fn global_avg_pool2d() {
    proptest!(config(), |(
        n in 1usize..4,
        (h, w, c) in (1usize..9, 1usize..9, 1usize..20),
        seed in any::<u64>(),
    )| {
        let fast = Fast::run(&GlobalAvgPool2d, &[h, w, c], n, seed);
        close("y of GlobalAvgPool2d", &fast.y, &reference::global_avg_pool2d(view(&fast.x)));
        let dx = reference::global_avg_pool2d_backward((n, h, w, c), view(&fast.dy));
        close("dx of GlobalAvgPool2d", &fast.dx, &dx);
    });
}
