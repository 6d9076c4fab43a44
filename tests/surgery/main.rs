//! Models that are changed: cut, grown again, frozen, and filled from the file of another.

#![cfg(feature = "sample")]

#[path = "../common/mod.rs"]
mod common;
mod counting;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use chainrule::prelude::*;
use common::digits;
use counting::Counting;
use ndarray::{Array, ArrayD, Axis, Slice};

/// A body with a batch normalization and a block, and a head from layer 8, a ReLU, on.
fn model() -> Result<Sequential> {
    Sequential::new([28, 28, 1])
        .add(Conv2d::new(4, 3).stride(2))?
        .add(BatchNorm::new())?
        .add(Relu)?
        .add(Residual::new(|x| x.add(Conv2d::new(4, 3).padding(Padding::Same))?.add(Relu)))?
        .add(Flatten)?
        .add(Dense::new(16))?
        .add(Relu)?
        .add(Dense::new(10))
}

const BODY: Range<usize> = 0..8;

/// All that can move weights.
fn trainer() -> Trainer<'static> {
    Trainer::new(SoftmaxCrossEntropy, AdamW::new(0.01, 0.3))
        .group(ParamGroup::all().l1(0.1).l2(0.1).max_norm(0.1))
        .average(Average::ema(0.5))
        .batch_size(32)
        .epochs(2)
}

fn inputs() -> ArrayD<f32> {
    Array::from_shape_fn((3, 28, 28, 1), |(n, y, x, _)| ((n * y + x) % 7) as f32 / 7.0).into_dyn()
}

#[test]
fn frozen_weights_and_statistics_stay_bit_by_bit() -> Result<()> {
    let free = model()?;
    let mut frozen = free.clone().freeze(BODY)?;
    trainer().fit(&mut frozen, digits(200))?;
    let mut statistics_frozen = free.clone().freeze("BatchNorm")?;
    trainer().fit(&mut statistics_frozen, digits(200))?;
    for (before, (one, two)) in free.layers().zip(frozen.layers().zip(statistics_frozen.layers())) {
        let (body, norm) = (BODY.contains(&before.index()), before.index() == 1);
        for ((before, one), two) in before.params().zip(one.params()).zip(two.params()) {
            assert_eq!(before.values == one.values, body, "{}", before.name);
            assert_eq!(before.values == two.values, norm, "{}", before.name);
        }
    }
    Ok(())
}

#[test]
fn no_backward_pass_runs_below_what_learns() -> Result<()> {
    let [low, high] = [0, 0].map(|n| Arc::new(AtomicUsize::new(n)));
    let model = || {
        Sequential::new([28, 28, 1])
            .add(Flatten)?
            .add(Dense::new(8))?
            .add(Counting(low.clone()))?
            .add(Dense::new(8))?
            .add(Counting(high.clone()))?
            .add(Dense::new(10))
    };
    let count = |frozen: &str, model: Sequential| -> Result<[bool; 2]> {
        [&low, &high].iter().for_each(|counter| counter.store(0, Relaxed));
        trainer().fit(&mut { model }, digits(64))?;
        let ran = [&low, &high].map(|counter| counter.load(Relaxed) > 0);
        println!("{frozen}: {ran:?}");
        Ok(ran)
    };
    assert_eq!(count("nothing", model()?)?, [true, true]);
    assert_eq!(count("layer 1", model()?.freeze(1)?)?, [false, true]);
    assert_eq!(count("layers 1 to 3", model()?.freeze(..4)?)?, [false, false]);
    assert_eq!(count("layer 3", model()?.freeze(3)?)?, [true, true]);
    assert_eq!(count("one weight", model()?.freeze("1.weight")?)?, [true, true]);
    assert_eq!(count("free again", model()?.freeze(..)?.unfreeze("Dense(8)")?)?, [true, true]);
    Ok(())
}

#[test]
fn gradients_through_frozen_statistics_are_those_of_prediction() -> Result<()> {
    // Statistics that are not those of a batch.
    let mut model = model()?;
    trainer().fit(&mut model, digits(200))?;
    let samples: Vec<usize> = (0..70).collect();
    let (_, wanted) = model.gradient(digits(200), &samples, &SoftmaxCrossEntropy)?;
    for (frozen, free) in [(1..2, 0..1), (1..2, 9..10), (BODY, 8..10)] {
        let model = model.clone().freeze(frozen)?;
        let mut stepper = trainer().stepper(&model)?;
        stepper.accumulate(&model, digits(200), &samples)?;
        let gradient = stepper.gradient();
        for layer in model.layers().filter(|layer| free.contains(&layer.index())) {
            for i in layer.range() {
                assert!((gradient[i] - wanted[i]).abs() < 1e-5, "parameter {i}");
            }
        }
    }
    Ok(())
}

