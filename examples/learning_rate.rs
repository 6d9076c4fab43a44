//! Which learning rate? A sweep over a hundred batches tells, before any training.
//!
//! ```text
//! cargo run --example learning_rate
//! ```
//!
//! It prints the sweep's chart, writes it to `learning-rate.svg`, and then trains for one epoch each
//! with a tenth of the suggested rate, with the rate itself and with ten times it. The net is that
//! of `mnist_cnn`.

#[macro_use]
mod print; // its `println!` survives a closed pipe

use chainrule::data::split;
use chainrule::prelude::*;

fn main() -> Result<()> {
    // The test images stay out of it: a choice made by them would flatter the net that they test.
    let digits = Mnist::sample().train;
    let [train, held_out] = split(&digits, [0.8, 0.2], 0)?;

    let model = convnet()?;
    let trainer = |rate| Trainer::new(SoftmaxCrossEntropy, Adam::new(rate));
    let rates = trainer(0.0).find_learning_rate(&model, &train, 1e-6..1.0)?;
    println!("{rates}\n");
    rates.save_svg("learning-rate.svg")?;

    let Some(suggestion) = rates.suggestion() else { return print::check() };
    for rate in [0.1 * suggestion, suggestion, 10.0 * suggestion] {
        let mut model = model.clone();
        trainer(rate).fit(&mut model, &train)?;
        let result = model.evaluate(&held_out, &SoftmaxCrossEntropy)?;
        let accuracy =
            100.0 * (result.actual.len() - result.wrong()) as f64 / held_out.len() as f64;
        println!("one epoch at {rate:.1e}: {accuracy:.2} % of the images held out");
    }
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
