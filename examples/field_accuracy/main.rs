//! Counts the generated fields of digits that are read rightly, by what makes them hard.
//!
//! ```text
//! cargo run --example field_accuracy -- --fields 1000
//! ```
//!
//! The fields are made of test images of MNIST. A field is right if all of its digits are; it is rejected
//! if the reader says that it is not sure; else it is wrong. The column "at 0.5 %" is the share of fields that
//! may be read, the surest first, before one in 200 of them is wrong.

#[macro_use]
#[path = "../print/mod.rs"]
mod print; // its `println!` survives a closed pipe
mod generate;

use std::path::PathBuf;
use std::time::Instant;

use chainrule::error::FileError;
use chainrule::field::{FieldReader, Reading};
use chainrule::metrics::RiskCoverage;
use chainrule::ndarray::Axis;
use chainrule::prelude::*;
use chainrule::random::Key;
use clap::Parser;
use generate::{Field, Kind, field};
use rayon::prelude::*;

/// Share of wrong ones among the fields that are read, for the column "at 0.5 %".
const RISK: f64 = 0.005;

/// Counts the generated fields that are read rightly.
#[derive(Debug, Parser)]
struct Options {
    /// Number of fields of each kind
    #[arg(long, default_value_t = 500)]
    fields: u64,
    /// Number of digits of a field
    #[arg(long, default_value_t = 5)]
    digits: usize,
    /// Says to the reader how many digits there are
    #[arg(long)]
    expect: bool,
    /// Confidence below which a reading is rejected
    #[arg(long, default_value_t = 0.8)]
    confidence: f32,
    /// Another model than the one in the crate
    #[arg(long)]
    model: Option<PathBuf>,
    /// Folder of MNIST's files; without them, the sample in the crate
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Number that the fields are drawn from
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Makes the fields of the 5,000 training images that the model was not trained on, to choose by
    #[arg(long)]
    held_out: bool,
    /// Saves the first fields that are not right in this folder
    #[arg(long)]
    mistakes: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let mnist = Mnist::load(&options.data).unwrap_or_else(|_| Mnist::sample());
    let digits = if options.held_out { last(&mnist.train, 5_000)? } else { mnist.test };
    let file = match &options.model {
        Some(path) => ModelFile::load(path)?,
        None => ModelFile::digits(),
    };
    let mut reader = FieldReader::new(&file)?.confidence(options.confidence);
    if options.expect {
        reader = reader.expect(options.digits);
    }
    println!(
        "{:<36} {:>8} {:>9} {:>8} {:>9} {:>10}",
        "fields", "right", "rejected", "wrong", "at 0.5 %", "time"
    );
    for kind in Kind::ALL {
        let key = Key::new(options.seed).fold(kind as u64);
        let read = |index: u64| {
            let field = field(&digits, options.digits, kind, key.fold(index));
            let start = Instant::now();
            let reading = reader.read(&field.picture);
            (field, reading, start.elapsed().as_secs_f64())
        };
        let results: Vec<(Field, Result<Reading>, f64)> =
            (0..options.fields).into_par_iter().map(read).collect();
        let (mut right, mut rejected, mut wrong, mut time) = (0, 0, 0, 0.0);
        let mut answers = Vec::new();
        let mut shown = 0;
        for (index, (field, reading, seconds)) in results.into_iter().enumerate() {
            let reading = reading?;
            time += seconds;
            let text: String = field.digits.iter().map(|&digit| char::from(b'0' + digit)).collect();
            let outcome = match reading.reason() {
                Some(_) => &mut rejected,
                None if reading.text() == text => &mut right,
                None => &mut wrong,
            };
            *outcome += 1;
            // A field that is rejected in spite of its confidence is never read.
            let is_sure = reading.confidence >= options.confidence;
            let never = is_sure && reading.reason().is_some();
            answers.push((if never { 0.0 } else { reading.confidence }, reading.text() == text));
            let is_right = reading.reason().is_none() && reading.text() == text;
            if let (false, Some(folder), true) = (is_right, &options.mistakes, shown < 12) {
                shown += 1;
                println!(
                    "  {kind:?} {index}: {text} read as {} ({:?})",
                    reading.text(),
                    reading.reason()
                );
                let name = format!("{kind:?}-{index}-{text}.png");
                std::fs::create_dir_all(folder)
                    .map_err(|source| FileError::Io { path: folder.clone(), source })?;
                reading.explain(&field.picture).save_png(folder.join(name))?;
            }
        }
        let share = |count: i32| 100.0 * f64::from(count) / options.fields as f64;
        println!(
            "{:<36} {:>6.1} % {:>7.1} % {:>6.1} % {:>7.1} % {:>7.1} ms",
            kind.name(),
            share(right),
            share(rejected),
            share(wrong),
            100.0 * RiskCoverage::new(answers).map_or(0.0, |curve| curve.coverage(RISK)),
            1000.0 * time / options.fields as f64,
        );
    }
    print::check()
}

/// The last images of a set.
fn last(images: &Images, count: usize) -> Result<Images> {
    let from = images.len().saturating_sub(count);
    let pixels = images.pixels().slice_axis(Axis(0), (from..).into()).to_owned();
    Ok(Images::new(pixels, images.labels()[from..].to_vec(), images.classes())?)
}
