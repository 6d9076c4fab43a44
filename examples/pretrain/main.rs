//! Makes the model in the crate that reads digits: `ModelFile::digits()`.
//!
//! ```text
//! ./data-fetch.sh && cargo run --example pretrain
//! ```
//!
//! It is trained so that it carries over to other hands than MNIST's. All images go through the intake
//! that photographs go through. To MNIST's 55,000 images come photographs of the same ones, stretched or
//! narrowed, digits cut off from a neighbour, digits as Europeans write them, and pictures that are no digit.
//! The other 5,000 images of the training set calibrate its probabilities. It takes half an hour or less on two
//! cores, and makes the same bytes on every machine.

#[macro_use]
#[path = "../print/mod.rs"]
mod print; // its `println!` survives a closed pipe
mod canvas;
mod not_digits;
mod other_hands;
mod photograph;

use std::path::PathBuf;

use chainrule::data::augment::{Elastic, Rotate, Scale, Shear, Shift, Thickness};
use chainrule::intake::{Grey, Intake};
use chainrule::prelude::*;
use chainrule::random::Key;
use chainrule::sequential::Rejection;
use clap::Parser;
use rayon::prelude::*;

const NAMES: [&str; 11] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "none"];
const NONE: u8 = 10;
const SEED: u64 = 1;

/// Trains the model in the crate that reads digits.
#[derive(Debug, Parser)]
struct Options {
    /// Folder of MNIST's files
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Number of times to go through the training images
    #[arg(long, default_value_t = 28)]
    epochs: usize,
    /// File of the model
    #[arg(long, default_value = "src/sequential/file/pretrained/digits.safetensors")]
    save: PathBuf,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let mnist = Mnist::load(&options.data)?;
    let key = Key::new(SEED);
    let first = mnist.train.take(55_000)?;
    let most: Vec<usize> = (0..first.len()).collect();
    let last: Vec<usize> = (first.len()..mnist.train.len()).collect();

    let mut train = digits(&mnist.train, &most);
    train.extend(photographs(&mnist.train, &most, key.fold(1)));
    train.extend(series(8_000, |index| not_digits::cut(key.fold(5).fold(index), &first)));
    train.extend(series(9_000, |index| drawn(key.fold(2).fold(index))));
    train.extend(series(5_500, |index| (not_digits::draw(key.fold(3).fold(index), &first), NONE)));
    let train = images(train)?;
    let mut held_out = digits(&mnist.train, &last);
    held_out.extend(photographs(&mnist.train, &last, key.fold(6)));
    held_out.extend(series(500, |index| {
        (not_digits::draw(key.fold(4).fold(index), &mnist.train), NONE)
    }));
    let held_out = images(held_out)?;
    let test: Vec<usize> = (0..mnist.test.len()).collect();
    let test = images(digits(&mnist.test, &test))?;
    println!("{} images to train on, {} held out", train.len(), held_out.len());

    let mut model = network()?.initialize(SEED);
    let augment = Augment::new()
        .with(Rotate::degrees(12.0))
        .with(Shear::degrees(15.0))
        .with(Scale::between(0.8..=1.25).per_axis())
        .with(Shift::pixels(1.5))
        .sometimes(0.5, Elastic::new(34.0, 4.0))
        .sometimes(0.5, Thickness::pixels(1.0));
    let recipe = augment.to_string();
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01).betas(0.9, 0.99))
        .schedule(OneCycle::new(0.2))
        .epochs(options.epochs)
        .augment(augment)
        .seed(SEED)
        .progress(true)
        .fit(&mut model, &train)?;

    let result = model.evaluate(&test, &SoftmaxCrossEntropy)?;
    let accuracy = result.accuracy.unwrap_or(0.0);
    println!("MNIST's test images through the intake: {:.2} %", 100.0 * accuracy);
    let file = ModelFile::new(model)
        .intake(Intake::default())?
        .scaling(Scaling::pixels())?
        .loss(&SoftmaxCrossEntropy)
        .calibrate(&held_out)?
        .prototypes(&held_out)?
        .rejection(Rejection::new().confidence(0.9).margin(0.5).distance(3.0).no_class("none"))?
        .fact(
            "data",
            "MNIST, images 0 to 54999 of the training set; drawn digits and pictures of none",
        )
        .fact("augmentation", recipe)
        .fact("epochs", options.epochs)
        .fact("seed", SEED)
        .fact("test accuracy through the intake", accuracy);
    println!("temperature {:.3}", file.temperature);
    file.save(&options.save)?;
    println!("model: {}", options.save.display());
    print::check()
}

