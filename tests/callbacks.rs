//! Who is told of training, when, and what they can do.
#![cfg(all(feature = "progress", feature = "sample"))]

use chainrule::prelude::*;
use chainrule::trainer::{Moment, SavePoint};

mod common;
use common::digits;

fn dense() -> Sequential {
    let model = Sequential::new([28, 28, 1]).add(Flatten).unwrap();
    model.add(Dense::new(10)).unwrap().initialize(1)
}

fn trainer() -> Trainer<'static> {
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).epochs(2).batch_size(40)
}

/// Writes down what it is told.
#[derive(Default)]
struct Diary {
    entries: Vec<String>,
    fail_in: &'static str,
}

impl Diary {
    fn note(&mut self, what: &str, run: &Run<'_>) -> Result<()> {
        let (epoch, batch) = (run.epoch(), run.batch());
        self.entries.push(format!("{what} {epoch}.{batch}"));
        if self.fail_in == what {
            let source = "as asked".into();
            return Err(DataError::Sample { index: 0, source }.into());
        }
        Ok(())
    }
}

impl Callback for Diary {
    fn begin(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.note("begin", run)
    }
    fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.note("batch", run)
    }
    fn epoch(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.note("epoch", run)
    }
    fn end(&mut self, run: &mut Run<'_>) -> Result<()> {
        assert_eq!(run.error().is_some(), !self.fail_in.is_empty() && self.fail_in != "end");
        self.note("end", run)
    }
    fn save(&mut self, point: &SavePoint<'_>) -> Result<()> {
        let what = match point.moment() {
            Moment::Batch => "save batch",
            Moment::Epoch => "save epoch",
            Moment::End => "save end",
        };
        self.note(what, point.run())
    }
}

#[test]
fn everyone_is_told_of_everything_in_order() {
    let (mut first, mut second) = (Diary::default(), Diary::default());
    let mut trainer = trainer().callback(&mut first).callback(&mut second);
    trainer.fit(&mut dense(), digits(80)).unwrap();
    drop(trainer);
    let wanted = [
        "begin 1.0",
        "batch 1.1",
        "save batch 1.1",
        "batch 1.2",
        "save batch 1.2",
        "epoch 2.0",
        "save epoch 2.0",
        "batch 2.1",
        "save batch 2.1",
        "batch 2.2",
        "save batch 2.2",
        "epoch 3.0",
        "save epoch 3.0",
        "save end 3.0",
        "end 3.0",
    ];
    assert_eq!(first.entries, wanted);
    assert_eq!(second.entries, wanted);
}

#[test]
fn an_error_in_any_place_ends_training_and_all_are_told_of_the_end() {
    for place in ["begin", "batch", "epoch", "save batch", "save epoch", "save end", "end"] {
        let mut failing = Diary { fail_in: place, ..Diary::default() };
        // The second has its say at the end, although the first has failed there.
        let mut other =
            Diary { fail_in: if place == "end" { "end" } else { "nowhere" }, ..Diary::default() };
        let mut trainer = trainer().callback(&mut failing).callback(&mut other);
        let error = trainer.fit(&mut dense(), digits(80)).unwrap_err();
        drop(trainer);
        assert_eq!(error.to_string(), "sample 0 cannot be read: as asked", "{place}");
        for entries in [&failing.entries, &other.entries] {
            assert!(entries.last().unwrap().starts_with("end"), "{place}: {entries:?}");
            assert_eq!(entries.iter().filter(|entry| entry.starts_with("end")).count(), 1);
        }
    }
}

#[test]
fn callbacks_change_no_bit() {
    let fit = |mut trainer: Trainer| {
        let mut model = dense();
        trainer.fit(&mut model, digits(100)).unwrap();
        model
    };
    let folder = tempfile::tempdir().unwrap();
    let watched =
        trainer().callback(Checkpoints::new(folder.path()).every_batches(1)).progress(true);
    assert!(fit(watched).params() == fit(trainer()).params());
}

/// Keeps the weights after each epoch, as the validation saw them.
#[derive(Default)]
struct Album(Vec<Vec<f32>>);

impl Callback for Album {
    fn epoch(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.0.push(run.model().params().to_vec());
        Ok(())
    }
}

/// A hundred digits, every second under a wrong label: the more the model learns and the surer it
/// grows, the higher the loss, after it has fallen at first.
fn half_wrong() -> Images {
    let digits = Mnist::sample().test.take(100).unwrap();
    let labels = digits.labels().iter().enumerate();
    let labels = labels.map(|(i, &label)| if i % 2 == 0 { label } else { (label + 1) % 10 });
    Images::new(digits.pixels().to_owned(), labels.collect(), 10).unwrap()
}

