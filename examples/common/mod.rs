//! What the MNIST examples share: their options, their data, and how they report.

use std::path::PathBuf;

use chainrule::prelude::*;
use clap::Parser;

/// Trains a network on MNIST, and tells how well it reads the test images.
#[derive(Debug, Parser)]
pub struct Options {
    /// Where MNIST's files are [default: data, and without it the sample in the crate]
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// How many times to go through the training images
    #[arg(long, default_value_t = 10)]
    pub epochs: usize,
    /// How many images make a step
    #[arg(long, default_value_t = 128)]
    pub batch_size: usize,
    /// Adam's learning rate at its highest
    #[arg(long, default_value_t = 0.01)]
    pub lr: f32,
    /// What the weights, the shuffling and dropout draw from
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// How many threads compute [default: one a core]
    #[arg(long)]
    pub threads: Option<usize>,
}

/// Trains the model on MNIST as the options say, tests it, and reports.
pub fn train_and_report(mut model: Sequential, options: &Options) -> Result<()> {
    let mnist = load(options)?;
    println!("{}", model.summary());

    // Chosen on 10,000 images held out of the training set: there, three epochs of the
    // convolutional net came to 99.0 %, and to 98.3 % at a constant 0.001.
    let adam = Adam::new(options.lr).betas(0.9, 0.99);
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, adam)
        .schedule(OneCycle::new(0.2))
        .epochs(options.epochs)
        .batch_size(options.batch_size)
        .seed(options.seed)
        .progress(true);
    if let Some(threads) = options.threads {
        trainer = trainer.threads(threads);
    }
    trainer.fit(&mut model, &mnist.train)?;

    let result = model.evaluate(&mnist.test, &SoftmaxCrossEntropy)?;
    println!("{}", result.confusion(mnist.test.classes()));

    let worst = result.worst(3);
    for &i in &worst {
        print!("{:<30}", format!("a {} taken for a {}", result.actual[i], result.predicted[i]));
    }
    let images: Vec<_> = worst.iter().map(|&i| mnist.test.image(i)).collect();
    println!("\n{}\n", draw(&images));

    let (wrong, total) = (result.wrong(), mnist.test.len());
    let accuracy = 100.0 * (total - wrong) as f64 / total as f64;
    println!("test accuracy {accuracy:.2} % ({wrong} of {total} wrong)");
    Ok(())
}

/// The full set from the directory asked for or from `data`, else the sample.
fn load(options: &Options) -> Result<Mnist> {
    let dir = options.data.clone().unwrap_or("data".into());
    match Mnist::load(&dir) {
        Ok(mnist) => {
            let (train, test) = (mnist.train.len(), mnist.test.len());
            println!("data: {}, {train} + {test} images\n", dir.display());
            Ok(mnist)
        }
        // Unless it was asked for, the full set may be absent; but not damaged.
        Err(DataError::MissingFile { .. }) if options.data.is_none() => {
            println!("data: the sample in the crate, 10,000 + 10,000 images of MNIST");
            println!("      (./data-fetch.sh brings the full set, 60,000 + 10,000)\n");
            Ok(Mnist::sample())
        }
        Err(error) => Err(error.into()),
    }
}
