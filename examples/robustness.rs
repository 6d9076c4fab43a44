//! What does augmentation do for a net? It bears more of what it was trained with, and perhaps less of
//! the rest.
//!
//! ```text
//! cargo run --example robustness
//! ```
//!
//! The net of `mnist_cnn` learns from the sample of MNIST for eight epochs, once from the images as
//! they are and once from augmented ones. Then both read 2,000 test images that are turned, shifted, noisy,
//! blurred, pale, too thick, too thin, and partly covered. It prints a table for each, and writes the
//! curves of both to `robustness.svg`.

#[macro_use]
mod print; // its `println!` survives a closed pipe

use chainrule::data::augment::{Augment, GaussianNoise, Rotate, Scale, Shift, Thickness};
use chainrule::prelude::*;
use chainrule::report::robustness::{Robustness, save_svg};

fn main() -> Result<()> {
    let mnist = Mnist::sample();
    let test = mnist.test.take(2000)?;
    let augment = Augment::new()
        .with(Rotate::degrees(25.0))
        .with(Scale::between(0.9..=1.1))
        .with(Shift::pixels(3.0))
        .sometimes(0.3, Thickness::pixels(0.7))
        .sometimes(0.3, GaussianNoise::new(0.2));
    println!("augmentation: {augment}\n");

    let trainer = || {
        Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01).betas(0.9, 0.99))
            .schedule(OneCycle::new(0.2))
            .epochs(8)
            .progress(true)
    };
    let mut reports = Vec::new();
    for (name, mut trainer) in [("plain", trainer()), ("augmented", trainer().augment(augment))] {
        let mut model = convnet()?;
        trainer.fit(&mut model, &mnist.train)?;
        let report = Robustness::new().evaluate(&model, &test, &SoftmaxCrossEntropy)?;
        println!("\ntrained on {name} images\n\n{report}\n");
        reports.push((name, report));
    }
    let reports: Vec<_> = reports.iter().map(|(name, report)| (*name, report)).collect();
    save_svg(&reports, "robustness.svg")?;
    print::check()
}

fn convnet() -> Result<Sequential> {
    Sequential::new([28, 28, 1])
        .add(Conv2d::new(32, 3).init(Init::HeNormal))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(64, 3).init(Init::HeNormal))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Flatten)?
        .add(Dropout::new(0.5))?
        .add(Dense::new(10))
}
