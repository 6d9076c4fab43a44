//! The way through a search: bracket by bracket, round by round, and in a round several trials at
//! once.

use std::any::Any;
use std::fmt::Display;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

use super::file::{Outcome, TrialFile};
use super::results::{line, order};
use super::workers::in_parallel;
use super::{Finished, Method, Results, Score, Search, Space, Trial};
use crate::clock::Stopwatch;
use crate::error::Result;
use crate::random::Key;

/// Random streams of a trial.
enum TrialStream {
    Config = 0,
    Seed = 1,
}

impl Search {
    /// Runs a function for every trial. It may run on several threads at once.
    ///
    /// # Errors
    ///
    /// [`SearchError`](crate::error::SearchError) for settings without meaning, for a grid over a continuous range, and for a
    /// file that cannot be read or written or belongs to another search. What goes wrong in a
    /// trial ends only that one.
    pub fn run<C, S, E>(
        &self,
        space: &Space<C>,
        run: impl Fn(&Trial<C>) -> Result<S, E> + Sync,
    ) -> Result<Results<C>>
    where
        C: Clone + Serialize + Send + Sync,
        S: Into<Score>,
        E: Display,
    {
        let brackets = self.brackets(space)?;
        let mut file = match &self.file {
            Some(path) => Some(TrialFile::open(path, &self.header(space)?)?),
            None => None,
        };
        let mut finished = Vec::new();
        let mut next = 1;
        for bracket in brackets {
            let mut numbers: Vec<usize> = (next..next + bracket[0].configs).collect();
            next += numbers.len();
            for round in bracket {
                numbers.truncate(round.configs);
                let mut done = self.round(space, &numbers, round.epochs, &run, &mut file)?;
                done.sort_by(|a, b| order(self.maximize, a, b));
                let ranked = done.iter().filter(|trial| trial.outcome.is_ok());
                numbers = ranked.map(|trial| trial.number).collect();
                finished.append(&mut done);
            }
        }
        Ok(Results::new(space.names(), self.maximize, finished))
    }

    /// The configs of these numbers, each for so many epochs.
    fn round<C, S, E>(
        &self,
        space: &Space<C>,
        numbers: &[usize],
        epochs: usize,
        run: &(impl Fn(&Trial<C>) -> Result<S, E> + Sync),
        file: &mut Option<TrialFile>,
    ) -> Result<Vec<Finished<C>>>
    where
        C: Clone + Serialize + Send + Sync,
        S: Into<Score>,
        E: Display,
    {
        let budget = self.threads.unwrap_or_else(rayon::current_num_threads);
        let at_once = self.at_once.min(budget).min(numbers.len()).max(1);
        let mut finished = Vec::with_capacity(numbers.len());
        let mut jobs = Vec::with_capacity(numbers.len());
        for &number in numbers {
            let key = Key::new(self.seed).fold(number as u64);
            let (config, shown) = match self.method {
                Method::Grid => space.grid(number - 1),
                _ => space.draw(key.fold(TrialStream::Config as u64)),
            };
            // 32 bits, because more are a burden to read and to type.
            let seed = u64::from(key.fold(TrialStream::Seed as u64).hash(0));
            let trial = Trial { number, config, epochs, seed, threads: budget / at_once };
            match file.as_ref().and_then(|file| file.finished(number, epochs)) {
                Some(outcome) => finished.push(finish(trial, shown, outcome)),
                None => jobs.push((trial, shown)),
            }
        }
        let names = space.names();
        let work = |(trial, _): &(Trial<C>, _)| attempt(trial, run);
        in_parallel(&jobs, at_once, work, |i, outcome| {
            let (trial, shown) = jobs[i].clone();
            let trial = finish(trial, shown, outcome);
            if let Some(file) = file {
                file.append(&trial)?;
            }
            if self.progress {
                // A terminal that is closed does not stop a search.
                let _ = writeln!(io::stderr(), "{}", line(&names, &trial));
            }
            finished.push(trial);
            Ok(())
        })?;
        Ok(finished)
    }
}

/// Runs a trial, whatever happens in it.
fn attempt<C, S: Into<Score>, E: Display>(
    trial: &Trial<C>,
    run: &(impl Fn(&Trial<C>) -> Result<S, E> + Sync),
) -> Outcome {
    let start = Stopwatch::start();
    // What a trial shares with others is the caller's, and `Sync`: a panic leaves it as an error
    // in the middle of the function would.
    let outcome = match catch_unwind(AssertUnwindSafe(|| run(trial))) {
        Ok(Ok(score)) => Ok(score.into()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(panic) => Err(format!("panicked: {}", words(&*panic))),
    };
    let outcome = outcome.and_then(|score: Score| match score.value.is_finite() {
        true => Ok(score),
        false => Err(format!("the score is {}", score.value)),
    });
    Outcome { outcome, seconds: start.elapsed().as_secs_f64() }
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}

fn finish<C>(trial: Trial<C>, shown: Vec<String>, outcome: Outcome) -> Finished<C> {
    let Trial { number, config, epochs, seed, .. } = trial;
    let Outcome { outcome, seconds } = outcome;
    Finished { number, config, epochs, seed, outcome, seconds, shown }
}
