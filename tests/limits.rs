//! Settings at the ends of their types: each is refused, or means what it says. Nothing wraps around.
#![cfg(feature = "sample")]

use std::time::Duration;

use chainrule::optim::schedule::{Constant, Progress};
use chainrule::prelude::*;
use ndarray::ArrayD;

const ENDS: [usize; 6] = [0, 1, 1 << 32, usize::MAX / 2 + 1, usize::MAX - 1, usize::MAX];

fn data() -> Images {
    Mnist::sample().train.take(40).unwrap()
}

fn model() -> Sequential {
    let model = Sequential::new([28, 28, 1]).add(Flatten).unwrap();
    model.add(Dense::new(10)).unwrap().initialize(1)
}

/// One batch of training at most.
fn fit(trainer: Trainer<'_>) -> Result<History> {
    trainer.callback(TimeBudget::new(Duration::ZERO)).fit(&mut model(), &data())
}

fn trainer<'a>() -> Trainer<'a> {
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))
}

#[test]
fn counts_of_a_trainer() {
    for n in ENDS {
        assert_eq!(fit(trainer().epochs(n)).is_ok(), n > 0, "{n} epochs");
        assert_eq!(fit(trainer().batch_size(n)).is_ok(), n > 0, "batches of {n}");
        assert_eq!(fit(trainer().accumulate(n)).is_ok(), n > 0, "{n} batches a step");
        assert_eq!(fit(trainer().accumulate(n).batch_size(n)).is_ok(), n > 0, "{n}·{n}");
        assert_eq!(fit(trainer().threads(n)).is_ok(), n == 1, "{n} threads");
        assert!(fit(trainer().seed(n as u64)).is_ok());
    }
}

#[test]
fn counts_of_callbacks() {
    let folder = tempfile::tempdir().unwrap();
    for (number, n) in ENDS.into_iter().enumerate() {
        let checkpoints = || Checkpoints::new(folder.path().join(number.to_string()));
        let is_fit = |callback: Checkpoints| fit(trainer().callback(callback)).is_ok();
        assert_eq!(is_fit(checkpoints().every_epochs(n)), n > 0, "every {n} epochs");
        let checkpoints = || Checkpoints::new(folder.path().join(format!("b{number}")));
        assert_eq!(is_fit(checkpoints().every_batches(n)), n > 0, "every {n} batches");
        let checkpoints = || Checkpoints::new(folder.path().join(format!("c{number}")));
        assert_eq!(is_fit(checkpoints().keep(n)), n > 0, "the last {n}");
        let data = data();
        let mut trainer = trainer().epochs(3).validation(&data).callback(EarlyStopping::new(n));
        let epochs = trainer.fit(&mut model(), &data).unwrap().epochs.len();
        assert_eq!(epochs, 3, "a patience of {n}");
    }
    let checkpoints = Checkpoints::new(folder.path().join("d")).every(Duration::MAX);
    let mut trainer = trainer().callback(TimeBudget::new(Duration::MAX)).callback(checkpoints);
    assert_eq!(trainer.fit(&mut model(), &data()).unwrap().epochs.len(), 1);
}

#[test]
fn counts_of_schedules() {
    for n in ENDS {
        let schedules: [Box<dyn Schedule>; 6] = [
            Box::new(StepDecay::new(n, 0.5)),
            Box::new(MultiStep::new([n], 0.5)),
            Box::new(Cosine::new(0.0).cycles(n)),
            Box::new(ReduceOnPlateau::new(0.5, n).cooldown(n)),
            Box::new(Warmup::new(0.5).then(0.5, StepDecay::new(n.max(1), 0.5))),
            Box::new(Constant.times(LinearDecay)),
        ];
        for schedule in schedules.iter().filter(|schedule| schedule.check().is_ok()) {
            for epoch in ENDS {
                let factor = schedule.factor(&Progress::new(epoch.min(n / 2), n.max(1)));
                assert!((0.0..=1.0).contains(&factor), "{schedule:?}: {factor} at {epoch}");
            }
        }
    }
}

#[test]
fn numbers_of_layers_and_blocks() {
    for n in ENDS {
        assert!(model().truncate(n).is_ok());
        assert_eq!(model().without_last(n).is_ok(), n <= 1, "without the last {n}");
        assert_eq!(model().layers().nth(n).is_some(), n <= 1);
        assert_eq!(model().freeze(n).is_ok(), n <= 1, "layer {n} frozen");
        let trainer = trainer().group(ParamGroup::layers(n..).lr(0.5));
        assert!(fit(trainer).is_ok());
    }
}

