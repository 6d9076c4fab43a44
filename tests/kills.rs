//! A run that is killed again and again, at any moment, loses nothing.
//!
//! The test starts itself anew as a process that trains, saves after every other batch, and goes on
//! from the newest checkpoint that it finds.

#![cfg(all(feature = "interrupt", feature = "progress", feature = "sample", unix))]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chainrule::prelude::*;
use chainrule::random::Key;

mod common;
use common::digits;

/// Where a child finds its folder.
const FOLDER: &str = "CHAINRULE_TEST_FOLDER";

const KILLS: u64 = 20;

fn model() -> Sequential {
    let build = || -> Result<Sequential> {
        Sequential::new([28, 28, 1])
            .add(Flatten)?
            .add(Dense::new(64))?
            .add(BatchNorm::new())?
            .add(Relu)?
            .add(Dropout::new(0.2))?
            .add(Dense::new(10))
    };
    build().unwrap().initialize(5)
}

fn trainer() -> Trainer<'static> {
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.003))
        .epochs(40)
        .batch_size(32)
        .seed(4)
        .average(Average::ema(0.99))
        .schedule(OneCycle::new(0.3))
        .validation(digits(50))
}

/// What a child does: trains, and writes the weights at the end.
fn train(folder: &Path, callback: impl Callback) -> History {
    let checkpoints = Checkpoints::new(folder.join("run")).every_batches(2).keep(2);
    let mut trainer =
        trainer().callback(EarlyStopping::new(100)).callback(checkpoints).callback(callback);
    if let Some(checkpoint) = Checkpoints::latest(folder.join("run")).unwrap() {
        trainer = trainer.resume(checkpoint);
    }
    let mut model = model();
    let history = trainer.fit(&mut model, digits(600)).unwrap();
    let bytes: Vec<u8> = model.params().iter().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(folder.join("weights"), bytes).unwrap();
    history
}

/// The weights of a run that nobody disturbed.
fn undisturbed() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    train(folder.path(), ProgressBar::new());
    std::fs::read(folder.path().join("weights")).unwrap()
}

/// Not a test by itself: what the processes run that the tests start.
#[test]
fn child() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let history = train(&PathBuf::from(folder), Interrupt);
        println!("stopped: {:?}", history.stopped);
    }
}

fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// How many steps the newest checkpoint is after the beginning.
fn progress(folder: &Path) -> String {
    let latest = Checkpoints::latest(folder.join("run")).unwrap();
    latest.map_or(String::new(), |path| path.file_name().unwrap().to_string_lossy().into_owned())
}

#[test]
fn twenty_kills_at_random_moments_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut places = vec![progress(folder.path())];
    for kill in 0..KILLS {
        let mut child = start(folder.path());
        // From when the child has begun to write on: any moment of computing, writing, renaming.
        let begin = Instant::now();
        while progress(folder.path()) == *places.last().unwrap() {
            assert!(begin.elapsed() < Duration::from_secs(60), "nothing is written");
            assert!(child.try_wait().unwrap().is_none(), "the run is over after {kill} kills");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(u64::from(
            Key::new(11).fold(kill).hash(0) % 30_000,
        )));
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success(), "it was over before the kill");
        places.push(progress(folder.path()));
        assert!(!folder.path().join("weights").exists());
    }
    assert!(places.is_sorted(), "{places:?}");
    assert!(start(folder.path()).wait().unwrap().success());
    let weights = std::fs::read(folder.path().join("weights")).unwrap();
    assert!(weights == undisturbed(), "killed in {places:?}");
    let left = std::fs::read_dir(folder.path().join("run")).unwrap().count();
    assert_eq!(left, 2, "no temporary file is left");
}

#[test]
fn ctrl_c_ends_the_batch_saves_and_returns() {
    let folder = tempfile::tempdir().unwrap();
    let child = start(folder.path());
    let begin = Instant::now();
    while progress(folder.path()).is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(60), "nothing is written");
        std::thread::sleep(Duration::from_millis(1));
    }
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "it returns as usual");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("stopped: Some(\"interrupted\")"), "{said}");
    assert!(&*progress(folder.path()) < "epoch-0039", "before the end");
    // It goes on, and ends as if nobody had pressed anything.
    assert!(start(folder.path()).wait().unwrap().success());
    assert!(std::fs::read(folder.path().join("weights")).unwrap() == undisturbed());
}
