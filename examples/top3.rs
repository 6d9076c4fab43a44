//! From a file to an answer: a model file says what a digit is, by name and with probabilities.
//!
//! ```text
//! cargo run --example top3
//! ```
//!
//! The first run trains a small convolutional network on the sample of MNIST and saves it as
//! `digits.safetensors`; later ones load that file. A program that only loads and asks needs nothing
//! of what trained the model: the file holds its layers, the scaling of pixels and the names of the
//! classes.

#[macro_use]
mod print; // its `println!` survives a closed pipe

use std::path::Path;

use chainrule::prelude::*;

const NAMES: [&str; 10] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

fn main() -> Result<()> {
    let mnist = Mnist::sample();
    let path = Path::new("digits.safetensors");
    if !path.exists() {
        train(&mnist.train.with_class_names(NAMES)?)?.save(path)?;
        println!("saved {}\n", path.display());
    }

    let file = ModelFile::load(path)?;
    // Three digits that are easy to read, and three that are not.
    for digits in [[0, 1, 2], [115, 321, 582]] {
        let images = digits.map(|i| mnist.test.image(i));
        let pixels: Vec<u8> = images.iter().flatten().copied().collect();
        let answers = file.classify_many(&pixels)?;
        println!("{}\n", draw(&images));
        for rank in 0..3 {
            let row: String =
                answers.iter().map(|answer| format!("{:<30}", answer.top(3)[rank])).collect();
            println!("{}", row.trim_end());
        }
        println!();
    }
    print::check()
}

/// Trains a network for four epochs, and adds what one must know to use it.
fn train(images: &Images) -> Result<ModelFile> {
    let mut model = Sequential::new([28, 28, 1])
        .add(Conv2d::new(16, 3).init(Init::HeNormal))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(32, 3).init(Init::HeNormal))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Flatten)?
        .add(Dropout::new(0.3))?
        .add(Dense::new(10))?;
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01).betas(0.9, 0.99))
        .schedule(OneCycle::new(0.2))
        .epochs(4)
        .progress(true)
        .fit(&mut model, images)?;
    Ok(ModelFile::new(model).scaling(Scaling::pixels())?.loss(&SoftmaxCrossEntropy))
}
