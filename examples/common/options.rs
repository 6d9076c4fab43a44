//! The options of the MNIST examples.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

/// Trains a network on MNIST, and tells how well it reads the test images.
#[derive(Debug, Parser)]
pub struct Options {
    /// Where MNIST's files are [default: data, and without it the sample in the crate]
    #[arg(long, value_name = "FOLDER")]
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
    /// Turns, scales and shifts each image a little, in every epoch anew
    #[arg(long)]
    pub augment: bool,
    /// Trains on all training images, instead of holding out a tenth of them for validation
    #[arg(long)]
    pub train_on_all: bool,
    /// Stops if the loss on the images held out has not improved for more than this number of epochs,
    /// and takes the weights of the best epoch
    #[arg(long, value_name = "EPOCHS", conflicts_with = "train_on_all")]
    pub patience: Option<usize>,
    /// Saves the run in this folder, after every epoch and when Ctrl-C is pressed
    #[arg(long, value_name = "FOLDER")]
    pub checkpoints: Option<PathBuf>,
    /// Goes on from the newest checkpoint in that folder
    #[arg(long, requires = "checkpoints")]
    pub resume: bool,
    /// Stops after this number of seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub seconds: Option<Duration>,
    /// Logs each epoch to a table, or to lines of JSON if the name ends in .jsonl
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Logs for `tensorboard --logdir FOLDER`
    #[arg(long, value_name = "FOLDER")]
    pub tensorboard: Option<PathBuf>,
    /// Saves the model, for `ModelFile::load`
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// Saves the model for other programs, such as ONNX Runtime
    #[arg(long, value_name = "FILE")]
    pub onnx: Option<PathBuf>,
    /// Writes a page about the run and its mistakes
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// Reads a number of seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    const MOST: f64 = 1e9;
    let seconds = text.parse().ok().filter(|seconds| (0.0..=MOST).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| format!("not a number from 0 to {MOST:e}"))
}