#[test]
fn a_norm_over_the_gradient_does_not_count_what_is_frozen() -> Result<()> {
    let data = digits(64);
    let step = |model: &Sequential| -> Result<Vec<f32>> {
        let mut model = model.clone();
        let trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(1.0)).batch_size(64);
        trainer.clip(Clip::global_norm(0.01)).fit(&mut model, data)?;
        Ok(model.params().to_vec())
    };
    let model = Sequential::new([28, 28, 1])
        .add(Flatten)?
        .add(Dense::new(4))?
        .add(Dense::new(10))?
        .freeze(1)?;
    let moved = step(&model)?.iter().zip(model.params()).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
    assert!((moved.sqrt() - 0.01).abs() < 1e-5, "{moved}");
    Ok(())
}

#[test]
fn a_shorter_model_gives_what_flowed_there_and_grows_again() -> Result<()> {
    let model = model()?;
    let body = model.clone().truncate(7)?;
    assert_eq!(body.output_shape(), [13 * 13 * 4]);
    assert_eq!(body.params(), &model.params()[..body.param_count()]);
    let features = body.predict(&inputs())?;

    // Fused with what followed, the layer now stands alone: its output has negative numbers again.
    let [dense, relu] = [8, 9].map(|end| model.clone().truncate(end));
    let (dense, relu) = (dense?.predict(&inputs())?, relu?.predict(&inputs())?);
    assert!(dense.iter().any(|&y| y < 0.0));
    assert_eq!(dense.mapv(|y| y.max(0.0)), relu);
    assert_eq!(dense.shape(), [3, 16]);

    let head = Sequential::new([676]).add(Dense::new(16))?.add(Relu)?.add(Dense::new(10))?;
    let mut head = head;
    head.set_params(&model.params()[body.param_count()..])?;
    assert_eq!(head.predict(&features)?, model.predict(&inputs())?);

    let again = body.add(Dense::new(16))?.add(Relu)?.add(Dense::new(10))?;
    assert_eq!(again.params(), model.params());
    assert_eq!(again.summary(), model.summary());
    let other = model.clone().without_last(1)?.add(Dense::new(2))?;
    assert_eq!(other.output_shape(), [2]);
    assert_eq!(model.clone().without_last(5)?.layers().len(), 3, "a block is one layer");
    assert_eq!(model.clone().truncate(0)?.output_shape(), [28, 28, 1]);

    // A shorter model predicts the same for a part of the batch.
    let part = inputs();
    let part = part.slice_axis(Axis(0), Slice::from(1..2));
    assert_eq!(other.predict(&part)?.shape(), [1, 2]);
    Ok(())
}

#[test]
fn what_cannot_be_cut_frozen_or_found_is_named() -> Result<()> {
    let refusal = |change: fn(Sequential) -> Result<Sequential>| -> Result<String> {
        let error = change(model()?).unwrap_err();
        assert!(matches!(error, Error::Model(_)));
        Ok(error.to_string())
    };
    let cut = refusal(|model| model.truncate(4))?;
    assert_eq!(
        cut,
        "the model cannot be cut before layer 4, which stands in Residual: cut before layer 3 or 6"
    );
    let few = refusal(|model| model.without_last(9))?;
    assert!(few.starts_with("cannot take 9 layers off a model of 8"), "{few}");
    for (change, wanted) in [
        (
            (|model| model.freeze(10)) as fn(Sequential) -> _,
            "no layer 10: its layers are 0 Conv2d(",
        ),
        (|model| model.freeze(3..12), "no layer 11:"),
        (|model| model.freeze("Conv"), "no layer `Conv`:"),
        (|model| model.freeze("0.weights"), "no layer `0.weights`:"),
        (|model| model.unfreeze("Dense(11)"), "no layer `Dense(11)`:"),
    ] {
        let error = refusal(change)?;
        assert!(error.contains(wanted), "{error}");
    }
    let error = trainer().fit(&mut model()?.freeze(..)?, digits(64)).unwrap_err().to_string();
    assert!(error.ends_with("that could learn are frozen: free some with `unfreeze`"), "{error}");
    // Within a block, only the block's own layers could go.
    let inside = Residual::new(|x| x.add(Dense::new(2))?.truncate(0));
    assert!(Sequential::new([2]).add(inside).is_err());
    Ok(())
}

