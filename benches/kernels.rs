//! How fast one thread takes a few samples forward and backward through one layer.
//!
//! ```text
//! cargo bench --bench kernels
//! cargo bench --bench kernels -- Conv2d
//! ```
//!
//! The layers are those of Keras's "Simple MNIST convnet", of a dense net, of LeNet-5's first
//! stage, and of residual and depthwise-separable nets. Their batches are as large as the shards in which the engine feeds them: 4 images, or 32
//! samples without pixels. A name such as `Dense(128) on 32×784` gives the shape of that batch.
//!
//! - Layers with products, and the yardstick, count floating-point operations, two for a
//!   multiply-add: read criterion's `Gelem/s` as GFLOP/s. The line after it gives the quickest round
//!   as a share of what fused multiply-adds reach on this machine in the same minute. `backward dW`
//!   is what the first layer of a model does, which nobody asks for `dx`. Sums of biases are not
//!   counted, and every product is, also those that Winograd's algorithm saves: a 3×3 convolution
//!   may come to more than 100 %.
//! - The others count the bytes of `x` and `y`, or of `dx` and `dy`: `GiB/s`.
//! - `matrixmultiply` is a tuned matrix product by other people, at the size of the dense layer and
//!   at that of one image of the second convolution written as a product (im2col, whose copying is
//!   not counted). Where there is AVX-512 it uses that: its default features are on.
//!
//! Each pass works on the same buffers again and again, so they are in the caches: this is the
//! speed of the loops. `training.rs` tells what is left of it in training.

#![forbid(unsafe_code)]

#[path = "stopwatch/mod.rs"]
mod stopwatch;

use std::hint::black_box;
use std::time::Duration;

use chainrule::prelude::*;
use chainrule::random::Key;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView, ArrayViewD, ArrayViewMut, ArrayViewMutD};
use rand::RngExt;
use stopwatch::Stopwatch;

criterion_group! {
    name = kernels;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(15)
        .nresamples(10_000);
    targets = matrixmultiply, layers
}
criterion_main!(kernels);

fn layers(c: &mut Criterion) {
    layer(c, Conv2d::new(32, 3), &[4, 28, 28, 1]);
    layer(c, Conv2d::new(64, 3), &[4, 13, 13, 32]);
    layer(c, Conv2d::new(64, 3), &[2, 26, 26, 32]);
    layer(c, Conv2d::new(64, 3).stride(2), &[4, 13, 13, 32]);
    layer(c, Conv2d::new(6, 5).padding(Padding::Same), &[16, 28, 28, 1]);
    layer(c, Conv2d::new(16, 5), &[16, 14, 14, 6]);
    layer(c, Conv2d::new(64, 1), &[4, 14, 14, 64]);
    layer(c, Conv2d::depthwise(3).padding(Padding::Same), &[4, 14, 14, 64]);
    layer(c, Conv2d::new(64, 3).groups(4), &[4, 14, 14, 64]);
    layer(c, Conv2d::new(64, 3).dilation(2), &[4, 13, 13, 32]);
    layer(c, ConvTranspose2d::new(32, 2).stride(2), &[4, 7, 7, 64]);
    layer(c, Dense::new(128), &[64, 784]);
    layer(c, Dense::new(128), &[16, 9216]);
    layer(c, Dense::new(10), &[4, 1600]);
    layer(c, MaxPool2d::new(2), &[4, 26, 26, 32]);
    layer(c, AvgPool2d::new(2), &[16, 28, 28, 6]);
    layer(c, GlobalAvgPool2d, &[4, 7, 7, 64]);
    layer(c, BatchNorm::new(), &[4, 28, 28, 16]);
    layer(c, BatchNorm::new(), &[4, 14, 14, 64]);
    layer(c, Relu, &[4, 26, 26, 32]);
    layer(c, Gelu, &[16, 28, 28, 6]);
    layer(c, Sigmoid, &[16, 28, 28, 6]);
    layer(c, Tanh, &[16, 28, 28, 6]);
    layer(c, Dropout::new(0.5), &[4, 1600]);
    layer(c, Softmax, &[64, 10]);
}

