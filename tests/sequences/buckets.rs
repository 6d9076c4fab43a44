//! Batches of sequences of similar lengths.

use chainrule::prelude::*;

use super::Padded;

fn data() -> Padded {
    let lengths: Vec<usize> = (0..53).map(|n| 1 + n * 5 % 9).collect();
    Padded::new(&lengths, [9, 3], 1, 2)
}

fn model() -> Sequential {
    let model = Sequential::new([9, 3]).add(Lstm::new(4).dropout(0.2)).unwrap();
    model.add(Dense::new(2)).unwrap().initialize(2)
}

fn trainer(bucket: Option<usize>) -> Trainer<'static> {
    let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).epochs(2).batch_size(8);
    if let Some(batches) = bucket { trainer.bucket(batches) } else { trainer }
}

/// Stops in the middle of the second epoch.
struct StopAfter(usize);

impl Callback for StopAfter {
    fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
        if (run.epoch() - 1) * run.batches() + run.batch() == self.0 {
            run.stop("enough for now");
        }
        Ok(())
    }
}

#[test]
fn buckets_give_the_same_bits_for_any_threads_and_after_an_interruption() {
    let run = |mut trainer: Trainer<'_>| {
        let mut model = model();
        trainer.fit(&mut model, &data()).unwrap();
        model.params().to_vec()
    };
    let want = run(trainer(Some(3)));
    assert_ne!(want, run(trainer(None)));
    assert_eq!(want, run(trainer(Some(3)).threads(1)));
    assert_eq!(want, run(trainer(Some(3)).threads(3)));

    let folder = tempfile::tempdir().unwrap();
    run(trainer(Some(3)).callback(Checkpoints::new(folder.path())).callback(StopAfter(10)));
    let path = Checkpoints::latest(folder.path()).unwrap().unwrap();
    assert_eq!(want, run(trainer(Some(3)).resume(&path)));
    for other in [None, Some(4)] {
        let error = trainer(other).resume(&path).fit(&mut model(), &data()).unwrap_err();
        assert!(error.to_string().contains("true, in buckets of 3 batches"), "{error}");
    }
}

#[test]
fn a_bucket_of_no_batches_is_refused() {
    let error = trainer(Some(0)).fit(&mut model(), &data()).unwrap_err().to_string();
    assert!(error.contains("the number of batches of a bucket"), "{error}");
}
