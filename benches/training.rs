//! The reference nets: how long a training step takes, how many images a second they predict, and
//! how long loading takes.
//!
//! ```text
//! cargo bench --bench training
//! cargo bench --bench training -- keras-cnn
//! ```
//!
//! - `step` is one batch of 128 images through `Trainer::fit`: a call of 20 to 60 of them, divided;
//!   it starts the threads and allocates the buffers once. Read criterion's `elem/s` as images/s;
//!   the line after it gives all the floating-point operations of the definition (see `nets`) a
//!   second, as a share of what fused multiply-adds reach on as many threads in the same minute.
//! - `predict` is one call on 128 images or on one, which is how long an answer takes. It runs on as
//!   many threads as `RAYON_NUM_THREADS` says, else on all cores.
//! - `IDX` unpacks the 20,000 images embedded in the crate: gzip, then IDX.
//!
//! `peers/` runs the same nets beside those of other libraries.

#![forbid(unsafe_code)]

#[path = "nets/mod.rs"]
mod nets;
#[path = "stopwatch/mod.rs"]
mod stopwatch;

use std::time::{Duration, Instant};

use chainrule::prelude::*;
use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use nets::NETS;
use stopwatch::Stopwatch;

criterion_group! {
    name = training;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .sample_size(10)
        .nresamples(10_000);
    targets = steps, predictions, loading
}
criterion_main!(training);

const BATCH: usize = 128;

fn steps(c: &mut Criterion) {
    let sample = Mnist::sample().train;
    for net in NETS {
        // More of them where they are short.
        let batches = if net.flop < 5e6 { 60 } else { 20 };
        let images = sample.take(batches * BATCH).expect("a sample of 10,000");
        let mut group = c.benchmark_group(format!("{}/step", net.name));
        group.sampling_mode(SamplingMode::Flat);
        group.throughput(Throughput::Elements(BATCH as u64));
        for (threads, label) in [(1, "1 thread"), (2, "2 threads")] {
            let mut trainer = (net.trainer)().threads(threads);
            let watch = Stopwatch::new();
            group.bench_function(label, |b| {
                b.iter_custom(|rounds| {
                    let mut time = Duration::ZERO;
                    for _ in 0..rounds {
                        // A new model each time: one that knows the images by heart is another task.
                        let mut model = (net.build)().expect("layers that fit");
                        let start = Instant::now();
                        trainer.fit(&mut model, &images).expect("a loss that is finite");
                        time += start.elapsed() / batches as u32;
                    }
                    watch.note(time, rounds)
                });
            });
            watch.report(net.flop * BATCH as f64, threads);
        }
    }
}

fn predictions(c: &mut Criterion) {
    let test = Mnist::sample().test;
    for net in NETS {
        let model = (net.build)().expect("layers that fit");
        let mut group = c.benchmark_group(format!("{}/predict", net.name));
        for (n, label) in [(BATCH, "128 images"), (1, "1 image")] {
            let x = inputs(&test, &(0..n).collect::<Vec<_>>()).unwrap();
            group.throughput(Throughput::Elements(n as u64));
            group.bench_function(label, |b| {
                b.iter(|| model.predict(&x).expect("images of the model's shape"));
            });
        }
    }
}

fn loading(c: &mut Criterion) {
    let mnist = Mnist::sample();
    let mut group = c.benchmark_group("IDX");
    group.sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements((mnist.train.len() + mnist.test.len()) as u64));
    group.bench_function("load", |b| b.iter(Mnist::sample));
}
