//! Strings of five to eight digits, read without cutting them: a convolutional network and the loss CTC.
//!
//! ```text
//! cargo run --release --example digit_strings
//! ```
//!
//! The digits of a string stand close, and some touch. The network gives a digit or a blank at each of 44 places
//! along the string. The loss compares whole strings, so no target says where a digit is.

#[macro_use]
mod print; // its `println!` survives a closed pipe

use chainrule::loss::Ctc;
use chainrule::prelude::*;
use chainrule::random::Key;
use rand::RngExt;

const WIDTH: usize = 176;
const LENGTHS: std::ops::RangeInclusive<usize> = 5..=8;

fn main() -> Result<()> {
    // All of MNIST where `./data-fetch.sh` has brought it, or else the sample in the crate.
    let mnist = Mnist::load("data").unwrap_or_else(|_| Mnist::sample());
    let train = Strings::new(&mnist.train, 36_000, 1);
    let test = Strings::new(&mnist.test, 2_000, 2);

    let mut model = Sequential::new(train.input_shape())
        .add(Conv2d::new(16, 3).padding(Padding::Same))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(32, 3).padding(Padding::Same).bias(false))?
        .add(BatchNorm::new())?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(48, 3).padding(Padding::Same).bias(false))?
        .add(BatchNorm::new())?
        .add(Relu)?
        // The kernel has the height of the image, and leaves one row of places.
        .add(Conv2d::new(64, (7, 5)).padding(Padding::Explicit {
            top: 0,
            bottom: 0,
            left: 2,
            right: 2,
        }))?
        .add(Relu)?
        .add(Reshape::new([WIDTH / 4, 64]))?
        .add(Dense::new(11))?
        .initialize(1);
    println!("{}", model.summary());
    let loss = Ctc::new(10);
    Trainer::new(loss, Adam::new(0.008))
        .schedule(OneCycle::new(0.2))
        .clip(Clip::global_norm(1.0))
        .epochs(2)
        .batch_size(128)
        .fit(&mut model, &train)?;

    let result = model.evaluate(&test, &loss)?;
    println!("{:.2} % of the strings", 100.0 * result.sequence_accuracy().unwrap_or(0.0));
    println!("character error rate {:.2} %", 100.0 * result.character_error_rate().unwrap_or(1.0));
    let x = inputs(&test, &[0, 1, 2, 3])?;
    for (logits, string) in model.predict(&x)?.outer_iter().zip(&test.strings) {
        println!(
            "{} was read as {}",
            text(string),
            text(&loss.decode(&logits.iter().copied().collect::<Vec<_>>()))
        );
    }
    print::check()
}

fn text(string: &[usize]) -> String {
    string.iter().map(|digit| digit.to_string()).collect()
}

/// Images of strings, of digits side by side.
struct Strings<'a> {
    digits: &'a Images,
    /// The classes of the digits of each string.
    strings: Vec<Vec<usize>>,
    /// Their images, each with its left edge.
    places: Vec<Vec<(usize, usize)>>,
}

impl<'a> Strings<'a> {
    fn new(digits: &'a Images, count: usize, seed: u64) -> Self {
        let mut rng = Key::new(seed).rng();
        let mut string = || {
            let mut right = rng.random_range(0..6);
            let length = rng.random_range(LENGTHS);
            let place = |_| {
                let left = right;
                right += rng.random_range(17..=21);
                (rng.random_range(0..digits.len()), left)
            };
            (0..length).map(place).collect()
        };
        let places: Vec<Vec<(usize, usize)>> = (0..count).map(|_| string()).collect();
        let class = |&(image, _): &(usize, usize)| usize::from(digits.labels()[image]);
        let strings = places.iter().map(|string| string.iter().map(class).collect()).collect();
        Strings { digits, strings, places }
    }
}

impl Dataset for Strings<'_> {
    fn len(&self) -> usize {
        self.strings.len()
    }
    fn input_shape(&self) -> Vec<usize> {
        vec![28, WIDTH, 1]
    }
    fn target_kind(&self) -> TargetKind {
        TargetKind::Sequences { classes: 10, longest: *LENGTHS.end() }
    }
    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        x.fill(0.0);
        let mut digit = [0.0; 28 * 28];
        for &(image, left) in &self.places[index] {
            self.digits.input(image, &mut digit)?;
            for (row, digit) in x.chunks_exact_mut(WIDTH).zip(digit.chunks_exact(28)) {
                for (x, &ink) in row[left..].iter_mut().zip(digit) {
                    *x = ink.max(*x);
                }
            }
        }
        Ok(())
    }
    fn target(&self, index: usize) -> Target<'_> {
        Target::Classes(&self.strings[index])
    }
}
