//! A small residual network: each block learns what to add to its input, and batch normalization
//! keeps what flows at one scale.
//!
//! ```text
//! cargo run --example mnist_resnet
//! ```
//!
//! The blocks are those of K. He et al., "Deep residual learning for image recognition", CVPR 2016.

#[macro_use]
mod print; // its `println!` survives a closed pipe
mod common;

use chainrule::prelude::*;
use clap::Parser;

/// A convolution and its normalization, which makes a bias of its own needless.
struct ConvNorm {
    filters: usize,
    kernel: usize,
    stride: usize,
}

impl Block for ConvNorm {
    fn add_to(self, model: Sequential) -> Result<Sequential> {
        let conv = Conv2d::new(self.filters, self.kernel).stride(self.stride);
        let conv = conv.padding(Padding::Same).init(Init::HeNormal).bias(false);
        model.add(conv)?.add(BatchNorm::new())
    }
}

/// Two convolutions beside a shortcut. With a stride the image shrinks, and so must the shortcut.
fn block(filters: usize, stride: usize) -> Residual {
    let layers = Residual::new(move |x| {
        x.add(ConvNorm { filters, kernel: 3, stride })?.add(Relu)?.add(ConvNorm {
            filters,
            kernel: 3,
            stride: 1,
        })
    });
    match stride {
        1 => layers,
        _ => layers.projection(move |x| x.add(ConvNorm { filters, kernel: 1, stride })),
    }
}

fn main() -> Result<()> {
    let options = common::Options::parse();
    let model = Sequential::new([28, 28, 1])
        .add(ConvNorm { filters: 16, kernel: 3, stride: 1 })?
        .add(Relu)?
        .add(block(16, 1))?
        .add(Relu)?
        .add(block(32, 2))?
        .add(Relu)?
        .add(block(64, 2))?
        .add(Relu)?
        .add(AvgPool2d::new(7))?
        .add(Flatten)?
        .add(Dense::new(10))?
        .initialize(options.seed);
    common::train_and_report(model, &options)
}
