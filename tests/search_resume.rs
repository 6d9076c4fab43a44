//! A search that was interrupted goes on where it was, and comes to the same table.
#![cfg(feature = "search")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use chainrule::error::SearchError;
use chainrule::prelude::*;
use chainrule::search::{Finished, Results, Score, Search, Space, Trial};
use proptest::prelude::*;
use serde::Serialize;
use tempfile::tempdir;

#[derive(Debug, Clone, Serialize)]
struct Config {
    lr: f32,
    name: String,
}

fn space() -> Space<Config> {
    Space::new(Config { lr: 0.1, name: "a \"quoted\"\nname ü".to_string() }).log_uniform(
        "lr",
        1e-4..1.0,
        |config, lr| config.lr = lr,
    )
}

fn search(file: &Path) -> Search {
    Search::halving(9, 3).epochs(9).seed(5).threads(2).trials_at_once(2).file(file)
}

/// A formula; some trials fail, and the others tell how training went.
fn score(trial: &Trial<Config>) -> Result<Score, String> {
    let value = f64::from(trial.config.lr.ln().abs()) / 3.0 + 1.0 / trial.epochs as f64;
    match trial.number {
        2 => Err("two\nlines".to_string()),
        4 => panic!("number 4 always panics"),
        n if n % 2 == 0 => Ok(value.into()),
        _ => Ok(Score::new(value).history(History {
            epochs: vec![chainrule::metrics::Epoch {
                epoch: 1,
                loss: value / 7.0,
                accuracy: None,
                validation_loss: Some(value),
                validation_accuracy: Some(1.0 / 3.0),
                learning_rate: trial.config.lr,
                seconds: 0.1,
            }],
            stopped: Some("early".to_string()),
            chance: None,
        })),
    }
}

/// The table's rows without the times, and how many trials ran for it.
fn rows(search: &Search) -> (Vec<String>, usize) {
    let ran = AtomicUsize::new(0);
    let results = search.run(&space(), |trial: &Trial<Config>| {
        ran.fetch_add(1, Ordering::Relaxed);
        score(trial)
    });
    (without_times(&results.unwrap()), ran.into_inner())
}

fn without_times(results: &Results<Config>) -> Vec<String> {
    let row = |t: &Finished<Config>| {
        format!("{} {} {} {:?} {:?}", t.number, t.epochs, t.seed, t.config, t.outcome)
    };
    results.trials().iter().map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// A crash leaves the file cut anywhere.
    #[test]
    fn a_file_cut_anywhere_gives_the_same_table(share in 0.0..=1.0f64) {
        let dir = tempdir().unwrap();
        let path = dir.path().join("tune.jsonl");
        let (whole, all) = rows(&search(&path));
        prop_assert_eq!(all, 9 + 3 + 1);
        let bytes = fs::read(&path).unwrap();
        let cut = (share * bytes.len() as f64) as usize;
        fs::write(&path, &bytes[..cut]).unwrap();

        let lines = bytes[..cut].iter().filter(|&&byte| byte == b'\n').count();
        let (again, ran) = rows(&search(&path));
        prop_assert!(again == whole, "{:?}\n{:?}", again, whole);
        prop_assert_eq!(ran, all - lines.saturating_sub(1));
        // The file is whole again as well.
        prop_assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 1 + all);
        prop_assert_eq!(rows(&search(&path)), (whole, 0));
    }
}

/// This test program starts itself, and that child dies in its sixth trial.
#[test]
fn a_killed_search_goes_on() {
    const FILE: &str = "CHAINRULE_TEST_KILLED_SEARCH";
    if let Some(path) = std::env::var_os(FILE) {
        let ran = AtomicUsize::new(0);
        let _ = search(path.as_ref()).trials_at_once(1).run(&space(), |trial: &Trial<Config>| {
            if ran.fetch_add(1, Ordering::Relaxed) == 5 {
                std::process::abort();
            }
            score(trial)
        });
        unreachable!("it died in its sixth trial");
    }
    let dir = tempdir().unwrap();
    let path = dir.path().join("tune.jsonl");
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_search_goes_on"])
        .env(FILE, &path)
        .output()
        .unwrap();
    assert!(!child.status.success());
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 1 + 5);
    let (table, ran) = rows(&search(&path));
    assert_eq!(ran, 13 - 5);
    assert!(table == rows(&search(&dir.path().join("uninterrupted.jsonl"))).0);
}

#[test]
fn a_random_search_may_be_made_longer() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("tune.jsonl");
    assert_eq!(rows(&Search::random(5).file(&path)).1, 5);
    assert_eq!(rows(&Search::random(8).file(&path)).1, 3);
}

#[test]
fn the_file_of_another_search_is_refused_and_left_alone() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("tune.jsonl");
    rows(&search(&path));
    let before = fs::read(&path).unwrap();
    let other = Space::new(Config { lr: 0.2, name: String::new() }).log_uniform(
        "lr",
        1e-4..0.5,
        |config, lr| config.lr = lr,
    );
    let same = space();
    for (search, space) in [
        (search(&path).seed(6), &same),
        (search(&path).epochs(27), &same),
        (search(&path).maximize(), &same),
        (Search::hyperband(3).epochs(9).seed(5).file(&path), &same),
        (search(&path), &other),
    ] {
        let never = |_: &Trial<Config>| -> Result<f64> { panic!("a trial ran") };
        let error = search.run(space, never).unwrap_err();
        assert!(matches!(error, Error::Search(SearchError::OtherSearch { .. })), "{error}");
        assert!(fs::read(&path).unwrap() == before);
    }
}

#[test]
fn a_file_that_is_no_search_is_refused_and_left_alone() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("thesis.txt");
    for text in ["four years of work", "four years\nof work\n", "\n", "\u{0}"] {
        fs::write(&path, text).unwrap();
        let error = search(&path).run(&space(), score).unwrap_err();
        assert!(matches!(error, Error::Search(SearchError::OtherSearch { .. })), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    let error = search(dir.path()).run(&space(), score).unwrap_err();
    assert!(matches!(error, Error::Search(SearchError::File { .. })), "{error}");
}

#[test]
fn a_line_that_is_no_trial_is_named_and_nothing_is_lost() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("tune.jsonl");
    rows(&search(&path));
    let good = fs::read_to_string(&path).unwrap();
    for spoil in [
        "{}",
        "",
        "null",
        r#"{"trial":-1,"epochs":1,"status":"finished","score":1.0,"seconds":0.0}"#,
        r#"{"trial":1,"epochs":1,"status":"lost","seconds":0.0}"#,
    ] {
        let mut lines: Vec<&str> = good.lines().collect();
        lines[2] = spoil;
        let spoilt = lines.join("\n") + "\n";
        fs::write(&path, &spoilt).unwrap();
        let error = search(&path).run(&space(), score).unwrap_err();
        assert!(error.to_string().contains("line 3 is no trial"), "{error}");
        assert!(fs::read_to_string(&path).unwrap() == spoilt);
    }
}
