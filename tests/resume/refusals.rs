//! Checkpoints that a run is not resumed from, and folders that it does not write to.

use std::path::Path;

use chainrule::prelude::*;
use chainrule::trainer::SavePoint;

use super::common::digits;
use super::{fit, latest, model};

#[test]
fn a_folder_is_for_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let trainer = || {
        let checkpoints = Checkpoints::new(folder.path()).keep(9);
        let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(32).epochs(3);
        trainer.callback(checkpoints)
    };
    fit(trainer());
    let first = folder.path().join("epoch-0001.safetensors");
    for (trainer, ahead) in [(trainer(), "epoch-000"), (trainer().resume(first), "epoch-000")] {
        let mut trainer = trainer;
        let error = trainer.fit(&mut model(), digits(300)).unwrap_err().to_string();
        assert!(error.contains("of another run") && error.contains(ahead), "{error}");
    }
    let left = |n| folder.path().join(format!("epoch-000{n}.safetensors")).exists();
    assert!((1..=3).all(left), "nothing is lost");
}

#[test]
fn another_run_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let trainer = || Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(32);
    fit(trainer().callback(Checkpoints::new(folder.path())));
    let path = latest(folder.path());
    let refusal = |trainer: Trainer, mut model: Sequential, data: &dyn Dataset| {
        let before = model.params().to_vec();
        let error = trainer.epochs(2).resume(&path).fit(&mut model, data).unwrap_err();
        assert!(model.params() == before, "the model is as it was");
        assert!(matches!(error, Error::File(_)), "{error}");
        error.to_string()
    };
    let data = digits(300);
    for (text, fact) in [
        (
            refusal(trainer().seed(1), model(), data),
            "this run has the seed 1, but the checkpoint's has 0: resume with the same",
        ),
        (refusal(trainer().batch_size(16), model(), data), "the batch size 16"),
        (
            refusal(trainer().batch_size(16).accumulate(2), model(), data),
            "this run has the number of accumulated batches 2, but the checkpoint's has 1",
        ),
        (
            refusal(trainer().average(Average::ema(0.9)), model(), data),
            "number of averaged parameters",
        ),
        (refusal(trainer().shuffle(false), model(), data), "shuffling false"),
        (refusal(trainer(), model().freeze(..1).unwrap(), data), "with weight and bias frozen"),
        (refusal(trainer(), model().add(Relu).unwrap(), data), "the layers Conv2d"),
        (refusal(trainer(), model().add(Dense::new(10)).unwrap(), data), "number of parameters"),
    ] {
        assert!(text.contains(fact), "{text}");
    }
    let error = trainer().resume("nowhere.safetensors").fit(&mut model(), data).unwrap_err();
    assert!(error.to_string().starts_with("nowhere.safetensors: "), "{error}");
}

#[test]
fn a_checkpoint_that_is_cut_anywhere_is_refused() {
    struct SaveOnce<'a>(&'a Path);
    impl Callback for SaveOnce<'_> {
        fn save(&mut self, point: &SavePoint<'_>) -> Result<()> {
            point.write(self.0)
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.safetensors");
    let mut tiny = Sequential::new([28, 28, 1]).add(GlobalAvgPool2d).unwrap();
    tiny = tiny.add(Dense::new(10)).unwrap();
    let trainer = || Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01));
    trainer().callback(SaveOnce(&path)).fit(&mut tiny, digits(20)).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for len in 0..whole.len() {
        std::fs::write(&path, &whole[..len]).unwrap();
        let error = trainer().resume(&path).fit(&mut tiny, digits(20)).unwrap_err();
        assert!(matches!(error, Error::File(_)), "{len} bytes: {error}");
    }
    std::fs::write(&path, &whole).unwrap();
    trainer().resume(&path).fit(&mut tiny, digits(20)).unwrap();
}
