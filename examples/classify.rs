//! Reads the one digit of a photograph or a scan.
//!
//! ```text
//! cargo run --example classify -- examples/photos/7.jpg
//! ```
//!
//! Shows the 28×28 pixels that the network gets, the probability of each class, and as the last line the
//! digit, or that it is not sure. `--stages out.png` draws how the picture came to be those pixels.

#[macro_use]
mod print; // its `println!` survives a closed pipe
mod pictures;
mod verdict;

use std::path::{Path, PathBuf};

use chainrule::error::{FileError, IntakeError};
use chainrule::intake::{Grey, Stages};
use chainrule::ndarray::Array3;
use chainrule::prelude::*;
use chainrule::sequential::Classification;
use clap::Parser;

/// Widest bar of a probability, in characters.
const BAR: f32 = 40.0;

/// Reads the one digit of each picture.
#[derive(Debug, Parser)]
struct Options {
    /// PNG or JPEG files, each of one digit
    #[arg(required = true)]
    pictures: Vec<PathBuf>,
    /// Model to ask instead of the one in the crate
    #[arg(long)]
    model: Option<PathBuf>,
    /// Largest picture that is decoded, in MiB
    #[arg(long, default_value_t = 256)]
    most_mib: u64,
    /// Draws the stages of the first picture
    #[arg(long, value_name = "FILE")]
    stages: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let file = match &options.model {
        Some(path) => ModelFile::load(path)?,
        None => ModelFile::digits(),
    };
    let mut failed = None;
    let mut drawing = options.stages.as_deref();
    for batch in pictures::batches(&options.pictures, options.most_mib << 20, None) {
        let answers = file.classify_greys(&batch.pictures)?;
        for (path, answer) in batch.with(answers) {
            if options.pictures.len() > 1 {
                println!("\n{}", path.display());
            }
            let drawing = drawing.take();
            match answer.and_then(|(_, answer)| Ok(answer?)) {
                Ok((answer, stages)) => {
                    if let Some(path) = drawing {
                        save(&stages, path)?;
                    }
                    show(&file, &answer, &stages);
                }
                Err(Error::Intake(reason @ IntakeError::NoInk { .. })) => {
                    println!("{reason}\nno digit: nothing is written");
                }
                // The others are read all the same; the program fails at its end.
                Err(error) => {
                    if options.pictures.len() > 1 {
                        println!("{error}");
                    }
                    failed.get_or_insert(error);
                }
            }
        }
    }
    failed.map_or_else(print::check, Err)
}

/// Draws what the network got, and shows the probabilities and the digit.
fn show(file: &ModelFile, answer: &Classification<'_>, stages: &Stages) {
    println!("{}\n", draw(&[pixels(&stages.input).view()]));
    let classes = file.model.class_names();
    for (class, name) in classes.iter().enumerate() {
        let p = answer.probability(class).unwrap_or(0.0);
        println!("{name:>5} {:>6.1} % {}", 100.0 * p, "█".repeat((BAR * p).round() as usize));
    }
    println!("{}", verdict::verdict(answer));
}

/// A grey picture as bytes.
fn pixels(grey: &Grey) -> Array3<u8> {
    let byte = |(y, x, _)| (255.0 * grey.at(y, x)).round() as u8;
    Array3::from_shape_fn((grey.height(), grey.width(), 1), byte)
}

/// Draws the stages in a row.
fn save(stages: &Stages, path: &Path) -> Result<(), FileError> {
    let picture = |(_, grey): &(&str, Grey)| {
        let picture = Picture::of_sample(&[grey.height(), grey.width(), 1], grey.pixels());
        let picture = picture.expect("a grey picture has one channel");
        picture.larger(240 / grey.height().max(grey.width()).max(1))
    };
    let pictures: Vec<Picture> = stages.pictures().iter().map(picture).collect();
    Picture::sheet(&pictures, pictures.len(), 8).expect("there are stages").save_png(path)
}
