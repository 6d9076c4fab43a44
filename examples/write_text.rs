//! A model of characters learns from nine chapters of "Moby-Dick", and writes on in their manner.
//!
//! ```text
//! cargo run --release --example write_text
//! cargo run --release --example write_text -- transformer
//! ```
//!
//! At each step the model says how probable each character is as the next one. The perplexity is that of parts of
//! the text that it has not learned from: that of a model that knows nothing is the number of characters. To
//! write, the program draws the next character by these probabilities, and asks again.

#[macro_use]
mod print; // its `println!` survives a closed pipe

use chainrule::data::Sequences;
use chainrule::prelude::*;
use chainrule::random::Key;
use ndarray::Array2;
use rand::distr::{Distribution, weighted::WeightedIndex};

/// H. Melville, 1851, chapters 1 to 9.
const TEXT: &str = include_str!("texts/moby_dick.txt");
/// Number of characters that the model sees at once.
const STEPS: usize = 64;
/// Number of characters to write.
const WRITTEN: usize = 400;

fn main() -> Result<()> {
    let mut alphabet: Vec<char> = TEXT.chars().collect();
    alphabet.sort_unstable();
    alphabet.dedup();
    let token = |c| alphabet.binary_search(&c).expect("a character of the text");
    let tokens: Vec<usize> = TEXT.chars().map(token).collect();
    let (learned, held_out) = tokens.split_at(tokens.len() * 9 / 10);
    let (train, test) =
        (windows(learned, 8, alphabet.len())?, windows(held_out, STEPS, alphabet.len())?);

    let mut model = match std::env::args().nth(1).as_deref() {
        Some("transformer") => transformer(alphabet.len())?,
        _ => lstm(alphabet.len())?,
    }
    .initialize(1);
    println!("{}", model.summary());
    let loss = SoftmaxCrossEntropy.per_step(alphabet.len());
    Trainer::new(loss, Adam::new(0.006))
        .schedule(OneCycle::new(0.2))
        .clip(Clip::global_norm(1.0))
        .epochs(8)
        .batch_size(128)
        .fit(&mut model, &train)?;
    let result = model.evaluate(&test, &loss)?;
    println!("perplexity of the rest {:.2}", result.perplexity().unwrap_or(f64::NAN));

    let mut rng = Key::new(2).rng();
    let mut written: Vec<usize> = "The sea ".chars().map(token).collect();
    while written.len() < WRITTEN {
        let last = &written[written.len().saturating_sub(STEPS)..];
        let mut x = Array2::zeros([1, STEPS]);
        x.iter_mut().zip(last).for_each(|(x, &token)| *x = token as f32);
        let y = model.predict_sequences(&x, &[last.len()])?;
        let y: Vec<f32> = y.iter().skip((last.len() - 1) * alphabet.len()).copied().collect();
        // Less daring than the model's own probabilities.
        let logits = y[..alphabet.len()].iter().map(|y| y / 0.7);
        let chances = softmax(&logits.collect::<Vec<_>>());
        written.push(WeightedIndex::new(chances).expect("probabilities").sample(&mut rng));
    }
    println!("{}", written.into_iter().map(|token| alphabet[token]).collect::<String>());
    print::check()
}

fn lstm(characters: usize) -> Result<Sequential> {
    Sequential::new([STEPS])
        .add(Embedding::new(characters, 32))?
        .add(Lstm::new(192).every_step())?
        .add(Dense::new(characters))
}

fn transformer(characters: usize) -> Result<Sequential> {
    Sequential::new([STEPS])
        .add(Embedding::new(characters, 64))?
        .add(LearnedPositions::new())?
        .add(TransformerBlock::new(4, 256).causal())?
        .add(TransformerBlock::new(4, 256).causal())?
        .add(LayerNorm::new())?
        // One table for the characters that come in and those that come out.
        .add(Tied::to(0, Unembedding::new(characters)))
}

/// Parts of the text, each with the character after every one of its own.
fn windows(tokens: &[usize], stride: usize, classes: usize) -> Result<Sequences> {
    let starts = || (0..tokens.len() - STEPS).step_by(stride);
    let inputs = starts().map(|at| tokens[at..at + STEPS].to_vec()).collect();
    let next = starts().map(|at| tokens[at + 1..=at + STEPS].to_vec()).collect();
    Sequences::with_steps(inputs, next, classes)
}
