//! Parts of the recipe that change at a resume: refused, or allowed by name.

use std::path::PathBuf;

use chainrule::data::augment::{Augment, Shift};
use chainrule::optim::schedule::{Constant, Schedule};
use chainrule::prelude::*;

use super::common::digits;
use super::{StopAfter, latest, model, validation};

/// Stops after the first epoch.
struct OneEpoch;

impl Callback for OneEpoch {
    fn epoch(&mut self, run: &mut Run<'_>) -> Result<()> {
        run.stop("enough for now");
        Ok(())
    }
}

/// A checkpoint after the first of four epochs, or within it.
fn checkpoint(schedule: impl Schedule, stop: impl Callback) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let trainer = trainer(SoftmaxCrossEntropy, Adam::new(0.01), schedule).callback(stop);
    let mut trainer = trainer.callback(Checkpoints::new(folder.path()));
    trainer.fit(&mut model(), digits(300)).unwrap();
    let path = latest(folder.path());
    (folder, path)
}

fn trainer<'a>(loss: impl Loss, optimizer: impl Optimizer, schedule: impl Schedule) -> Trainer<'a> {
    let trainer = Trainer::new(loss, optimizer).schedule(schedule).batch_size(32).epochs(4);
    trainer.validation(validation())
}

fn cosine() -> Cosine {
    Cosine::new(0.0)
}

/// The trainer of the checkpoint.
fn usual<'a>() -> Trainer<'a> {
    trainer(SoftmaxCrossEntropy, Adam::new(0.01), cosine())
}

#[test]
fn what_differs_is_refused_by_name_and_allowed_by_name() {
    let (_folder, path) = checkpoint(cosine(), OneEpoch);
    let (data, more) = (digits(300), digits(320));
    let shifted = || Augment::new().with(Shift::pixels(1.0));
    let smooth = SoftmaxCrossEntropy.label_smoothing(0.1);
    let cases: [(Change, &str, Trainer<'_>, &Images); 13] = [
        (Change::Optimizer, "Adam {", trainer(SoftmaxCrossEntropy, Adam::new(0.5), cosine()), data),
        (
            Change::Optimizer,
            "AdamW {",
            trainer(SoftmaxCrossEntropy, AdamW::new(0.01, 0.1), cosine()),
            data,
        ),
        (Change::Optimizer, "Sgd {", trainer(SoftmaxCrossEntropy, Sgd::new(0.1), cosine()), data),
        (Change::Schedule, "Constant", usual().schedule(Constant), data),
        (Change::Schedule, "Cosine", usual().schedule(Cosine::new(0.1)), data),
        (Change::Schedule, "Curve([1.0,", usual().schedule(Curve(|done| 1.0 - done)), data),
        (Change::Epochs, "8", usual().epochs(8), data),
        (Change::Loss, "epsilon: 0.1", trainer(smooth, Adam::new(0.01), cosine()), data),
        (Change::Clip, "GlobalNorm(1.0)", usual().clip(Clip::global_norm(1.0)), data),
        (Change::Groups, "0.bias", usual().group(ParamGroup::vectors().lr(0.1)), data),
        (Change::Augment, "Shift", usual().augment(shifted()), data),
        (Change::Data, "320 samples of 28×28×1", usual(), more),
        (Change::Validation, "300 samples", usual().validation(data), data),
    ];
    for (change, came, trainer, data) in cases {
        let mut trainer = trainer.resume(&path);
        let mut model = model();
        let before = model.params().to_vec();
        let error = trainer.fit(&mut model, data).unwrap_err();
        assert!(matches!(error, Error::File(FileError::OtherRun { .. })), "{error}");
        let error = error.to_string();
        assert!(error.contains(came), "{change:?}: {error}");
        assert!(error.contains(&format!(".allow_change(Change::{change:?})")), "{error}");
        assert!(model.params() == before, "the model is as it was");
        let history = trainer.allow_change(change).fit(&mut model, data).unwrap();
        assert_eq!(history.epochs.len(), if change == Change::Epochs { 8 } else { 4 });
    }
}

#[test]
fn targets_and_pixels_count_as_data() {
    let (_folder, path) = checkpoint(cosine(), OneEpoch);
    let data = digits(300);
    let mut labels = data.labels().to_vec();
    labels[299] = (labels[299] + 1) % 10;
    let other = Images::new(data.pixels().to_owned(), labels, 10).unwrap();
    let inverted =
        Images::new(data.pixels().mapv(|p| 255 - p), data.labels().to_vec(), 10).unwrap();
    for data in [other, inverted] {
        let error = usual().resume(&path).fit(&mut model(), &data).unwrap_err().to_string();
        assert!(error.contains("300 samples") && error.contains("Change::Data"), "{error}");
    }
}

#[test]
fn other_data_is_not_taken_up_within_an_epoch() {
    let (_folder, path) = checkpoint(cosine(), StopAfter(5));
    let mut trainer = usual().resume(path).allow_change(Change::Data);
    let error = trainer.fit(&mut model(), digits(320)).unwrap_err().to_string();
    assert!(error.contains("only between two epochs"), "{error}");
}

#[test]
fn epochs_may_change_where_nothing_depends_on_their_number() {
    let (_folder, path) = checkpoint(Constant, OneEpoch);
    let go = |epochs| {
        let mut model = model();
        let trainer = trainer(SoftmaxCrossEntropy, Adam::new(0.01), Constant).epochs(epochs);
        let history = trainer.resume(&path).fit(&mut model, digits(300));
        history.map(|history| (history.epochs.len(), model.params().to_vec()))
    };
    let (epochs, eight) = go(8).unwrap();
    assert_eq!(epochs, 8);
    let mut whole = model();
    let mut trainer = trainer(SoftmaxCrossEntropy, Adam::new(0.01), Constant).epochs(8);
    trainer.fit(&mut whole, digits(300)).unwrap();
    assert!(whole.params() == eight);
    assert_eq!(go(2).unwrap().0, 2);
}

#[test]
fn an_optimizer_of_the_same_kind_keeps_its_moments_and_another_begins_anew() {
    let small = || {
        let model = Sequential::new([28, 28, 1]).add(Flatten).unwrap().add(Dense::new(10));
        model.unwrap().initialize(3)
    };
    let in_order = |trainer: Trainer<'static>| trainer.batch_size(32).shuffle(false);
    let adam = |lr| in_order(Trainer::new(SoftmaxCrossEntropy, Adam::new(lr)));
    let momentum = || in_order(Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1).momentum(0.9)));
    let folder = tempfile::tempdir().unwrap();
    adam(0.01).callback(Checkpoints::new(folder.path())).fit(&mut small(), digits(300)).unwrap();
    let path = latest(folder.path());
    let resumed = |trainer: Trainer<'_>| {
        let mut model = small();
        let mut trainer = trainer.epochs(2).resume(&path).allow_change(Change::Optimizer);
        trainer.fit(&mut model, digits(300)).unwrap();
        model.params().to_vec()
    };
    let mut halved = small();
    let mut trainer = adam(0.01).epochs(2).schedule(StepDecay::new(1, 0.5));
    trainer.fit(&mut halved, digits(300)).unwrap();
    assert!(resumed(adam(0.005)) == halved.params());

    let mut model = Sequential::load(&path).unwrap();
    momentum().fit(&mut model, digits(300)).unwrap();
    assert!(resumed(momentum()) == model.params());
}

