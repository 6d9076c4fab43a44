//! Which settings? A grid of learning rates, then Hyperband over three settings at once, by images
//! held out of the training set; the test images are looked at once, at the very end.
//!
//! ```text
//! cargo run --example tune
//! cargo run --example tune -- --file tune.jsonl      # interrupt it, and start it again
//! ```
//!
//! It computes for about 20 seconds, shared out among the cores.

#[macro_use]
mod print; // its `println!` survives a closed pipe

use std::path::PathBuf;

use chainrule::data::split;
use chainrule::prelude::*;
use chainrule::search::{Score, Search, Space, Trial};
use clap::Parser;
use serde::Serialize;

/// Searches for the settings of a small net that reads handwritten digits.
#[derive(Debug, Parser)]
struct Options {
    /// The most epochs that a trial may train
    #[arg(long, default_value_t = 27)]
    epochs: usize,
    /// What configs, weights, shuffling and dropout draw from
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many threads compute [default: one a core]
    #[arg(long)]
    threads: Option<usize>,
    /// Keeps the trials of Hyperband in this file, and goes on from there
    #[arg(long)]
    file: Option<PathBuf>,
}

/// What a trial may set.
#[derive(Debug, Clone, Serialize)]
struct Config {
    lr: f32,
    hidden: usize,
    dropout: f32,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let mnist = Mnist::sample();
    let [train, held_out] = split(&mnist.train, [0.8, 0.2], options.seed)?;
    let run = |trial: &Trial<Config>| -> Result<Score> {
        let (model, history) = fit(trial, &train, &held_out)?;
        Ok(Score::new(model.evaluate(&held_out, &SoftmaxCrossEntropy)?.loss).history(history))
    };
    let base = || Space::new(Config { lr: 1e-3, hidden: 64, dropout: 0.0 });
    let on_threads = |search: Search| match options.threads {
        Some(threads) => search.threads(threads),
        None => search,
    };

    println!("one setting on a grid: the learning rate\n");
    let rates = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0];
    let space = base().choice("lr", rates, |config, lr| config.lr = lr);
    let search = on_threads(Search::grid().epochs(5).seed(options.seed).trials_at_once(2));
    println!("{}", search.run(&space, run)?);

    println!("three settings by Hyperband: the ten best trials\n");
    let space = base()
        .log_uniform("lr", 1e-4..1e-1, |config, lr| config.lr = lr)
        .integers("hidden", 16..=256, |config, hidden| config.hidden = hidden)
        .uniform("dropout", 0.0..0.5, |config, dropout| config.dropout = dropout);
    let search = Search::hyperband(3).epochs(options.epochs).seed(options.seed);
    let mut search = on_threads(search.trials_at_once(2).progress(true));
    if let Some(file) = &options.file {
        search = search.file(file);
    }
    let results = search.run(&space, run)?;
    println!("{results:.10}");

    // The same seed: the best trial's net, to the last bit, and any number of threads trains it.
    let best = results.best()?;
    println!("the best: {:?}", best.config);
    let (model, _) = fit(&best.trial(1), &train, &held_out)?;
    let result = model.evaluate(&mnist.test, &SoftmaxCrossEntropy)?;
    let (wrong, total) = (result.wrong(), mnist.test.len());
    let accuracy = 100.0 * (total - wrong) as f64 / total as f64;
    println!("test accuracy {accuracy:.2} % ({wrong} of {total} wrong)");
    print::check()
}

/// Trains the net of a trial, until it has not improved for three epochs.
fn fit(
    trial: &Trial<Config>,
    train: &dyn Dataset,
    held_out: &dyn Dataset,
) -> Result<(Sequential, History)> {
    let Config { lr, hidden, dropout } = trial.config;
    let mut model = Sequential::new([28, 28, 1])
        .add(Flatten)?
        .add(Dense::new(hidden))?
        .add(Relu)?
        .add(Dropout::new(dropout))?
        .add(Dense::new(10))?
        .initialize(trial.seed);
    let history = Trainer::new(SoftmaxCrossEntropy, Adam::new(lr))
        .epochs(trial.epochs)
        .seed(trial.seed)
        .threads(trial.threads)
        .validation(held_out)
        .callback(EarlyStopping::new(3))
        .fit(&mut model, train)?;
    Ok((model, history))
}
