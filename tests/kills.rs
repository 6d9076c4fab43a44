//! A run loses nothing when it is killed again and again, told to end, or unable to print, nor when a
//! second one starts in its folder.
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

/// Environment variable with the folder of a child.
const FOLDER: &str = "CHAINRULE_TEST_FOLDER";

/// Environment variable with the number of epochs of a child, if not 40.
const EPOCHS: &str = "CHAINRULE_TEST_EPOCHS";

/// Environment variable of a child that stays for a minute after its run.
const STAYS: &str = "CHAINRULE_TEST_STAYS";

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
    let epochs = std::env::var(EPOCHS).map_or(40, |epochs| epochs.parse().unwrap());
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.003))
        .epochs(epochs)
        .batch_size(32)
        .seed(4)
        .progress(true)
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
        if std::env::var_os(STAYS).is_some() {
            std::thread::sleep(Duration::from_secs(60));
        }
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env(FOLDER, folder);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

fn start(folder: &Path) -> Child {
    command(folder).spawn().unwrap()
}

fn wait_until(happens: impl Fn() -> bool) {
    let begin = Instant::now();
    while !happens() {
        assert!(begin.elapsed() < Duration::from_secs(60), "it does not happen");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn send(signal: &str, child: &Child) {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(status.unwrap().success());
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
    let left = std::fs::read_dir(folder.path().join("run")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "two checkpoints and a lock: {left:?}");
}

#[test]
fn a_signal_ends_the_batch_saves_and_returns() {
    for signal in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let child = start(folder.path());
        wait_until(|| !progress(folder.path()).is_empty());
        send(signal, &child);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "it returns as usual");
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("stopped: Some(\"interrupted\")"), "{said}");
        assert!(&*progress(folder.path()) < "epoch-0039", "before the end");
        // The run is resumed, and ends as one without a signal.
        assert!(start(folder.path()).wait().unwrap().success());
        assert!(std::fs::read(folder.path().join("weights")).unwrap() == undisturbed());
    }
}

#[test]
fn a_signal_after_the_run_ends_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(folder.path()).env(STAYS, "yes").spawn().unwrap();
    wait_until(|| folder.path().join("weights").exists());
    send("-INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_second_run_in_the_folder_is_refused_and_the_first_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = command(folder.path()).env(EPOCHS, "1000000").spawn().unwrap();
    wait_until(|| !progress(folder.path()).is_empty());
    let notes = folder.path().join("run/notes.tmp");
    std::fs::write(&notes, "mine").unwrap();
    for _ in 0..5 {
        let mut second = command(folder.path());
        let second = second.env(EPOCHS, "1000000").stderr(Stdio::piped()).spawn().unwrap();
        let output = second.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("another process trains here"), "{said}");
    }
    let before = progress(folder.path());
    wait_until(|| progress(folder.path()) > before);
    send("-INT", &first);
    assert!(first.wait().unwrap().success());
    assert_eq!(std::fs::read_to_string(notes).unwrap(), "mine");
}

#[test]
fn a_run_goes_on_where_it_cannot_print() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(folder.path()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    assert!(child.wait().unwrap().success(), "a closed pipe");
    if let Ok(full) = std::fs::File::options().write(true).open("/dev/full") {
        let folder = tempfile::tempdir().unwrap();
        let mut child = command(folder.path()).stderr(full).spawn().unwrap();
        assert!(child.wait().unwrap().success(), "a full disk");
    }
}
