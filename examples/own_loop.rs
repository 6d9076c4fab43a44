//! A training loop of one's own, step by step: a network learns to read digits in steps of 256 images,
//! of which 64 at a time are in memory, and comes to the same weights as with all 256 at once.
//!
//! ```text
//! cargo run --example own_loop
//! ```
//!
//! The loop does what `Trainer::fit` does for others: it draws the batches, sets the learning rate, and
//! decides what to print. A `Stepper` makes the steps.

#[macro_use]
mod print; // its `println!` survives a closed pipe

use chainrule::data::Mnist;
use chainrule::prelude::*;
use chainrule::random::Key;
use rand::seq::SliceRandom;

const EPOCHS: usize = 5;
const BATCH: usize = 64;
/// Batches of a step, whose gradients are added up.
const BATCHES: usize = 4;
const RATE: f32 = 0.005;

fn main() -> Result<()> {
    let mnist = Mnist::sample();
    let mut model = Sequential::new([28, 28, 1])
        .add(Conv2d::new(8, 3).stride(2))?
        .add(Relu)?
        .add(Flatten)?
        .add(Dense::new(64))?
        .add(Relu)?
        .add(Dense::new(10))?
        .initialize(1);
    let mut large = model.clone();

    // The stepper takes its settings from a trainer. The learning rate is up to the loop.
    let trainer =
        || Trainer::new(SoftmaxCrossEntropy, Adam::new(RATE)).clip(Clip::global_norm(1.0));
    let mut stepper = trainer().stepper(&model)?;
    let mut large_stepper = trainer().stepper(&large)?;

    let mut order: Vec<usize> = (0..mnist.train.len()).collect();
    let steps = EPOCHS * order.len().div_ceil(BATCHES * BATCH);
    for epoch in 1..=EPOCHS {
        order.shuffle(&mut Key::new(1).fold(epoch as u64).rng());
        let (mut loss, mut correct) = (0.0, 0);
        for indices in order.chunks(BATCHES * BATCH) {
            for batch in indices.chunks(BATCH) {
                stepper.accumulate(&model, &mnist.train, batch)?;
            }
            loss += stepper.loss() * indices.len() as f64;
            correct += stepper.correct();

            // From RATE down to nothing, in a straight line.
            let rate = RATE * (1.0 - stepper.steps() as f32 / steps as f32);
            stepper.update(&mut model, rate)?;

            // The same step with all its images at once.
            large_stepper.accumulate(&large, &mnist.train, indices)?;
            large_stepper.update(&mut large, rate)?;
        }
        let (n, result) = (order.len() as f64, model.evaluate(&mnist.test, &SoftmaxCrossEntropy)?);
        println!(
            "epoch {epoch}: loss {:.4}, accuracy {:.2} %, on the test images {:.2} %",
            loss / n,
            100.0 * correct as f64 / n,
            100.0 * result.accuracy.unwrap_or(0.0),
        );
    }
    assert!(model.params() == large.params(), "the weights differ");
    println!(
        "{BATCHES} batches of {BATCH} a step come to the weights of one of {}, bit for bit",
        BATCHES * BATCH
    );
    print::check()
}