/// Whatever else ends a run.
enum End {
    Patience,
    AllEpochs,
    Stop,
    Error,
    NotFinite,
}

/// Makes the run end in epoch 6.
struct EndBy(End);

impl Callback for EndBy {
    fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
        if (run.epoch(), run.batch()) == (6, 2) {
            match self.0 {
                End::Stop => run.stop("enough"),
                End::Error => {
                    return Err(DataError::Sample { index: 0, source: "gone".into() }.into());
                }
                End::NotFinite => {
                    let poison = vec![f32::MAX; run.model().param_count()];
                    run.set_params(&poison)?;
                }
                End::Patience | End::AllEpochs => {}
            }
        }
        Ok(())
    }
}

#[test]
fn early_stopping_leaves_the_weights_of_the_best_epoch_on_every_way_out() {
    for average in [None, Some(Average::ema(0.5)), Some(Average::swa(0.0))] {
        for end in [End::Patience, End::AllEpochs, End::Stop, End::Error, End::NotFinite] {
            let (patience, epochs) = match end {
                End::Patience => (1, 1000),
                End::AllEpochs => (usize::MAX, 12),
                _ => (usize::MAX, 1000),
            };
            let fails = matches!(end, End::Error | End::NotFinite);
            let validation = half_wrong();
            let (mut stopping, mut album) = (EarlyStopping::new(patience), Album::default());
            let mut trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(1.0))
                .epochs(epochs)
                .batch_size(40)
                .validation(&validation)
                .callback(&mut stopping)
                .callback(&mut album)
                .callback(EndBy(end));
            if let Some(average) = average {
                trainer = trainer.average(average);
            }
            let mut model = dense();
            let history = trainer.fit(&mut model, digits(120));
            drop(trainer);
            assert_eq!(history.is_err(), fails);
            let best = stopping.best_epoch().unwrap();
            assert!(best < album.0.len(), "the best is not the last, or this shows nothing");
            assert!(model.params() == album.0[best - 1], "epoch {best} of {}", album.0.len());
            if let Ok(history) = history {
                let losses = history.epochs.iter().map(|epoch| epoch.validation_loss.unwrap());
                let lowest = losses.fold(f64::INFINITY, f64::min);
                assert_eq!(history.epochs[best - 1].validation_loss, Some(lowest));
                let loss = model.evaluate(&validation, &SoftmaxCrossEntropy).unwrap().loss;
                assert_eq!(loss, lowest);
            }
        }
    }
}

#[test]
fn the_model_ends_as_the_last_validation_saw_it() {
    for average in [Average::ema(0.9), Average::swa(0.0)] {
        let model = dense().add(BatchNorm::new()).unwrap();
        let (mut model, validation) = (model.add(Dense::new(10)).unwrap(), half_wrong());
        let mut trainer = trainer().average(average).validation(&validation);
        let history = trainer.fit(&mut model, digits(200)).unwrap();
        let loss = model.evaluate(&validation, &SoftmaxCrossEntropy).unwrap().loss;
        assert_eq!(history.last().unwrap().validation_loss, Some(loss), "{average:?}");
    }
}

#[test]
fn early_stopping_needs_its_number() {
    let fit = |stopping| trainer().callback(stopping).fit(&mut dense(), digits(40)).map(|_| ());
    let error = fit(EarlyStopping::new(1)).unwrap_err().to_string();
    assert!(error.contains("validation loss") && error.contains("`validation`"), "{error}");
    fit(EarlyStopping::new(1).monitor(Monitor::Loss)).unwrap();
    let error = fit(EarlyStopping::new(1).min_improvement(f64::NAN)).unwrap_err().to_string();
    assert!(error.contains("least improvement"), "{error}");
}

#[test]
fn a_trainer_begins_anew_with_the_same_callbacks() {
    let validation = digits(60);
    let mut stopping = EarlyStopping::new(0).monitor(Monitor::ValidationAccuracy);
    let mut trainer = trainer().validation(validation).callback(&mut stopping);
    let (mut once, mut again) = (dense(), dense());
    let history = trainer.fit(&mut once, digits(80)).unwrap();
    let second = trainer.fit(&mut again, digits(80)).unwrap();
    assert_eq!(history.epochs.len(), second.epochs.len());
    assert!(once.params() == again.params());
}

#[test]
fn settings_of_checkpoints_without_meaning_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = || Checkpoints::new(folder.path());
    for bad in
        [checkpoints().keep(0), checkpoints().every_epochs(0), checkpoints().every_batches(0)]
    {
        let error = trainer().callback(bad).fit(&mut dense(), digits(40)).unwrap_err();
        assert!(error.to_string().ends_with("is 0: it must be at least 1"), "{error}");
    }
}
