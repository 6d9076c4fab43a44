//! Convolutions against plain loops, by whichever algorithm they choose.

use chainrule::prelude::*;
use chainrule::reference::{self, Slide};
use ndarray::{Array1, ArrayD};
use proptest::prelude::*;

use super::fast::Fast;
use super::{Check, close, config, view};

pub const CHECKS: [Check; 3] =
    [("Conv2d", conv2d), ("Conv1d", conv1d), ("ConvTranspose2d", conv_transpose2d)];

/// One axis of an image, and of the window that slides along it.
#[derive(Debug, Clone, Copy)]
pub struct Axis {
    pub input: usize,
    pub kernel: usize,
    pub stride: usize,
    pub dilation: usize,
    pub before: usize,
    pub after: usize,
}

impl Axis {
    pub fn slide(self) -> Slide {
        Slide { stride: self.stride, dilation: self.dilation, pad: self.before }
    }
}

/// An axis on which at least one window fits, padded by any number of pixels.
fn axis() -> impl Strategy<Value = Axis> {
    (1usize..11, 1usize..5, 1usize..4, 1usize..4, 0usize..7, 0usize..7).prop_filter_map(
        "the kernel fits",
        |(input, kernel, stride, dilation, before, after)| {
            let extent = (kernel - 1) * dilation + 1;
            let fits = input + before + after >= extent;
            fits.then_some(Axis { input, kernel, stride, dilation, before, after })
        },
    )
}

pub fn padding(rows: Axis, cols: Axis) -> Padding {
    let (top, bottom, left, right) = (rows.before, rows.after, cols.before, cols.after);
    Padding::Explicit { top, bottom, left, right }
}

/// Channels of a group: few, or whole vectors.
fn channels() -> impl Strategy<Value = usize> {
    prop_oneof![4 => 1usize..7, 1 => Just(16usize), 1 => Just(32usize)]
}

/// The bias among a layer's parameters, or zeros.
fn bias(fast: &Fast, filters: usize) -> ArrayD<f32> {
    fast.params.get(1).cloned().unwrap_or_else(|| Array1::zeros(filters).into_dyn())
}

/// Compares the gradients of the weights and of the bias, where there is one.
fn close_params<D: ndarray::Dimension>(fast: &Fast, dw: &ndarray::Array<f32, D>, db: &Array1<f32>) {
    close("dw", &fast.dparams[0], dw);
    if let Some(fast) = fast.dparams.get(1) {
        close("db", fast, db);
    }
}

fn conv2d() {
    proptest!(config(), |(
        (n, groups) in (1usize..4, 1usize..4),
        (depth, width) in (channels(), channels()),
        (rows, cols) in (axis(), axis()),
        (with_bias, depthwise) in (any::<bool>(), any::<bool>()),
        seed in any::<u64>(),
    )| {
        let (channels, kernel) = (groups * depth, (rows.kernel, cols.kernel));
        let (conv, filters, groups) = match depthwise {
            true => (Conv2d::depthwise(kernel), channels, channels),
            false => (Conv2d::new(groups * width, kernel).groups(groups), groups * width, groups),
        };
        let conv = conv.stride((rows.stride, cols.stride));
        let conv = conv.dilation((rows.dilation, cols.dilation)).padding(padding(rows, cols));
        let fast = Fast::run(&conv.bias(with_bias), &[rows.input, cols.input, channels], n, seed);
        let (x, w, dy) = (view(&fast.x), view(&fast.params[0]), view(&fast.dy));
        let (b, slides) = (bias(&fast, filters), [rows.slide(), cols.slide()]);
        let size = (fast.y.shape()[1], fast.y.shape()[2]);
        close("y of Conv2d", &fast.y, &reference::conv2d(x, w, view(&b), slides, size));
        let (dx, dw, db) = reference::conv2d_backward(x, w, dy, slides);
        close("dx of Conv2d", &fast.dx, &dx);
        close_params(&fast, &dw, &db);
        if groups == 1 {
            let y = reference::conv2d_by_matrices(x, w, view(&b), slides, size);
            close("y by matrices", &fast.y, &y);
            let (dx, dw, db) = reference::conv2d_by_matrices_backward(x, w, dy, slides);
            close("dx by matrices", &fast.dx, &dx);
            close_params(&fast, &dw, &db);
        }
    });
}

fn conv1d() {
    proptest!(config(), |(
        (n, groups) in (1usize..4, 1usize..4),
        (depth, width) in (channels(), channels()),
        cols in axis(),
        with_bias in any::<bool>(),
        seed in any::<u64>(),
    )| {
        let filters = groups * width;
        let (left, right) = (cols.before, cols.after);
        let conv = Conv1d::new(filters, cols.kernel).groups(groups).bias(with_bias);
        let conv = conv.stride(cols.stride).dilation(cols.dilation);
        let conv = conv.padding(Padding::Explicit { top: 0, bottom: 0, left, right });
        let fast = Fast::run(&conv, &[cols.input, groups * depth], n, seed);
        let (x, w, dy) = (view(&fast.x), view(&fast.params[0]), view(&fast.dy));
        let (b, slide) = (bias(&fast, filters), cols.slide());
        let y = reference::conv1d(x, w, view(&b), slide, fast.y.shape()[1]);
        close("y of Conv1d", &fast.y, &y);
        let (dx, dw, db) = reference::conv1d_backward(x, w, dy, slide);
        close("dx of Conv1d", &fast.dx, &dx);
        close_params(&fast, &dw, &db);
    });
}

fn conv_transpose2d() {
    proptest!(config(), |(
        (n, groups) in (1usize..4, 1usize..4),
        (depth, width) in (channels(), channels()),
        (rows, cols) in (axis(), axis()),
        more in (0usize..2, 0usize..2),
        with_bias in any::<bool>(),
        seed in any::<u64>(),
    )| {
        let (channels, filters) = (groups * depth, groups * width);
        let conv = ConvTranspose2d::new(filters, (rows.kernel, cols.kernel)).groups(groups);
        let conv = conv.bias(with_bias).stride((rows.stride, cols.stride));
        let conv = conv.dilation((rows.dilation, cols.dilation)).padding(padding(rows, cols));
        let conv = conv.output_padding(more);
        let input = [rows.input, cols.input, channels];
        // Padding may leave no output, and output padding be too large for the stride.
        prop_assume!(conv.output_shape(&input).is_ok());
        let fast = Fast::run(&conv, &input, n, seed);
        let (x, w, dy) = (view(&fast.x), view(&fast.params[0]), view(&fast.dy));
        let (b, slides) = (bias(&fast, filters), [rows.slide(), cols.slide()]);
        let size = (fast.y.shape()[1], fast.y.shape()[2]);
        let y = reference::conv_transpose2d(x, w, view(&b), slides, size);
        close("y of ConvTranspose2d", &fast.y, &y);
        let (dx, dw, db) = reference::conv_transpose2d_backward(x, w, dy, slides);
        close("dx of ConvTranspose2d", &fast.dx, &dx);
        close_params(&fast, &dw, &db);
    });
}