#[test]
fn sizes_of_layers() {
    let add = |input: &[usize], add: &dyn Fn(Sequential) -> Result<Sequential>| {
        add(Sequential::new(input)).map(|model| model.param_count())
    };
    for n in ENDS {
        for (layer, result) in [
            ("Dense", add(&[4], &|m| m.add(Dense::new(n)))),
            ("Conv2d filters", add(&[8, 8, 2], &|m| m.add(Conv2d::new(n, 3)))),
            ("Conv2d kernel", add(&[8, 8, 2], &|m| m.add(Conv2d::new(2, n)))),
            ("Conv2d stride", add(&[8, 8, 2], &|m| m.add(Conv2d::new(2, 3).stride(n)))),
            ("Conv2d dilation", add(&[8, 8, 2], &|m| m.add(Conv2d::new(2, 3).dilation(n)))),
            ("Conv2d groups", add(&[8, 8, 2], &|m| m.add(Conv2d::new(2, 3).groups(n)))),
            ("Conv2d padding", add(&[8, 8, 2], &|m| m.add(Conv2d::new(2, 3).padding(n)))),
            ("Conv1d kernel", add(&[8, 2], &|m| m.add(Conv1d::new(2, n)))),
            ("Conv1d dilation", add(&[8, 2], &|m| m.add(Conv1d::new(2, 3).dilation(n)))),
            ("MaxPool1d", add(&[8, 2], &|m| m.add(MaxPool1d::new(n)))),
            ("AvgPool1d", add(&[8, 2], &|m| m.add(AvgPool1d::new(2).stride(n).dilation(n)))),
            ("GlobalAvgPool1d", add(&[n, 2], &|m| m.add(GlobalAvgPool1d))),
            ("ZeroPad1d", add(&[8, 2], &|m| m.add(ZeroPad1d::new(n)))),
            ("LearnedPositions", add(&[n, 2], &|m| m.add(LearnedPositions::new()))),
            ("SinusoidalPositions", add(&[n, 2], &|m| m.add(SinusoidalPositions))),
            ("ConvTranspose2d", add(&[8, 8, 2], &|m| m.add(ConvTranspose2d::new(2, n)))),
            ("stride", add(&[8, 8, 2], &|m| m.add(ConvTranspose2d::new(2, 3).stride(n)))),
            ("MaxPool2d", add(&[8, 8, 2], &|m| m.add(MaxPool2d::new(n)))),
            ("AvgPool2d", add(&[8, 8, 2], &|m| m.add(AvgPool2d::new(2).stride(n)))),
            ("ZeroPad2d", add(&[8, 8, 2], &|m| m.add(ZeroPad2d::new(n)))),
            ("rows", add(&[8, 8, 2], &|m| m.add(ZeroPad2d::new(0).rows(n, n)))),
            ("GroupNorm", add(&[8, 8, 2], &|m| m.add(GroupNorm::new(n)))),
            ("LayerNorm", add(&[8, 8, 2], &|m| m.add(LayerNorm::new().axes(n)))),
            ("Reshape", add(&[8, 8, 2], &|m| m.add(Reshape::new([n, n])))),
            ("Slice", add(&[8, 8, 2], &|m| m.add(Slice::new(0..n)))),
            ("Slice", add(&[8, 8, 2], &|m| m.add(Slice::new(n..usize::MAX)))),
            ("Slice of steps", add(&[8, 2], &|m| m.add(Slice::steps(0..n)))),
            ("SelfAttention", add(&[8, 2], &|m| m.add(SelfAttention::new(n)))),
            ("head width", add(&[8, 2], &|m| m.add(SelfAttention::new(2).head_width(n)))),
            ("CrossAttention", add(&[8, 2], &|m| m.add(CrossAttention::new(n, 2)))),
            ("queries", add(&[8, 2], &|m| m.add(CrossAttention::new(2, n)))),
            ("steps", add(&[n, 2], &|m| m.add(SelfAttention::new(1)))),
            ("features", add(&[2, n], &|m| m.add(SelfAttention::new(1)))),
            ("input", add(&[n, n], &|m| m.add(Dense::new(2)))),
            ("input", add(&[n, 2], &|m| m.add(Flatten))),
        ] {
            let params = result.unwrap_or(0);
            assert!(n <= 1 || params <= 1000, "{layer} of {n}: {params} parameters");
        }
    }
}

#[test]
fn counts_of_an_evaluation() {
    let (model, data) = (model(), data());
    let result = model.evaluate(&data, &SoftmaxCrossEntropy).unwrap();
    let wrong = result.wrong();
    for n in ENDS {
        assert_eq!(result.worst(n).len(), n.min(wrong));
        assert!(result.suspects(n).len() <= n.min(wrong));
        assert_eq!(result.top_k(n).unwrap() == 1.0, n >= 10, "top {n}");
        assert_eq!(result.calibration(n).is_some(), n > 0);
        let file = ModelFile::new(model.clone());
        assert_eq!(file.classify(&[0.5f32; 784]).unwrap().top(n).len(), n.min(10));
        let logits = [1.0f32, 2.0, 3.0];
        assert_eq!(top_k(&logits, n).len(), n.min(3));
    }
    assert_eq!(model.predict(&ArrayD::zeros(vec![0, 28, 28, 1])).unwrap().len(), 0);
}

#[test]
#[cfg(feature = "report")]
fn sizes_of_pictures() {
    let picture = Picture::of_sample(&[2, 2, 1], &[0.0, 1.0, 0.5, 0.2]).unwrap();
    for n in ENDS {
        let large = picture.larger(n);
        assert!(large.width() >= 2 && large.width() <= 1 << 16, "{n} times: {}", large.width());
        let sheet = Picture::sheet(&[picture.clone(), picture.clone()], n, n);
        assert!(sheet.is_none_or(|sheet| sheet.width() <= 1 << 16), "{n} columns");
    }
}

#[test]
#[cfg(feature = "search")]
fn counts_of_a_search() {
    use chainrule::search::{Search, Space};
    let space = || Space::new(0.0f64).choice("x", [0.1, 0.2], |config, x| *config = x);
    let run = |search: Search| search.run(&space(), |trial| Ok::<f64, Error>(trial.config)).is_ok();
    for n in ENDS {
        let small = n <= 1;
        for (search, ok) in [
            (Search::random(n), n == 1),
            (Search::halving(n, 2), n == 1),
            (Search::halving(4, n), n > 1),
            (Search::hyperband(n), n > 1),
            (Search::grid().epochs(n), n > 0),
            (Search::hyperband(3).epochs(n), n == 1),
            (Search::grid().threads(n), n == 1),
            (Search::grid().trials_at_once(n), n > 0),
        ] {
            let text = format!("{search:?}");
            assert!(run(search) == ok || !small, "{text}");
        }
    }
}