#[test]
fn a_stepper_is_for_a_model_with_the_same_parts_frozen() -> Result<()> {
    let model = model()?;
    let mut stepper = trainer().stepper(&model)?;
    let frozen = model.freeze("BatchNorm")?;
    let error = stepper.accumulate(&frozen, digits(64), &[0, 1]).unwrap_err().to_string();
    assert!(error.contains("BatchNorm with scale and shift and running_mean"), "{error}");
    Ok(())
}

#[test]
fn files_and_checkpoints_keep_what_is_frozen() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    let frozen = model()?.freeze(BODY)?.unfreeze("7.bias")?;
    frozen.save(&path)?;
    let loaded = Sequential::load(&path)?;
    let flags = |model: &Sequential| -> Vec<bool> {
        model.layers().flat_map(|layer| layer.params().map(|param| param.frozen)).collect()
    };
    assert_eq!(flags(&loaded), flags(&frozen));

    // Layers that follow a loaded model.
    let grown = loaded.clone().add(Relu)?.add(Dense::new(2))?;
    let relu = loaded.predict(&inputs())?.mapv(|y| y.max(0.0));
    assert_eq!(grown.clone().truncate(11)?.predict(&inputs())?, relu);
    assert_eq!(flags(&grown), [flags(&loaded), vec![false; 2]].concat());

    // A resumed run comes to the weights of one that was not interrupted.
    let run = |epochs| {
        let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(32);
        trainer.epochs(epochs)
    };
    let (mut whole, mut parts) = (frozen, loaded.clone());
    run(2).fit(&mut whole, digits(100))?;
    run(1).callback(Checkpoints::new(folder.path().join("run"))).fit(&mut parts, digits(100))?;
    let checkpoint = Checkpoints::latest(folder.path().join("run"))?.unwrap();
    let mut resumed = loaded.clone();
    run(2).resume(&checkpoint).fit(&mut resumed, digits(100))?;
    assert!(resumed.params() == whole.params());

    let mut free = loaded.unfreeze(..)?;
    let error = run(2).resume(&checkpoint).fit(&mut free, digits(100)).unwrap_err().to_string();
    assert!(error.contains("Dense(16) with weight frozen"), "{error}");
    Ok(())
}

#[test]
fn weights_that_fit_are_loaded_and_the_others_are_reported() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    let other = model()?.initialize(3);
    other.save(&path)?;
    let mut same = model()?;
    let report = same.load_matching_weights(&path)?;
    assert!(report.is_complete() && same.params() == other.params(), "{report}");

    let fresh = Sequential::new([28, 28, 1])
        .add(Conv2d::new(4, 3).stride(2).bias(false))?
        .add(BatchNorm::new())?
        .add(Conv2d::new(4, 3))?
        .add(Flatten)?
        .add(Dense::new(2))?;
    let mut part = fresh.clone();
    let report =
        WeightFile::from_bytes(&other.weights_to_bytes()?)?.load_matching_into(&mut part)?;
    let norm = ["1.scale", "1.shift", "1.running_mean", "1.running_variance"];
    assert_eq!(report.matched, [&["0.weight"], &norm[..]].concat());
    assert_eq!(report.missing, ["2.weight", "2.bias", "4.weight", "4.bias"]);
    assert_eq!(report.unused.first().map(|name| &**name), Some("0.bias"));
    assert_eq!(part.params()[..36], other.params()[..36]);
    assert_eq!(part.params()[52..], fresh.params()[52..]);

    let mut wide = model()?.without_last(1)?.add(Dense::new(2))?;
    let report = wide.load_matching_weights(&path)?;
    let reasons = [
        ("9.weight", "the model has 16×2, the file 16×10"),
        ("9.bias", "the model has 2, the file 10"),
    ];
    assert_eq!(report.mismatched, reasons.map(|(name, why)| (name.into(), why.into())));
    assert!(report.missing.is_empty() && report.unused.is_empty() && !report.is_complete());
    assert!(report.to_string().contains("; 9.bias does not fit: the model has 2"), "{report}");
    Ok(())
}
