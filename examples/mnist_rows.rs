//! An image of a digit, read row by row: a recurrent layer sees 28 pixels at each of 28 steps.
//!
//! ```text
//! cargo run --release --example mnist_rows
//! ```
//!
//! After Q. Le, N. Jaitly, G. Hinton, "A simple way to initialize recurrent networks of rectified linear units",
//! 2015, which reads an image pixel by pixel.

#[macro_use]
mod print; // its `println!` survives a closed pipe
mod common;

use chainrule::prelude::*;
use clap::Parser;

fn main() -> Result<()> {
    let options = common::Options::parse();
    let model = Sequential::new([28, 28, 1])
        .add(Reshape::new([28, 28]))?
        .add(Gru::new(96))?
        .add(Dense::new(10))?
        .initialize(options.seed);
    common::train_and_report(model, &options)
}
