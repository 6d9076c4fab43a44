//! Searches whose trials are a formula: which trials run, with what, and what the table says.
#![cfg(all(feature = "sample", feature = "search"))]

use std::sync::Mutex;

use chainrule::error::SearchError;
use chainrule::prelude::*;
use chainrule::search::{Finished, Results, Score, Search, Space, Trial};
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Config {
    lr: f32,
    hidden: usize,
}

fn base() -> Config {
    Config { lr: 1.0, hidden: 1 }
}

fn grid() -> Space<Config> {
    Space::new(base()).choice("lr", [0.001, 0.01, 0.1], |config, lr| config.lr = lr).choice(
        "hidden",
        [8, 16],
        |config, hidden| config.hidden = hidden,
    )
}

fn continuous() -> Space<Config> {
    Space::new(base()).log_uniform("lr", 1e-4..1.0, |config, lr| config.lr = lr).integers(
        "hidden",
        1..=100,
        |config, hidden| config.hidden = hidden,
    )
}

/// Best at 0.01 and many hidden units, and better with more epochs.
fn score(trial: &Trial<Config>) -> Result<f64> {
    let lr = f64::from((trial.config.lr / 0.01).log10().abs());
    Ok(lr + 1.0 / trial.config.hidden as f64 + 1.0 / trial.epochs as f64)
}

/// All of a trial but the time that it took.
type Row = (usize, usize, u64, String, Result<Score, String>);

fn rows(results: &Results<Config>) -> Vec<Row> {
    let row = |t: &Finished<Config>| {
        (t.number, t.epochs, t.seed, format!("{:?}", t.config), t.outcome.clone())
    };
    results.trials().iter().map(row).collect()
}

#[test]
fn the_table_has_the_best_first_and_what_failed_last() {
    let run = |trial: &Trial<Config>| match trial.number {
        1 => Err(format!("no memory for this\n{}", "and more ".repeat(20))),
        2 => panic!("at the disco"),
        3 => Ok(f64::NAN),
        _ => Ok(score(trial).unwrap()),
    };
    let results = Search::grid().epochs(4).run(&grid(), run).unwrap();
    let numbers: Vec<_> = results.trials().iter().map(|trial| trial.number).collect();
    assert_eq!(numbers, [4, 6, 5, 1, 2, 3]);
    // The times differ from run to run.
    let without_times = |line: &str| format!("{}{}\n", &line[..28], &line[37..]);
    let table: String = results.to_string().lines().map(without_times).collect();
    assert_eq!(
        table,
        "\
trial     lr  hidden  epochs  score (lower is better)
-----------------------------------------------------
    4   0.01      16       4  0.31250
    6    0.1      16       4  1.31250
    5    0.1       8       4  1.37500
    1  0.001       8       4  failed: no memory for this…
    2  0.001      16       4  failed: panicked: at the disco
    3   0.01       8       4  failed: the score is NaN
"
    );
    assert!(format!("{results:.2}").ends_with("1.31250\nand 4 more\n"));
    assert_eq!(results.best().unwrap().config, Config { lr: 0.01, hidden: 16 });
}

#[test]
fn a_search_without_a_score_has_no_best() {
    let fail = |_: &Trial<Config>| Err::<f64, _>("out of luck");
    let results = Search::random(3).run(&grid(), fail).unwrap();
    let error = results.best().unwrap_err().to_string();
    assert!(error.contains("none of the 3") && error.contains("out of luck"), "{error}");
}

#[test]
fn higher_may_be_better() {
    let results = Search::grid().maximize().run(&grid(), score).unwrap();
    assert_eq!(results.best().unwrap().config.hidden, 8);
    assert!(results.trials().is_sorted_by(|a, b| a.score() >= b.score()));
    assert!(results.to_string().contains("higher is better"));
}

#[test]
fn the_number_of_trials_at_once_changes_nothing_but_their_threads() {
    let search = Search::hyperband(3).epochs(9).seed(7);
    let mut found = Vec::new();
    for (threads, at_once, share) in
        [(1, 1, [1, 1]), (5, 2, [2, 5]), (6, 3, [2, 6]), (2, 9, [1, 2])]
    {
        let run = |trial: &Trial<Config>| {
            // A round of a single trial has all threads.
            assert!(share.contains(&trial.threads), "{} of {threads}", trial.threads);
            score(trial)
        };
        let search = search.clone().threads(threads).trials_at_once(at_once);
        found.push(rows(&search.run(&continuous(), run).unwrap()));
    }
    assert!(found.iter().all(|rows| *rows == found[0]));
    assert!(found[0].iter().all(|row| row.4.is_ok()));
}

#[test]
fn another_seed_draws_other_configs_and_more_trials_begin_with_the_same() {
    let configs = |n, seed| {
        let results = Search::random(n).seed(seed).run(&continuous(), score).unwrap();
        let mut rows = rows(&results);
        rows.sort_by_key(|row| row.0);
        rows
    };
    assert!(configs(5, 1) == configs(8, 1)[..5]);
    assert!(configs(5, 1).iter().zip(&configs(5, 2)).all(|(a, b)| a.3 != b.3 && a.2 != b.2));
}

