//! A run that was interrupted comes to the same bits as one that was not.
#![cfg(feature = "sample")]

use std::path::Path;

use chainrule::data::augment::{Augment, CutMix, Rotate};
use chainrule::prelude::*;

mod changes;
#[path = "../common/mod.rs"]
mod common;
mod refusals;
use common::digits;

/// A net with all that has a state: dropout, batch normalization with its statistics.
fn model() -> Sequential {
    let build = || -> Result<Sequential> {
        Sequential::new([28, 28, 1])
            .add(Conv2d::new(2, 5).stride(4))?
            .add(BatchNorm::new())?
            .add(Relu)?
            .add(Flatten)?
            .add(Dropout::new(0.2))?
            .add(Dense::new(10))
    };
    build().unwrap().initialize(3)
}

/// Optimizers with one, two and three moments, one with a memory of its own; both averages;
/// schedules over steps, and one that looks at the history.
fn trainers() -> Vec<Trainer<'static>> {
    let trainer = |t: Trainer<'static>| t.epochs(5).batch_size(32).seed(9).validation(validation());
    vec![
        trainer(Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1).momentum(0.9)))
            .schedule(OneCycle::new(0.3)),
        trainer(Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01).amsgrad()))
            .average(Average::ema(0.9))
            .clip(Clip::global_norm(1.0)),
        trainer(Trainer::new(SoftmaxCrossEntropy, NAdam::new(0.01)))
            .average(Average::swa(0.3))
            .augment(Augment::new().with(Rotate::degrees(20.0)).mix(CutMix::new(1.0))),
        trainer(Trainer::new(SoftmaxCrossEntropy, Sgd::new(3.0)))
            .schedule(ReduceOnPlateau::new(0.5, 0)),
        // Three batches of 11 a step: ten steps an epoch, too.
        trainer(Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))).batch_size(11).accumulate(3),
    ]
}

fn validation() -> &'static Images {
    static VALIDATION: std::sync::LazyLock<Images> =
        std::sync::LazyLock::new(|| Mnist::sample().test.take(60).unwrap());
    &VALIDATION
}

/// Stops after so many batches of the run.
struct StopAfter(usize);

impl Callback for StopAfter {
    fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
        if (run.epoch() - 1) * run.batches() + run.batch() == self.0 {
            run.stop("enough for now");
        }
        Ok(())
    }
}

/// All that a run comes to, but the seconds.
#[derive(PartialEq)]
struct Outcome {
    params: Vec<f32>,
    losses: Vec<[Option<f64>; 4]>,
    stopped: Option<String>,
}

fn fit(mut trainer: Trainer) -> Outcome {
    let mut model = model();
    let history = trainer.fit(&mut model, digits(300)).unwrap();
    let numbers = |e: &Epoch| [Some(e.loss), e.accuracy, e.validation_loss, e.validation_accuracy];
    let losses = history.epochs.iter().map(numbers).collect();
    Outcome { params: model.params().to_vec(), losses, stopped: history.stopped }
}

fn latest(folder: &Path) -> std::path::PathBuf {
    Checkpoints::latest(folder).unwrap().expect("a checkpoint")
}

#[test]
fn a_run_goes_on_from_any_batch_with_the_same_bits() {
    // Ten batches an epoch: at its start, in its middle, after its last batch, and after an epoch.
    for (number, whole) in trainers().into_iter().enumerate() {
        let whole = fit(whole);
        assert!(whole.losses.len() == 5 && whole.losses[0] != whole.losses[4]);
        for stop in [1, 14, 20, 43] {
            let folder = tempfile::tempdir().unwrap();
            let trainer = || trainers().remove(number);
            let part =
                trainer().callback(Checkpoints::new(folder.path())).callback(StopAfter(stop));
            let part = fit(part);
            assert_eq!(part.stopped.as_deref(), Some("enough for now"));
            assert!(part.params != whole.params, "it has stopped early");
            let rest = fit(trainer().resume(latest(folder.path())));
            assert!(rest == whole, "trainer {number}, after batch {stop}");
        }
    }
}

#[test]
fn a_finished_run_can_be_made_longer() {
    let folder = tempfile::tempdir().unwrap();
    let trainer = || Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).seed(2).batch_size(32);
    fit(trainer().epochs(2).callback(Checkpoints::new(folder.path())));
    let checkpoint = latest(folder.path());
    assert_eq!(checkpoint.file_name().unwrap(), "epoch-0002.safetensors");
    assert!(fit(trainer().epochs(5).resume(&checkpoint)) == fit(trainer().epochs(5)));
    // Nothing is left to do of two epochs.
    assert!(fit(trainer().epochs(2).resume(&checkpoint)) == fit(trainer().epochs(2)));
}

#[test]
fn the_bits_do_not_depend_on_the_threads_before_and_after() {
    let folder = tempfile::tempdir().unwrap();
    let trainer = |threads| trainers().remove(1).threads(threads);
    fit(trainer(3).callback(Checkpoints::new(folder.path())).callback(StopAfter(25)));
    assert!(fit(trainer(2).resume(latest(folder.path()))) == fit(trainer(1)));
}