/// Classes in another order would train the outputs for the wrong ones.
#[test]
fn classes_have_the_names_of_the_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let named = |names: [&'static str; 10]| digits(300).clone().with_class_names(names).unwrap();
    let up = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let mut down = up;
    down.reverse();
    let trainer = || Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(32);
    let saving = || trainer().callback(Checkpoints::new(folder.path()));
    saving().fit(&mut model(), &named(up)).unwrap();
    let path = latest(folder.path());
    let resume = |names| trainer().epochs(2).resume(&path).fit(&mut model(), &named(names));
    let error = resume(down).unwrap_err().to_string();
    assert!(error.contains("classes 9, 8, 7") && error.contains("has 0, 1, 2"), "{error}");
    assert_eq!(resume(up).unwrap().epochs.len(), 2);
}

/// Numbers that no run can count, which would overflow later.
#[test]
fn counts_that_are_too_large_are_refused() {
    let (_folder, path) = checkpoint(cosine(), OneEpoch);
    let bytes = std::fs::read(&path).unwrap();
    for (fact, value) in [("steps", "10"), ("epoch", "2")] {
        let (old, huge) = (format!("\"{fact}\":\"{value}\""), "9".repeat(19));
        let new = format!("\"{fact}\":\"{huge}\"");
        std::fs::write(&path, replaced(&bytes, &old, &new)).unwrap();
        let error = usual().resume(&path).fit(&mut model(), digits(300)).unwrap_err().to_string();
        assert!(error.contains(fact) && error.contains("no run can count"), "{error}");
    }
}

/// Replaces a text in the header of a safetensors file, and mends the header's length.
fn replaced(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let (length, rest) = bytes.split_first_chunk::<8>().unwrap();
    let (header, tensors) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header = std::str::from_utf8(header).unwrap();
    assert!(header.contains(old), "{header}");
    let header = header.trim_end().replacen(old, new, 1);
    let header = format!("{header:<width$}", width = header.len().next_multiple_of(8));
    let length = (header.len() as u64).to_le_bytes();
    [&length[..], header.as_bytes(), tensors].concat()
}
