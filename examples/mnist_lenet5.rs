//! LeNet-5, which read the cheques of the nineties: 6 and 16 filters, tanh, mean pooling.
//!
//! ```text
//! cargo run --example mnist_lenet5
//! ```
//!
//! As in Y. LeCun et al., "Gradient-based learning applied to document recognition", Proc. IEEE 86,
//! 1998, but for what nobody does any more: its pooling layers had weights, its second convolution
//! left out some connections to save products, and its output measured distances.

#[macro_use]
mod print; // its `println!` survives a closed pipe
mod common;

use chainrule::prelude::*;
use clap::Parser;

fn main() -> Result<()> {
    let options = common::Options::parse();
    let model = Sequential::new([28, 28, 1])
        .add(Conv2d::new(6, 5).padding(Padding::Same))?
        .add(Tanh)?
        .add(AvgPool2d::new(2))?
        .add(Conv2d::new(16, 5))?
        .add(Tanh)?
        .add(AvgPool2d::new(2))?
        .add(Flatten)?
        .add(Dense::new(120))?
        .add(Tanh)?
        .add(Dense::new(84))?
        .add(Tanh)?
        .add(Dense::new(10))?
        .initialize(options.seed);
    common::train_and_report(model, &options)
}