#[test]
fn early_stopping_goes_on_where_it_stood() {
    // At this rate the validation loss goes up and down.
    let trainer = || {
        let trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(2.0)).epochs(30).batch_size(32);
        trainer.validation(validation()).callback(EarlyStopping::new(2))
    };
    let whole = fit(trainer());
    let reason = whole.stopped.clone().unwrap();
    assert!(reason.starts_with("no better validation loss than in epoch"), "{reason}");
    let epochs = whole.losses.len();
    assert!((4..30).contains(&epochs), "{epochs} epochs");
    for stop in [10 * (epochs - 1) - 3, 10 * (epochs - 2)] {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::new(folder.path());
        fit(trainer().callback(checkpoints).callback(StopAfter(stop)));
        // With another callback before and none of those that were beside it.
        let trainer = || {
            let trainer =
                Trainer::new(SoftmaxCrossEntropy, Sgd::new(2.0)).epochs(30).batch_size(32);
            trainer
                .callback(StopAfter(9999))
                .validation(validation())
                .callback(EarlyStopping::new(2))
        };
        assert!(fit(trainer().resume(latest(folder.path()))) == whole, "after batch {stop}");
    }
    // The one that has stopped stays stopped.
    let folder = tempfile::tempdir().unwrap();
    let stopped = fit(trainer().callback(Checkpoints::new(folder.path())));
    assert!(stopped == whole);
    assert!(fit(trainer().resume(latest(folder.path()))) == whole);
}

#[test]
fn the_newest_the_last_few_and_the_best_are_kept() {
    let names = |folder: &Path| {
        let entries = std::fs::read_dir(folder).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> = entries.map(|e| name(e).into_string().unwrap()).collect();
        names.retain(|name| name != ".lock");
        names.sort();
        names
    };
    let run = |settings: fn(Checkpoints) -> Checkpoints| {
        let folder = tempfile::tempdir().unwrap();
        // One batch in ten is left for the sixth epoch.
        let checkpoints = settings(Checkpoints::new(folder.path()));
        let trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(2.0)).epochs(6).batch_size(32);
        let trainer = trainer.validation(validation()).callback(checkpoints);
        fit(trainer.callback(StopAfter(51)));
        names(folder.path())
    };
    let end = "epoch-0006-batch-000001.safetensors";
    assert_eq!(run(|c| c), [end]);
    assert_eq!(run(|c| c.keep(2)), ["epoch-0005.safetensors", end]);
    let all = run(|c| c.keep(100).every_epochs(2));
    assert_eq!(all, ["epoch-0002.safetensors", "epoch-0004.safetensors", end]);
    let all = run(|c| c.keep(3).every_batches(4));
    let (fourth, eighth) =
        ("epoch-0005-batch-000004.safetensors", "epoch-0005-batch-000008.safetensors");
    assert_eq!(all, [eighth, "epoch-0005.safetensors", end], "and not {fourth}");
    assert_eq!(run(|c| c.best(Monitor::ValidationLoss)), ["best.safetensors", end]);
}

#[test]
fn the_best_checkpoint_is_of_the_best_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let trainer = || {
        let trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(2.0)).epochs(8).batch_size(32);
        trainer.validation(validation())
    };
    let mut stopping = EarlyStopping::new(100);
    let best_kept = Checkpoints::new(folder.path()).best(Monitor::ValidationLoss);
    let best = fit(trainer().callback(&mut stopping).callback(best_kept));
    let epoch = stopping.best_epoch().unwrap();
    assert!(epoch < 8, "the best is not the last, or this shows nothing");
    let at_best = fit(trainer().epochs(epoch).resume(folder.path().join("best.safetensors")));
    assert!(at_best.params == best.params);
    let loaded = Sequential::load(folder.path().join("best.safetensors")).unwrap();
    assert!(loaded.params() == best.params, "a checkpoint loads as a model");
}

#[test]
fn a_checkpoint_loads_as_the_averaged_model() {
    for (average, epochs) in
        [(Average::ema(0.9), 1), (Average::swa(0.4), 3), (Average::swa(0.9), 2)]
    {
        let folder = tempfile::tempdir().unwrap();
        let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(32).epochs(3);
        let trainer = trainer.average(average).callback(Checkpoints::new(folder.path()).keep(3));
        let averaged = fit(trainer);
        let path = folder.path().join(format!("epoch-{epochs:04}.safetensors"));
        let mut loaded = Sequential::load(&path).unwrap();
        if epochs == 3 || average == Average::ema(0.9) {
            let last = folder.path().join("epoch-0003.safetensors");
            loaded.load_weights(last).unwrap();
            assert!(loaded.params() == averaged.params, "{average:?}");
        } else {
            // There is no average yet.
            assert!(loaded.params().iter().any(|&w| w != 0.0));
        }
    }
}

#[test]
fn layers_without_a_name_in_files_are_saved_as_weights() {
    struct Double;
    impl Elementwise for Double {
        fn f(&self, x: f32) -> f32 {
            2.0 * x
        }
        fn derivative(&self, _x: f32, _y: f32) -> f32 {
            2.0
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let trainer = || Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(32);
    let build = || model().add(Double).unwrap();
    let mut whole = build();
    trainer().epochs(2).fit(&mut whole, digits(100)).unwrap();
    let checkpoints = Checkpoints::new(folder.path());
    trainer().callback(checkpoints).fit(&mut build(), digits(100)).unwrap();
    let mut resumed = build();
    let latest = latest(folder.path());
    trainer().epochs(2).resume(&latest).fit(&mut resumed, digits(100)).unwrap();
    assert!(resumed.params() == whole.params());
    let error = Sequential::load(&latest).unwrap_err().to_string();
    assert!(error.contains("load_weights"), "{error}");
    build().load_weights(&latest).unwrap();
}
