//! Reads a field of digits: an amount, a zip code, a number on a form.
//!
//! ```text
//! cargo run --example read_digits -- examples/photos/20415.png --expect 5 --explain out.png
//! ```
//!
//! The last line is the digits alone, or why they are not to be trusted. `--json` prints digits, rectangles
//! and confidences instead, a line for each picture. Many pictures are read in batches.

#[macro_use]
#[path = "../print/mod.rs"]
mod print; // its `println!` survives a closed pipe
mod check;
#[path = "../pictures/mod.rs"]
mod pictures;

use std::path::PathBuf;

use chainrule::field::{FieldReader, Reading};
use chainrule::intake::{Area, Grey};
use chainrule::prelude::*;
use check::Check;
use clap::Parser;
use serde_json::json;

/// Reads the digits of each picture.
#[derive(Debug, Parser)]
struct Options {
    /// PNG or JPEG files
    #[arg(required = true)]
    pictures: Vec<PathBuf>,
    /// Rectangle of the field in the picture, in pixels
    #[arg(long, value_name = "X,Y,W,H", value_parser = area)]
    field: Option<Area>,
    /// Reads small ink at the foot of the line as a decimal point
    #[arg(long)]
    amount: bool,
    /// Number of digits; a field with another number is not trusted
    #[arg(long)]
    expect: Option<usize>,
    /// Rule that the number keeps; it chooses between readings, too
    #[arg(long)]
    check: Option<Check>,
    /// Letters of an IBAN's country, for `--check iban`
    #[arg(long, default_value = "DE")]
    country: String,
    /// Confidence below which a reading is not trusted, from 0 to 1
    #[arg(long, default_value_t = 0.8)]
    confidence: f32,
    /// Reads every line of digits instead of the longest one
    #[arg(long)]
    lines: bool,
    /// Model to ask instead of the one in the crate
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Largest picture that is decoded, in MiB
    #[arg(long, default_value_t = 256)]
    most_mib: u64,
    /// Prints JSON
    #[arg(long)]
    json: bool,
    /// Draws what was read where in the first picture
    #[arg(long, value_name = "FILE")]
    explain: Option<PathBuf>,
}

/// Reads `x,y,width,height`.
fn area(text: &str) -> Result<Area, String> {
    let numbers: Result<Vec<usize>, _> = text.split(',').map(|n| n.trim().parse()).collect();
    match numbers.as_deref() {
        Ok(&[left, top, width, height]) if width > 0 && height > 0 => {
            Ok(Area { top, left, height, width })
        }
        _ => {
            Err("wanted four numbers, as 40,120,300,60: column, row, width and height in pixels"
                .into())
        }
    }
}

fn main() -> Result<()> {
    let options = Options::parse();
    let file = match &options.model {
        Some(path) => ModelFile::load(path)?,
        None => ModelFile::digits(),
    };
    let mut reader = FieldReader::new(&file)?.confidence(options.confidence);
    if let Some(digits) = options.expect {
        reader = reader.expect(digits);
    }
    if options.amount {
        reader = reader.separators();
    }
    let (mut read, mut rejected, mut failed) = (0, 0, None);
    let mut drawing = options.explain.as_deref();
    for batch in pictures::batches(&options.pictures, options.most_mib << 20, options.field) {
        let pages = readings(&reader, &batch.pictures, &options)?;
        for (path, page) in batch.with(pages) {
            if options.pictures.len() > 1 && !options.json {
                println!("\n{}", path.display());
            }
            let drawing = drawing.take();
            let (picture, readings) = match page {
                Ok(page) => page,
                // The others are read all the same; the program fails at its end.
                Err(error) => {
                    if options.json {
                        let picture = path.display().to_string();
                        println!("{}", json!({ "picture": picture, "error": error.to_string() }));
                    } else if options.pictures.len() > 1 {
                        println!("{error}");
                    }
                    failed.get_or_insert(error);
                    continue;
                }
            };
            if let Some(path) = drawing {
                Reading::explain_all(&readings, &picture).save_png(path)?;
            }
            if options.json {
                let picture = path.display().to_string();
                println!("{}", json!({ "picture": picture, "readings": readings }));
            }
            for reading in &readings {
                match reading.reason() {
                    Some(_) => rejected += 1,
                    None => read += 1,
                }
                if !options.json {
                    show(reading);
                }
            }
        }
    }
    if options.pictures.len() > 1 && !options.json {
        println!("\n{read} read, {rejected} rejected");
    }
    failed.map_or_else(print::check, Err)
}

/// Reads pictures in one batch: every line of each, or the longest one.
fn readings(
    reader: &FieldReader<'_>,
    pictures: &[Grey],
    options: &Options,
) -> Result<Vec<Vec<Reading>>> {
    let mut pages = match options.lines {
        true => reader.read_lines_many(pictures)?,
        false => reader.read_many(pictures)?.into_iter().map(|reading| vec![reading]).collect(),
    };
    if let Some(check) = options.check {
        let passes = |text: &str| check.passes(text, &options.country);
        for reading in pages.iter_mut().flatten() {
            *reading = reading.checked(options.confidence, passes);
        }
    }
    Ok(pages)
}

/// Prints the digits with their confidences, and the number or the reason why it is not to be trusted.
fn show(reading: &Reading) {
    for digit in &reading.digits {
        let Area { top, left, height, width } = digit.area;
        let doubt = digit.rejected.as_deref().map(|_| "  ?").unwrap_or_default();
        let sure = 100.0 * digit.confidence;
        println!(
            "{}  {sure:5.1} %  at column {left}, row {top}, {width}×{height}{doubt}",
            digit.digit
        );
    }
    match reading.reason() {
        Some(reason) if reading.digits.is_empty() => println!("{reason}"),
        Some(reason) => println!("rejected: {}, {reason}", reading.text()),
        None => println!("{}", reading.text()),
    }
}
