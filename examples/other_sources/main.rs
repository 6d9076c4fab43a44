//! Measures the model in the crate on digits of other sources than MNIST.
//!
//! ```text
//! cargo run --example other_sources -- --usps zip.train.gz --optdigits optdigits-orig.tra.gz
//! ```
//!
//! The pictures go through the whole intake, and no digit of these sources was trained on. USPS has
//! digits of US envelopes, optdigits those of 30 writers. The training was changed after a look at the
//! mistakes in optdigits, which are mostly ones with a flag, so that its figure is a little optimistic. Its
//! halves, of different writers, are counted apart as well.

#[macro_use]
#[path = "../print/mod.rs"]
mod print; // its `println!` survives a closed pipe
mod sets;

use std::path::{Path, PathBuf};
use std::time::Instant;

use chainrule::error::FileError;
use chainrule::metrics::{Confusion, RiskCoverage};
use chainrule::prelude::*;
use chainrule::sequential::Rejected;
use clap::Parser;
use rayon::prelude::*;
use sets::Digit;

/// Counts the digits of other sources that the model in the crate reads rightly.
#[derive(Debug, Parser)]
struct Options {
    /// Digits of US zip codes, `zip.train.gz`
    #[arg(long, value_name = "FILE")]
    usps: Option<PathBuf>,
    /// Digits of 30 writers, `optdigits-orig.tra.gz`
    #[arg(long, value_name = "FILE")]
    optdigits: Option<PathBuf>,
    /// Another model than the one in the crate
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let file = match &options.model {
        Some(path) => ModelFile::load(path)?,
        None => ModelFile::digits(),
    };
    let read = |path: &Path, digits: std::io::Result<Vec<Digit>>| {
        digits.map_err(|source| FileError::Io { path: path.into(), source })
    };
    if let Some(path) = &options.usps {
        report(&file, "USPS", &read(path, sets::usps(path))?)?;
    }
    if let Some(path) = &options.optdigits {
        let digits = read(path, sets::optdigits(path))?;
        let (first, second) = digits.split_at(digits.len() / 2);
        report(&file, "optdigits, first half", first)?;
        report(&file, "optdigits, second half", second)?;
        report(&file, "optdigits", &digits)?;
    }
    print::check()
}

/// Answer of the model to a picture.
struct Answer {
    actual: usize,
    /// The most probable digit.
    digit: usize,
    confidence: f32,
    rejected: Option<Rejected>,
}

fn report(file: &ModelFile, name: &str, digits: &[Digit]) -> Result<()> {
    let start = Instant::now();
    let answer = |(grey, actual): &Digit| -> Result<Answer> {
        let (answer, _) = file.classify_grey(grey)?;
        let p = |class: usize| answer.probability(class).unwrap_or(0.0);
        let digit = (0..10).max_by(|&a, &b| p(a).total_cmp(&p(b))).unwrap_or(0);
        let rejected = answer.rejected().cloned();
        Ok(Answer { actual: usize::from(*actual), digit, confidence: p(digit), rejected })
    };
    let answers: Vec<Answer> = digits.par_iter().map(answer).collect::<Result<_>>()?;
    let milliseconds = 1000.0 * start.elapsed().as_secs_f64() / answers.len() as f64;
    let mut counts = vec![vec![0; 10]; 10];
    answers.iter().for_each(|answer| counts[answer.actual][answer.digit] += 1);
    println!("{name}: {} digits, {milliseconds:.2} ms each\n", answers.len());
    println!("{}", Confusion { counts, names: Vec::new() });
    let is_right = |answer: &&Answer| answer.digit == answer.actual;
    let share = |count: usize, of: usize| 100.0 * count as f64 / of.max(1) as f64;
    let kept: Vec<&Answer> = answers.iter().filter(|answer| answer.rejected.is_none()).collect();
    let none = answers.iter().filter(|a| matches!(a.rejected, Some(Rejected::NoClass(_)))).count();
    let wrong = kept.iter().filter(|answer| !is_right(answer)).count();
    println!(
        "as digits      {:.2} % right",
        share(answers.iter().filter(is_right).count(), answers.len())
    );
    println!(
        "with rejection {:.2} % right, {:.2} % rejected ({none} as no digit), {:.2} % wrong",
        share(kept.len() - wrong, answers.len()),
        share(answers.len() - kept.len(), answers.len()),
        share(wrong, answers.len()),
    );
    let samples = answers.iter().map(|answer| (answer.confidence, is_right(&answer)));
    if let Some(curve) = RiskCoverage::new(samples) {
        for coverage in [1.0, 0.99, 0.95, 0.9] {
            println!(
                "surest {:>3.0} %     {:.2} % wrong",
                100.0 * coverage,
                100.0 * curve.risk(coverage)
            );
        }
    }
    println!();
    Ok(())
}