/// Six convolutions and two dense layers.
fn network() -> Result<Sequential> {
    let convolution = |filters| Conv2d::new(filters, 3).padding(Padding::Same).init(Init::HeNormal);
    let mut model = Sequential::new([28, 28, 1]);
    for filters in [24, 48] {
        for _ in 0..2 {
            model = model.add(convolution(filters))?.add(BatchNorm::new())?.add(Relu)?;
        }
        model = model.add(MaxPool2d::new(2))?;
    }
    // 7×7, 5×5 and 3×3 pixels.
    for _ in 0..2 {
        let convolution = Conv2d::new(96, 3).init(Init::HeNormal);
        model = model.add(convolution)?.add(BatchNorm::new())?.add(Relu)?;
    }
    model
        .add(Flatten)?
        .add(Dropout::new(0.4))?
        .add(Dense::new(64).init(Init::HeNormal))?
        .add(Relu)?
        .add(Dropout::new(0.2))?
        .add(Dense::new(NAMES.len()))
}

/// A picture after the intake, and its class.
type Sample = (Grey, u8);

/// A picture after the intake; none where noise hides the ink.
fn taken(picture: &Grey, class: u8) -> Option<Sample> {
    Some((Intake::default().digit(picture).ok()?.input, class))
}

/// An image of MNIST as a picture.
fn picture(images: &Images, index: usize) -> Grey {
    Grey::from_image(images.image(index)).expect("an image of MNIST")
}

/// Images of MNIST.
fn digits(images: &Images, indices: &[usize]) -> Vec<Sample> {
    let sample = |&index: &usize| taken(&picture(images, index), images.label(index));
    indices.par_iter().filter_map(sample).collect()
}

/// Photographs of images of MNIST.
fn photographs(images: &Images, indices: &[usize], key: Key) -> Vec<Sample> {
    let sample = |(number, &index): (usize, &usize)| {
        let photograph = photograph::photograph(&picture(images, index), key.fold(number as u64));
        taken(&photograph, images.label(index))
    };
    indices.par_iter().enumerate().filter_map(sample).collect()
}

/// A drawn digit, a one up to 2.8 times as wide, and another up to 1.8 times.
fn drawn(key: Key) -> (Grey, u8) {
    let stretch = |digit| 0.8 + if digit == 1 { 2.0 } else { 1.0 } * key.unit(99);
    let (grey, digit) = other_hands::draw(key, stretch);
    let width = grey.width() as f32 * stretch(digit);
    (grey.resize(grey.height(), width as usize).expect("a small picture"), digit)
}

/// Drawn pictures.
fn series(count: u64, draw: impl Fn(u64) -> (Grey, u8) + Send + Sync) -> Vec<Sample> {
    let sample = |index| {
        let (picture, class) = draw(index);
        taken(&picture, class)
    };
    (0..count).into_par_iter().filter_map(sample).collect()
}

/// The samples as a data set.
fn images(samples: Vec<Sample>) -> Result<Images> {
    let byte = |x: &f32| (255.0 * x).round() as u8;
    let pixels = samples.iter().flat_map(|(grey, _)| grey.pixels().iter().map(byte)).collect();
    let shape = (samples.len(), 28, 28, 1);
    let pixels = chainrule::ndarray::Array4::from_shape_vec(shape, pixels).expect("28×28 each");
    let labels = samples.iter().map(|&(_, class)| class).collect();
    Ok(Images::new(pixels, labels, NAMES.len())?.with_class_names(NAMES)?)
}