/// Both passes of a layer on a batch of shape (n, input..), as the engine would run them.
fn layer<L: Layer>(c: &mut Criterion, layer: L, x_shape: &[usize]) {
    let (n, input) = (x_shape[0], &x_shape[1..]);
    let output = layer.output_shape(input).expect("a layer that takes this input");
    let y_shape = [&[n], &output[..]].concat();
    let specs = layer.param_specs(input);
    let (x, dx) = (random(len(x_shape)), random(len(x_shape)));
    let (y, dy) = (random(len(&y_shape)), random(len(&y_shape)));
    let values = random(specs.iter().map(|spec| len(&spec.shape)).sum());
    let dparams = aligned(values.len());
    let packed = aligned(layer.packed_len(input));
    layer.pack(input, values, packed, true);
    let params = Params { values, packed };
    let mut cache = layer.new_cache(input, n);
    let mode = Mode::Train(Noise::new(Key::new(0), 0));

    // Each weight meets one input for every output pixel or, in a dense layer, every sample; in a
    // transposed convolution it meets every input pixel.
    let weights = specs.iter().find(|spec| spec.name == "weight").map_or(0, |w| len(&w.shape));
    let pixels = match layer.name().starts_with("ConvTranspose") {
        true => x.len() / input[input.len() - 1],
        false => y.len() / output[output.len() - 1],
    };
    let products = weights * pixels;
    let bytes = size_of_val(x) + size_of_val(y);
    let work = |passes: usize| match products {
        0 => Throughput::Bytes(bytes as u64),
        _ => Throughput::Elements((passes * 2 * products) as u64),
    };

    let mut group = c.benchmark_group(format!("{} on {}", layer.name(), times(x_shape)));
    let coupled = layer.batch_sums();
    let mut sums = vec![0.0; coupled.map_or(0, |layer| layer.len(input))];
    let mut forward = |y: &mut [f32], cache: &mut L::Cache| {
        if let Some(layer) = coupled {
            sums.fill(0.0);
            layer.add_forward(view(x_shape, x), Lengths::FULL, &mut sums);
            layer.take_forward(&sums, cache);
        }
        layer.forward(params, view(x_shape, x), view_mut(&y_shape, y), cache, mode.into());
    };
    group.throughput(work(1));
    let watch = Stopwatch::new();
    group.bench_function("forward", |b| watch.iter(b, || forward(y, &mut cache)));
    let report = |watch: Stopwatch, passes: usize| {
        if products > 0 {
            watch.report((passes * 2 * products) as f64, 1);
        }
    };
    report(watch, 1);

    // A backward pass reads what a forward pass left, also where criterion was told to skip that.
    forward(y, &mut cache);
    let mut backward = |dx: Option<ArrayViewMutD<f32>>| {
        let saved = Saved {
            x: view(x_shape, x),
            y: view(&y_shape, y),
            cache: &mut cache,
            lengths: Lengths::FULL,
        };
        layer.backward(params, saved, view_mut(&y_shape, dy), dx, black_box(&mut *dparams));
    };
    if products > 0 {
        let watch = Stopwatch::new();
        group.bench_function("backward dW", |b| watch.iter(b, || backward(None)));
        report(watch, 1);
    }
    group.throughput(work(2));
    let name = if products > 0 { "backward dW, dx" } else { "backward" };
    let watch = Stopwatch::new();
    group.bench_function(name, |b| watch.iter(b, || backward(Some(view_mut(x_shape, dx)))));
    report(watch, 2);
}

/// The yardstick of the craft: a matrix product by the crate that ndarray multiplies with.
fn matrixmultiply(c: &mut Criterion) {
    let mut group = c.benchmark_group("matrixmultiply");
    let matrix = |h, w| ArrayViewMut::from_shape((h, w), random(h * w)).expect("made for it");
    for (m, k, n) in [(64, 784, 128), (121, 288, 64)] {
        let (x, w, mut y) = (matrix(m, k), matrix(k, n), matrix(m, n));
        group.throughput(Throughput::Elements(2 * (m * k * n) as u64));
        let watch = Stopwatch::new();
        group.bench_function(format!("{m}×{k} · {k}×{n}"), |b| {
            // What `x.dot(&w)` calls, without allocating the result.
            watch.iter(b, || general_mat_mul(1.0, black_box(&x), &w, 0.0, black_box(&mut y)));
        });
        watch.report((2 * m * k * n) as f64, 1);
    }
}

/// Zeros from a multiple of 64 bytes on, as the engine's buffers are: a load that straddles two
/// cache lines costs two, and where an allocation starts would otherwise decide the result.
/// Leaked, because a benchmark soon ends anyway.
fn aligned(len: usize) -> &'static mut [f32] {
    let storage = vec![0.0; len + 15].leak();
    let start = storage.as_ptr().align_offset(64);
    &mut storage[start..start + len]
}

/// Numbers in -1..1, aligned.
fn random(len: usize) -> &'static mut [f32] {
    let (values, mut rng) = (aligned(len), Key::new(len as u64).rng());
    values.fill_with(|| rng.random_range(-1.0..1.0));
    values
}

/// An array for a layer to read, about which the compiler knows nothing.
fn view<'a>(shape: &[usize], values: &'a [f32]) -> ArrayViewD<'a, f32> {
    ArrayView::from_shape(shape, black_box(values)).expect("made for this shape")
}

/// An array for a layer to write to, which the compiler must suppose that somebody reads.
fn view_mut<'a>(shape: &[usize], values: &'a mut [f32]) -> ArrayViewMutD<'a, f32> {
    ArrayViewMut::from_shape(shape, black_box(values)).expect("made for this shape")
}

fn len(shape: &[usize]) -> usize {
    shape.iter().product()
}

/// `4×28×28×1`
fn times(shape: &[usize]) -> String {
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join("×")
}
