//! Training on a set larger than a limit takes less memory than the limit.
//!
//! ```text
//! cargo test --test flat_memory -- --nocapture
//! ```
#![cfg(all(feature = "sample", target_os = "linux"))]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

use chainrule::data::{StreamedIdx, idx};
use chainrule::prelude::*;
use ndarray::arr1;
use tempfile::tempdir;

const MIB: u64 = 1 << 20;
/// The set on disk.
const SET: u64 = 256 * MIB;
/// What a training run on it may add to the memory of its process.
const LIMIT: u64 = 64 * MIB;
/// Where the child process finds the set.
const VARIABLE: &str = "CHAINRULE_STREAMING_SET";

/// In shuffled order, and in a process of its own, because making the set takes memory too.
#[test]
fn memory_stays_flat_on_a_set_four_times_the_limit() {
    if let Ok(dir) = std::env::var(VARIABLE) {
        return train_within_the_limit(Path::new(&dir));
    }
    let dir = tempdir().unwrap();
    let digits = Mnist::sample().test;
    let pixels = digits.pixels();
    let pixels = pixels.as_slice().unwrap();
    let rounds = SET.div_ceil(pixels.len() as u64) as usize;
    let count = (rounds * digits.len()) as u32;
    let mut images = BufWriter::new(File::create(dir.path().join("images")).unwrap());
    for word in [0x0803, count, 28, 28] {
        images.write_all(&word.to_be_bytes()).unwrap();
    }
    for _ in 0..rounds {
        images.write_all(pixels).unwrap();
    }
    images.into_inner().unwrap();
    idx::write(dir.path().join("labels"), &arr1(&digits.labels().repeat(rounds))).unwrap();

    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "memory_stays_flat_on_a_set_four_times_the_limit", "--nocapture"])
        .env(VARIABLE, dir.path())
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{output}{}", String::from_utf8_lossy(&child.stderr));
    let line = output.lines().find(|line| line.contains("MiB of memory for"));
    println!("{}", line.unwrap_or_else(|| panic!("the child did not train: {output}")));
}

fn train_within_the_limit(dir: &Path) {
    let before = peak();
    let images = dir.join("images");
    let size = fs::metadata(&images).unwrap().len();
    let data = StreamedIdx::open(images, dir.join("labels"), 10).unwrap();
    let mut model = Sequential::new([28, 28, 1]).add(Flatten).unwrap().add(Dense::new(10)).unwrap();
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(512);
    let history = trainer.fit(&mut model, &data).unwrap();
    let grown = peak() - before;
    println!("{} MiB of memory for {} MiB of images", grown / MIB, size / MIB);
    assert!(history.last().unwrap().accuracy.unwrap() > 0.8);
    assert!(size >= SET && grown < LIMIT, "{grown} bytes for {size}");
}

/// The most memory that this process has ever had, in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    1024 * line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
}
