//! Prefetching: the same batches in the same order.
#![cfg(feature = "sample")]

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};

use chainrule::data::augment::{Augment, Mixup, Shift};
use chainrule::prelude::*;

mod common;
use common::digits;

/// Digits that are read with some trouble: not in memory, some of them slowly, one not at all.
struct Slow {
    read_by: Mutex<BTreeSet<String>>,
    reads: AtomicUsize,
    broken: Option<usize>,
}

impl Slow {
    fn new(broken: Option<usize>) -> Self {
        Slow { read_by: Mutex::default(), reads: AtomicUsize::new(0), broken }
    }
}

fn name(thread: ThreadId) -> String {
    format!("{thread:?}")
}

impl Dataset for Slow {
    fn len(&self) -> usize {
        300
    }
    fn input_shape(&self) -> Vec<usize> {
        vec![28, 28, 1]
    }
    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes(10)
    }
    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        self.read_by.lock().unwrap().insert(name(thread::current().id()));
        self.reads.fetch_add(1, Ordering::Relaxed);
        if index.is_multiple_of(37) {
            thread::sleep(std::time::Duration::from_millis(2));
        }
        if self.broken == Some(index) {
            return Err(DataError::Sample { index, source: "the disk is gone".into() }.into());
        }
        digits(300).input(index, x)
    }
    fn target(&self, index: usize) -> Target<'_> {
        digits(300).target(index)
    }
}

fn model(normalized: bool) -> Sequential {
    let model = Sequential::new([28, 28, 1]).add(Flatten).unwrap().add(Dense::new(20)).unwrap();
    let model = if normalized { model.add(BatchNorm::new()).unwrap() } else { model };
    model.add(Relu).unwrap().add(Dense::new(10)).unwrap().initialize(2)
}

fn trainer(threads: usize) -> Trainer<'static> {
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).epochs(2).batch_size(32).threads(threads)
}

#[test]
fn the_bits_are_those_of_data_in_memory_for_any_number_of_threads() {
    let changed = Augment::new().with(Shift::pixels(2.0)).mix(Mixup::new(0.4));
    for (normalized, augment) in [(false, Augment::new()), (true, Augment::new()), (true, changed)]
    {
        let mut wanted = model(normalized);
        trainer(1).augment(augment.clone()).fit(&mut wanted, digits(300)).unwrap();
        for threads in [1, 2, 3] {
            let (mut came, slow) = (model(normalized), Slow::new(None));
            trainer(threads).augment(augment.clone()).fit(&mut came, &slow).unwrap();
            assert!(came.params() == wanted.params(), "{threads} threads, {augment}");
            assert_eq!(slow.reads.into_inner(), 600, "each sample once an epoch");
        }
    }
}

#[test]
fn they_are_read_on_other_threads_than_the_one_that_trains() {
    struct Trains(Mutex<String>);
    impl Callback for &Trains {
        fn batch(&mut self, _run: &mut Run<'_>) -> Result<()> {
            *self.0.lock().unwrap() = name(thread::current().id());
            Ok(())
        }
    }
    let (slow, trains) = (Slow::new(None), Trains(Mutex::default()));
    trainer(1).callback(&trains).fit(&mut model(false), &slow).unwrap();
    let (by, trains) = (slow.read_by.into_inner().unwrap(), trains.0.into_inner().unwrap());
    assert!(!by.contains(&trains) && !by.is_empty(), "read by {by:?}, trained by {trains}");
}

#[test]
fn a_sample_that_cannot_be_read_stops_training_after_the_last_whole_step() {
    /// The weights after each step.
    #[derive(Default)]
    struct Steps(Vec<Vec<f32>>);
    impl Callback for Steps {
        fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
            self.0.push(run.model().params().to_vec());
            Ok(())
        }
    }
    let (mut model, mut steps) = (model(false), Steps::default());
    let (slow, shuffled) = (Slow::new(Some(100)), false);
    let mut trainer = trainer(2).shuffle(shuffled).callback(&mut steps);
    let error = trainer.fit(&mut model, &slow).unwrap_err();
    drop(trainer);
    assert_eq!(error.to_string(), "sample 100 cannot be read: the disk is gone");
    // Sample 100 is in the fourth batch of 32.
    assert_eq!(steps.0.len(), 3);
    assert!(model.params() == steps.0[2]);
    let error = model.evaluate(&slow, &SoftmaxCrossEntropy).unwrap_err();
    assert_eq!(error.to_string(), "sample 100 cannot be read: the disk is gone");
}

#[test]
fn stopping_within_an_epoch_leaves_no_reader_behind() {
    struct Stop;
    impl Callback for Stop {
        fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
            run.stop("after the first batch");
            Ok(())
        }
    }
    let slow = Slow::new(None);
    trainer(2).callback(Stop).fit(&mut model(false), &slow).unwrap();
    let reads = slow.reads.load(Ordering::Relaxed);
    assert!(reads < 300, "{reads} reads, of which 32 were used");
}