#[test]
fn halving_promotes_the_best_and_no_trial_that_failed() {
    let ran = Mutex::new(Vec::new());
    let run = |trial: &Trial<Config>| {
        ran.lock().unwrap().push((trial.epochs, trial.number, trial.seed));
        if trial.number == 3 {
            Err(TrainError::EmptySet { which: "training" }.into())
        } else {
            score(trial)
        }
    };
    let results = Search::halving(9, 3).epochs(18).run(&continuous(), run).unwrap();
    let ran = ran.into_inner().unwrap();
    let of = |epochs| {
        let mut numbers: Vec<_> = ran.iter().filter(|r| r.0 == epochs).map(|r| r.1).collect();
        numbers.sort();
        numbers
    };
    // The scores of the first round say who goes on, since epochs add the same to all.
    let mut ranked: Vec<_> = results.trials().iter().filter(|t| t.epochs == 2).collect();
    ranked.retain(|trial| trial.number != 3);
    let mut best: Vec<_> = ranked[..3].iter().map(|trial| trial.number).collect();
    assert_eq!(of(2), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(of(18), best[..1]);
    best.sort();
    assert_eq!(of(6), best);
    assert_eq!(ran.len(), 9 + 3 + 1);
    // From the start again, with the same seed.
    assert!(ran.iter().all(|a| ran.iter().all(|b| a.1 != b.1 || a.2 == b.2)));
    assert_eq!(results.best().unwrap().epochs, 18);
}

#[test]
fn where_most_trials_fail_only_those_with_a_score_go_on() {
    let ran = Mutex::new(Vec::new());
    let run = |trial: &Trial<Config>| {
        ran.lock().unwrap().push((trial.number, trial.epochs));
        if trial.number == 5 { Ok(1.0) } else { Err("too wide") }
    };
    Search::halving(9, 3).epochs(9).run(&continuous(), run).unwrap();
    assert_eq!(ran.into_inner().unwrap()[9..], [(5, 3), (5, 9)]);
}

#[test]
fn settings_without_meaning_are_refused_before_any_trial() {
    let refusal = |search: Search| {
        let never = |_: &Trial<Config>| -> Result<f64> { panic!("a trial ran") };
        search.run(&continuous(), never).unwrap_err().to_string()
    };
    for (search, message) in [
        (Search::grid(), "`lr` are log-uniform in 0.0001..1.0: they must be countable"),
        (Search::random(0), "the number of configs is 0"),
        (Search::random(usize::MAX), "from 1 to 1,000,000"),
        (Search::random(2).epochs(0), "the number of epochs is 0"),
        (Search::random(2).threads(0), "the number of threads is 0"),
        (Search::random(2).threads(9999), "the number of threads is 9999"),
        (Search::random(2).trials_at_once(0), "the number of trials at once is 0"),
        (Search::halving(0, 3), "the number of configs is 0"),
        (Search::halving(9, 1), "eta is 1"),
        (Search::hyperband(0), "eta is 0"),
        (Search::hyperband(2).epochs(usize::MAX), "the number of epochs is 18446744073709551615"),
    ] {
        let error = refusal(search);
        assert!(error.contains(message), "{error}");
    }
    let huge = Space::new(base()).integers("hidden", 0..=usize::MAX, |c, n| c.hidden = n);
    let error = Search::grid().run(&huge, score).unwrap_err();
    assert!(matches!(error, Error::Search(SearchError::Setting { .. })), "{error}");
}

/// The promise of the example `tune`, in small.
#[cfg(feature = "sample")]
#[test]
fn a_grid_finds_a_better_learning_rate_than_its_worst() {
    let train = Mnist::sample().train.take(1000).unwrap();
    let held_out = Mnist::sample().test.take(500).unwrap();
    let space = Space::new(base()).choice("lr", [1e-6, 1e-2, 1e3], |config, lr| config.lr = lr);
    let search = Search::grid().epochs(3).threads(2).trials_at_once(2);
    let results = search.run(&space, |trial: &Trial<Config>| -> Result<Score> {
        let mut model =
            Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?.initialize(trial.seed);
        let history = Trainer::new(SoftmaxCrossEntropy, Adam::new(trial.config.lr))
            .epochs(trial.epochs)
            .seed(trial.seed)
            .threads(trial.threads)
            .fit(&mut model, &train)?;
        let loss = model.evaluate(&held_out, &SoftmaxCrossEntropy)?.loss;
        Ok(Score::new(loss).history(history))
    });
    let results = results.unwrap();
    assert_eq!(results.best().unwrap().config.lr, 1e-2);
    let scores: Vec<f64> = results.trials().iter().filter_map(Finished::score).collect();
    assert!(scores[0] < 1.0 && *scores.last().unwrap() > 2.0, "{scores:?}");
}
