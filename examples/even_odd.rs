//! A digit classifier becomes an even/odd classifier: its layers stay and are frozen, and only a new
//! head learns. No backward pass runs through the frozen body, so an epoch takes a fraction of the time.
//!
//! ```text
//! cargo run --example even_odd
//! ```

#[macro_use]
mod print; // its `println!` survives a closed pipe

use chainrule::prelude::*;

const EPOCHS: usize = 5;

fn main() -> Result<()> {
    let mnist = Mnist::sample();
    let digits = digit_classifier(&mnist.train)?;
    let accuracy = digits.evaluate(&mnist.test, &SoftmaxCrossEntropy)?.accuracy.unwrap_or(0.0);
    println!("ten digits: {:.2} % of the test images\n", 100.0 * accuracy);

    // The same images with two classes, and few of them to learn from.
    let train = even_odd(&mnist.train.take(2000)?)?;
    let test = even_odd(&mnist.test)?;

    // Without its last layer, the model gives 64 features of an image.
    let body = digits.without_last(1)?;
    let frozen = body.clone().freeze(..)?.add(Dense::new(2))?;
    let free = body.add(Dense::new(2))?;
    println!("{}", frozen.summary());

    let learned = |model: &Sequential| -> usize {
        let arrays = model.layers().flat_map(|layer| layer.params());
        arrays.filter(|own| own.trainable && !own.frozen).map(|own| own.values.len()).sum()
    };
    println!("Body        Learns    Seconds an epoch    Test accuracy");
    for (name, mut model) in [("frozen", frozen), ("free", free)] {
        let mut trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).epochs(EPOCHS);
        let history = trainer.fit(&mut model, &train)?;
        // The fastest epoch, which other programs have disturbed least.
        let seconds = history.epochs.iter().map(|epoch| epoch.seconds).fold(f64::MAX, f64::min);
        let result = model.evaluate(&test, &SoftmaxCrossEntropy)?;
        println!(
            "{name:<10}{:>8}{seconds:>20.3}{:>15.2} %",
            learned(&model),
            100.0 * result.accuracy.unwrap_or(0.0)
        );
    }
    print::check()
}

/// Trains a convolutional network on the ten digits.
fn digit_classifier(images: &Images) -> Result<Sequential> {
    let mut model = Sequential::new([28, 28, 1])
        .add(Conv2d::new(16, 3).bias(false))?
        .add(BatchNorm::new())?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(32, 3).bias(false))?
        .add(BatchNorm::new())?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Flatten)?
        .add(Dense::new(64))?
        .add(Relu)?
        .add(Dense::new(10))?
        .initialize(1);
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.005))
        .schedule(OneCycle::new(0.3))
        .epochs(2)
        .fit(&mut model, images)?;
    Ok(model)
}

/// The same images, told apart as even (0) and odd (1).
fn even_odd(images: &Images) -> Result<Images> {
    let labels: Vec<u8> = images.labels().iter().map(|digit| digit % 2).collect();
    Ok(Images::new(images.pixels().to_owned(), labels, 2)?.with_class_names(["even", "odd"])?)
}
