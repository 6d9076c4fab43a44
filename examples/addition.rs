//! A recurrent network learns to add, from nothing but characters: `473+58=` is followed by `531`.
//!
//! ```text
//! cargo run --release --example addition
//! ```
//!
//! Numbers are written back to front, ones first, as one adds on paper. After the question come four steps with a
//! `?`, and at each of them the network gives a digit of the sum. The steps of the question have no target. Questions
//! are of different lengths, and padded to one.

#[macro_use]
mod print; // its `println!` survives a closed pipe

use chainrule::data::Sequences;
use chainrule::prelude::*;
use chainrule::random::Key;
use rand::RngExt;

const CHARACTERS: &str = "0123456789+=?";
/// Digits of a sum.
const DIGITS: usize = 4;

fn main() -> Result<()> {
    let all = sums(44_000);
    let (train, test) = all.split_at(40_000);
    let (train, test) = (data(train)?, data(test)?);
    let steps = train.input_shape()[0];

    let mut model = Sequential::new([steps])
        .add(Embedding::new(CHARACTERS.len(), 16))?
        .add(Gru::new(128).every_step())?
        .add(Dense::new(10))?
        .initialize(1);
    println!("{}", model.summary());
    let loss = SoftmaxCrossEntropy.per_step(10);
    Trainer::new(loss, Adam::new(0.005))
        .schedule(OneCycle::new(0.2))
        .clip(Clip::global_norm(1.0))
        .epochs(14)
        .batch_size(128)
        .fit(&mut model, &train)?;

    let result = model.evaluate(&test.padded(steps)?, &loss)?;
    println!("{:.2} % of the digits", 100.0 * result.accuracy.unwrap_or(0.0));
    println!("{:.2} % of the sums", 100.0 * result.sequence_accuracy().unwrap_or(0.0));
    print::check()
}

/// Different pairs of numbers below 1000, short ones as often as long ones.
fn sums(count: usize) -> Vec<(usize, usize)> {
    let mut rng = Key::new(1).rng();
    let mut number = || {
        let below = 10usize.pow(rng.random_range(1..=3));
        rng.random_range(0..below)
    };
    let mut seen = std::collections::HashSet::new();
    let pairs = std::iter::repeat_with(|| (number(), number()));
    pairs.filter(|pair| seen.insert(*pair)).take(count).collect()
}

/// Questions as tokens, and the digits of the answers at their last steps.
fn data(sums: &[(usize, usize)]) -> Result<Sequences> {
    let backwards = |number: usize| number.to_string().chars().rev().collect::<String>();
    let question = |&(a, b): &(usize, usize)| -> Vec<usize> {
        let text = format!("{}+{}={}", backwards(a), backwards(b), "?".repeat(DIGITS));
        text.chars().filter_map(|c| CHARACTERS.find(c)).collect()
    };
    let answer = |sum: &(usize, usize)| -> Vec<usize> {
        let mut targets = vec![Target::IGNORED; question(sum).len() - DIGITS];
        targets.extend((0..DIGITS as u32).map(|digit| (sum.0 + sum.1) / 10usize.pow(digit) % 10));
        targets
    };
    Sequences::with_steps(
        sums.iter().map(question).collect(),
        sums.iter().map(answer).collect(),
        10,
    )
}
