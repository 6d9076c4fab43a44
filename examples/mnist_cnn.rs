//! A convolutional network reads handwritten digits: 98.5 % of the test images after the sample of
//! MNIST in the crate, 99.3 % after the full set.
//!
//! ```text
//! cargo run --example mnist_cnn
//! cargo run --example mnist_cnn -- --augment --epochs 30 --report report.html
//! ```
//!
//! The net is that of Keras's "Simple MNIST convnet".

#[macro_use]
mod print; // its `println!` survives a closed pipe
mod common;

use chainrule::prelude::*;
use clap::Parser;

fn main() -> Result<()> {
    let options = common::Options::parse();
    let model = Sequential::new([28, 28, 1])
        .add(Conv2d::new(32, 3).init(Init::HeNormal))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(64, 3).init(Init::HeNormal))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Flatten)?
        .add(Dropout::new(0.5))?
        .add(Dense::new(10))?
        .initialize(options.seed);
    common::train_and_report(model, &options)
}
