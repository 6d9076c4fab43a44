//! A depthwise-separable network: a convolution in two cheap steps, first each channel by itself,
//! then every pixel by itself.
//!
//! A 3×3 convolution from 64 to 64 channels takes 9·64·64 products a pixel. A 3×3 window over each
//! channel and a 1×1 convolution that mixes the channels take 9·64 + 64·64: an eighth.
//!
//! ```text
//! cargo run --example mnist_separable
//! ```
//!
//! After A. Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision
//! applications", 2017.

#[macro_use]
mod print; // its `println!` survives a closed pipe
mod common;

use chainrule::prelude::*;
use clap::Parser;

/// Each channel by itself, then every pixel by itself; both normalized.
struct Separable {
    filters: usize,
    stride: usize,
}

impl Block for Separable {
    fn add_to(self, model: Sequential) -> Result<Sequential> {
        let depthwise = Conv2d::depthwise(3).stride(self.stride).padding(Padding::Same);
        model
            .add(depthwise.init(Init::HeNormal).bias(false))?
            .add(BatchNorm::new())?
            .add(Relu)?
            .add(Conv2d::new(self.filters, 1).init(Init::HeNormal).bias(false))?
            .add(BatchNorm::new())?
            .add(Relu)
    }
}

fn main() -> Result<()> {
    let options = common::Options::parse();
    let model = Sequential::new([28, 28, 1])
        .add(Conv2d::new(16, 3).padding(Padding::Same).init(Init::HeNormal).bias(false))?
        .add(BatchNorm::new())?
        .add(Relu)?
        .add(Separable { filters: 32, stride: 2 })?
        .add(Separable { filters: 32, stride: 1 })?
        .add(Separable { filters: 64, stride: 2 })?
        .add(Separable { filters: 64, stride: 1 })?
        .add(GlobalAvgPool2d)?
        .add(Dense::new(10))?
        .initialize(options.seed);
    common::train_and_report(model, &options)
}
