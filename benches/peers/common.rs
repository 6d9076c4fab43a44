//! What the programs in Rust share: their options, the timing, and the line of JSON that they print
//! (`common.py` is the same for those in Python).

use std::hint::black_box;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Instant;

use clap::{CommandFactory, Parser};
use serde_json::{Value, json};

pub const BATCH: usize = 128;

/// Trains one of the reference nets on MNIST, and prints what was measured as a line of JSON.
#[derive(Parser)]
pub struct Options {
    /// mlp, keras-cnn, torch-cnn, lenet5, lstm or transformer
    pub net: Option<String>,
    /// What to measure, separated by commas: train, infer (batches), one (image)
    #[arg(long, default_value = "train,infer,one", value_delimiter = ',')]
    pub tasks: Vec<String>,
    /// How many epochs to train for; the first is a warm-up
    #[arg(long, default_value_t = 4)]
    pub epochs: usize,
    /// How many training images to use: fewer for a quick trial
    #[arg(long, default_value_t = 60_000)]
    pub images: usize,
    /// How many threads compute
    #[arg(long, default_value_t = 2)]
    pub threads: usize,
    /// Where MNIST's four gzip files are
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// `cargo bench` and `cargo test` pass these to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
    #[arg(long, hide = true)]
    test: bool,
}

impl Options {
    /// From the command line; `None`, after printing the usage, if it names no net: so `cargo bench`
    /// passes by.
    pub fn parse_or_help() -> Option<Options> {
        let options = Options::parse();
        if options.net.is_none() {
            Options::command().print_help().expect("standard output");
            return None;
        }
        // Libraries that use rayon's threads find this many, if they do not ask for their own.
        rayon::ThreadPoolBuilder::new().num_threads(options.threads).build_global().expect("first");
        Some(options)
    }

    pub fn net(&self) -> &str {
        self.net.as_deref().expect("checked when parsed")
    }
}

/// What a library does with a net; the images are MNIST's, on which it trains and is tested.
pub trait Peer {
    /// Trains for so many epochs, and returns the seconds of each.
    fn train(&mut self, epochs: usize) -> Vec<f64>;
    /// The ten logits of each of these test images, computed as one batch.
    fn predict(&mut self, images: Range<usize>) -> Vec<f32>;
}

/// Measures, and prints. `about` says in JSON what the program is: its name, version and variant.
pub fn run(peer: &mut dyn Peer, options: &Options, labels: &[u8], about: Value) {
    let wanted = |task| options.tasks.iter().any(|t| t == task);
    let mut report = about;
    report["net"] = json!(options.net());
    if wanted("train") && options.epochs > 0 {
        report["epochs"] = json!(peer.train(options.epochs));
        report["accuracy"] = json!(accuracy(&predict_all(peer, labels.len()), labels));
    }
    if wanted("infer") {
        let passes = median(0, 5, |_| drop(black_box(predict_all(peer, labels.len()))));
        report["images_per_second"] = json!(labels.len() as f64 / passes);
    }
    if wanted("one") {
        let seconds = median(100, 1000, |i| drop(black_box(peer.predict(i..i + 1))));
        report["one_us"] = json!(1e6 * seconds);
    }
    println!("{report}");
}

fn predict_all(peer: &mut dyn Peer, images: usize) -> Vec<f32> {
    (0..images).step_by(BATCH).flat_map(|i| peer.predict(i..images.min(i + BATCH))).collect()
}

/// In percent.
fn accuracy(logits: &[f32], labels: &[u8]) -> f64 {
    let best = |row: &[f32]| (0..10).max_by(|&a, &b| row[a].total_cmp(&row[b]));
    let right = logits.chunks(10).zip(labels).filter(|(row, l)| best(row) == Some(**l as usize));
    100.0 * right.count() as f64 / labels.len() as f64
}

/// The median of the seconds that `f(0)`, `f(1)`, ... take, after some that do not count.
fn median(warm_up: usize, count: usize, mut f: impl FnMut(usize)) -> f64 {
    (0..warm_up).for_each(&mut f);
    let mut seconds: Vec<f64> = (0..count)
        .map(|i| {
            let start = Instant::now();
            f(i);
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[count / 2]
}
