//! How many images of MNIST a second are trained on, predicted and loaded.
//!
//! ```text
//! cargo bench --bench training
//! cargo bench --bench training -- convnet
//! ```
//!
//! The nets are those of the examples `mnist_cnn` and `mnist_mlp`. Read criterion's `elem/s` as
//! images/s.
//!
//! - `epoch` is one call of `Trainer::fit` on 1,280 images, ten batches of 128: it starts the
//!   threads, allocates the buffers, shuffles, and steps ten times. A longer run spreads the first
//!   two over more batches.
//! - `predict` is one call on 128 images or on one, which is how long an answer takes. It runs on as
//!   many threads as `RAYON_NUM_THREADS` says, else on all cores.
//! - `sample` unpacks the images embedded in the crate: gzip, then IDX.

#![forbid(unsafe_code)]

use std::time::Duration;

use chainrule::prelude::*;
use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};

criterion_group! {
    name = training;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(10)
        .nresamples(10_000);
    targets = epochs, predictions, loading
}
criterion_main!(training);

type Build = fn() -> Result<Sequential>;

const MODELS: [(&str, Build); 2] = [("convnet", convnet), ("mlp", mlp)];

fn convnet() -> Result<Sequential> {
    Sequential::new([28, 28, 1])
        .add(Conv2d::new(32, 3).init(Init::HeNormal))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(64, 3).init(Init::HeNormal))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Flatten)?
        .add(Dropout::new(0.5))?
        .add(Dense::new(10))
}

fn mlp() -> Result<Sequential> {
    Sequential::new([28, 28, 1])
        .add(Flatten)?
        .add(Dense::new(128))?
        .add(Relu)?
        .add(Dropout::new(0.2))?
        .add(Dense::new(10))
}

fn epochs(c: &mut Criterion) {
    let images = Mnist::sample().train.take(1280).expect("a sample of 10,000");
    for (name, build) in MODELS {
        let mut group = c.benchmark_group(format!("{name}/epoch"));
        group.sampling_mode(SamplingMode::Flat);
        group.throughput(Throughput::Elements(images.len() as u64));
        for (threads, label) in [(1, "1 thread"), (2, "2 threads")] {
            let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.001)).threads(threads);
            // A new model each time: one that knows the images by heart has gradients so small
            // that they may take longer to multiply.
            group.bench_function(label, |b| {
                b.iter_batched_ref(
                    || build().expect("layers that fit"),
                    |model| trainer.fit(model, &images).expect("a loss that is finite"),
                    BatchSize::PerIteration,
                );
            });
        }
    }
}

fn predictions(c: &mut Criterion) {
    let test = Mnist::sample().test;
    for (name, build) in MODELS {
        let model = build().expect("layers that fit");
        let mut group = c.benchmark_group(format!("{name}/predict"));
        for (n, label) in [(128, "128 images"), (1, "1 image")] {
            let x = inputs(&test, &(0..n).collect::<Vec<_>>());
            group.throughput(Throughput::Elements(n as u64));
            group.bench_function(label, |b| {
                b.iter(|| model.predict(x.view()).expect("images of the model's shape"));
            });
        }
    }
}

fn loading(c: &mut Criterion) {
    let mnist = Mnist::sample();
    let mut group = c.benchmark_group("sample");
    group.sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements((mnist.train.len() + mnist.test.len()) as u64));
    group.bench_function("load", |b| b.iter(Mnist::sample));
}
