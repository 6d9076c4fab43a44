//! The examples as programs: a closed pipe and a full disk behind standard output or standard error,
//! and options without meaning.
//!
//! `cargo test` builds the examples before it runs the tests.

#![cfg(unix)]
#![cfg(all(feature = "csv", feature = "interrupt", feature = "progress"))]
#![cfg(all(feature = "onnx", feature = "report", feature = "sample", feature = "tensorboard"))]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use chainrule::prelude::*;

/// Command that runs an example.
fn example(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let path = test.ancestors().nth(2).unwrap().join("examples").join(name);
    assert!(path.exists(), "first run `cargo build --all-features --example {name}`");
    Command::new(path)
}

/// Command that trains a small network for an epoch, and writes all that can be written.
fn training(folder: &Path) -> Command {
    let mut command = example("mnist_mlp");
    command.current_dir(folder).args(["--epochs", "1", "--checkpoints", "run", "--save", "model"]);
    command.args(["--report", "report.html", "--log", "log.csv"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Fails unless the model, the checkpoint, the report and the log of [`training`] are there.
#[track_caller]
fn nothing_is_lost(folder: &Path) {
    assert!(Sequential::load(folder.join("model")).is_ok());
    assert!(Checkpoints::latest(folder.join("run")).unwrap().is_some());
    let report = fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(report.ends_with("</html>\n"), "{report}");
    assert_eq!(fs::read_to_string(folder.join("log.csv")).unwrap().lines().count(), 2);
}

/// A disk without room, on Linux.
fn full_disk() -> Option<File> {
    File::options().write(true).open("/dev/full").ok()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_reader_of_standard_output_may_leave() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = training(folder.path()).spawn().unwrap();
    // Like `head -1`.
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("data: "), "{first}");
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    let said = text(&stderr);
    assert!(status.success() && said.starts_with("epoch 1/1 "), "{said}");
    assert!(!said.contains("panicked") && !said.contains("rror"), "{said}");
    nothing_is_lost(folder.path());
}

#[test]
fn a_full_disk_behind_standard_output_is_told_at_the_end() {
    let Some(disk) = full_disk() else { return };
    let folder = tempfile::tempdir().unwrap();
    let Output { status, stderr, .. } = training(folder.path()).stdout(disk).output().unwrap();
    let said = text(&stderr);
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.starts_with("epoch 1/1 "), "{said}");
    assert!(said.ends_with("Error: standard output: No space left on device (os error 28): make room, or choose another disk\n"));
    nothing_is_lost(folder.path());
}

#[test]
fn progress_that_cannot_be_shown_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = training(folder.path()).spawn().unwrap();
    drop(child.stderr.take());
    let Output { status, stdout, .. } = child.wait_with_output().unwrap();
    assert!(status.success() && text(&stdout).contains("\ntest accuracy "), "a closed pipe");
    nothing_is_lost(folder.path());
    let Some(disk) = full_disk() else { return };
    let folder = tempfile::tempdir().unwrap();
    let Output { status, stdout, .. } = training(folder.path()).stderr(disk).output().unwrap();
    assert!(status.success() && text(&stdout).contains("\ntest accuracy "), "a full disk");
    nothing_is_lost(folder.path());
}

#[test]
fn a_program_without_options_is_as_calm() {
    let mut child = example("xor").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success() && said.is_empty(), "{said}");
    let Some(disk) = full_disk() else { return };
    let Output { status, stderr, .. } = example("xor").stdout(disk).output().unwrap();
    let wanted = "Error: standard output: No space left on device (os error 28): make room, or choose another disk\n";
    assert_eq!((status.code(), text(&stderr)), (Some(1), wanted));
}

#[test]
fn a_run_that_learns_nothing_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let output = training(folder.path()).args(["--lr", "100"]).output().unwrap();
    let said = text(&output.stderr);
    let last = said.lines().last().unwrap();
    assert!(last.starts_with("at chance: the loss, "), "{said}");
    let report = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(report.contains("<p>Verdict: at chance: the loss, "), "{report}");
}

#[test]
fn every_example_prints_so() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = fs::read_dir(&examples).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| [path.join("main.rs"), path]);
    let mut count = 0;
    for file in files.filter(|path| path.is_file()) {
        let source = fs::read_to_string(&file).unwrap();
        let ends = [
            "print::check()",
            "print::check, Err)",
            "common::train_and_report(model, &options)\n}",
        ];
        assert!(source.contains("\nmod print;"), "{}: no `mod print`", file.display());
        assert!(ends.iter().any(|end| source.contains(end)), "{}: no check", file.display());
        count += 1;
    }
    assert_eq!(count, 26);
}

#[test]
fn a_time_without_meaning_is_refused() {
    for seconds in ["nan", "-1", "inf", "1e300", "soon", ""] {
        let folder = tempfile::tempdir().unwrap();
        let output = training(folder.path()).args(["--seconds", seconds]).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{seconds}: {said}");
        assert!(said.contains("for '--seconds <SECONDS>': not a number from 0 to 1e9"), "{said}");
    }
    let folder = tempfile::tempdir().unwrap();
    let output = training(folder.path()).args(["--seconds", "0"]).output();
    let said = output.unwrap().stderr;
    assert!(text(&said).starts_with("stopped: the time budget of 0ns is spent"));
}
