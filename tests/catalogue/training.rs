//! Training against PyTorch, through the trainer and small models, after 1, 2, … epochs: what
//! surrounds a step (clipping, parameter groups, penalties, largest norms and averages), and batch
//! normalization over batches of several shards. To 1e-6 of the largest number.

use chainrule::optim::{Moments, Step};
use chainrule::prelude::*;
use ndarray::{ArrayD, Axis, Slice};
use serde_json::Value;

use crate::case::{Config, assert_close, files, floats, sizes, text};
use crate::registry;

#[test]
fn training_agrees_with_pytorch() {
    let [file] = &files("torch_training")[..] else { panic!("one file") };
    let data = Arrays::new(array(file, "x"), array(file, "target")).unwrap();
    for case in file["cases"].as_array().unwrap() {
        for (epochs, want) in (1..).zip(case["runs"].as_array().unwrap()) {
            let mut model = frozen(model().unwrap(), case);
            model.set_params(&floats(&file["start"])).unwrap();
            let trainer = trainer(case).batch_size(Config(file).size("batch_size"));
            trainer.shuffle(false).epochs(epochs).fit(&mut model, &data).unwrap();
            let what = format!("parameters after epoch {epochs}");
            assert_close(text(case, "name"), &what, model.params(), &floats(want), 1e-6);
        }
    }
}

#[test]
fn training_with_batch_normalization_agrees_with_pytorch() {
    let [file] = &files("torch_batch_norm")[..] else { panic!("one file") };
    for case in file["cases"].as_array().unwrap() {
        let (name, x) = (text(case, "name"), array(case, "x"));
        let data = Arrays::new(x.clone(), array(case, "target")).unwrap();
        let runs = case["runs"].as_array().unwrap();
        let predictions = case["predictions"].as_array().unwrap();
        for (epochs, (want, prediction)) in (1..).zip(runs.iter().zip(predictions)) {
            let mut model = normalized(name).unwrap();
            model.set_params(&floats(&case["start"])).unwrap();
            let trainer = trainer(case).batch_size(Config(file).size("batch_size"));
            trainer.shuffle(false).epochs(epochs).fit(&mut model, &data).unwrap();
            let what = format!("parameters and statistics after epoch {epochs}");
            assert_close(name, &what, model.params(), &floats(want), 1e-6);

            let want = floats(prediction);
            let first = x.slice_axis(Axis(0), Slice::from(..want.len() / 2));
            let y = model.predict(&first).unwrap();
            let what = format!("prediction after epoch {epochs}");
            assert_close(name, &what, y.as_slice().unwrap(), &want, 1e-6);
        }
    }
}

#[test]
fn training_through_time_agrees_with_pytorch() {
    let [file] = &files("torch_recurrent")[..] else { panic!("one file") };
    let data = Arrays::new(array(file, "x"), array(file, "target")).unwrap();
    let traces = file["traces"].as_array().unwrap();
    assert_eq!(traces.len(), 3);
    for trace in traces {
        let input = Sequential::new([5, 3]);
        let layer = match text(trace, "layer") {
            "simple_rnn" => input.add(SimpleRnn::new(4)),
            "lstm" => input.add(Lstm::new(4)),
            _ => input.add(Gru::new(4)),
        };
        agrees(&layer.unwrap().add(Dense::new(2)).unwrap(), trace, &data, file);
    }
}

#[test]
fn training_with_attention_agrees_with_pytorch() {
    let [file] = &files("torch_transformer")[..] else { panic!("one file") };
    let data = Arrays::new(array(file, "x"), array(file, "target")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let (block, config) = (TransformerBlock::new(2, 6), Config(&case["config"]));
        let block = if config.flag("norm_first") { block } else { block.post_norm() };
        let block = if config.flag("causal") { block.causal() } else { block };
        let start = Sequential::new([5, 4]).add(block).unwrap();
        let start = start.add(GlobalAvgPool1d).unwrap().add(Dense::new(2)).unwrap();
        agrees(&start, case, &data, file);
    }
}

/// Compares a model's parameters after 1, 2, … epochs of momentum, from those of a case on.
fn agrees(start: &Sequential, case: &Value, data: &Arrays, file: &Value) {
    let settings = Config(file);
    for (epochs, want) in (1..).zip(case["runs"].as_array().unwrap()) {
        let mut model = start.clone();
        model.set_params(&floats(&case["start"])).unwrap();
        let sgd = Sgd::new(settings.float("lr")).momentum(settings.float("momentum"));
        let trainer = Trainer::new(MeanSquaredError, sgd).shuffle(false).epochs(epochs);
        trainer.batch_size(settings.size("batch_size")).fit(&mut model, data).unwrap();
        let what = format!("parameters after epoch {epochs}");
        assert_close(text(case, "name"), &what, model.params(), &floats(want), 1e-6);
    }
}

/// Batch normalization of features, in a residual block too, or of images.
fn normalized(name: &str) -> Result<Sequential> {
    match name {
        "features" => Sequential::new([3])
            .add(Dense::new(4))?
            .add(BatchNorm::new())?
            .add(Tanh)?
            .add(Residual::new(|x| x.add(Dense::new(4))?.add(BatchNorm::new())?.add(Tanh)))?
            .add(Dense::new(2)),
        "images" => Sequential::new([5, 5, 1])
            .add(Conv2d::new(4, 3).padding(Padding::Same).bias(false))?
            .add(BatchNorm::new())?
            .add(Relu)?
            .add(Flatten)?
            .add(Dense::new(2)),
        other => panic!("no model is called {other}"),
    }
}

/// An array with its shape beside it.
fn array(value: &Value, name: &str) -> ArrayD<f32> {
    let shape = sizes(&value[format!("{name}_shape")]);
    ArrayD::from_shape_vec(shape, floats(&value[name])).unwrap()
}

fn model() -> Result<Sequential> {
    Sequential::new([3]).add(Dense::new(4))?.add(Tanh)?.add(Dense::new(2))
}

/// Freezes what a case does not train.
fn frozen(model: Sequential, case: &Value) -> Sequential {
    let groups = case["groups"].as_array().into_iter().flatten();
    groups.filter(|group| Config(group).flag("frozen")).fold(model, |model, group| {
        let frozen = match group["which"].as_str() {
            Some("first") => model.freeze(0),
            Some("last") => model.freeze("Dense(2)"),
            other => panic!("no case freezes {other:?}"),
        };
        frozen.unwrap()
    })
}

fn trainer(case: &Value) -> Trainer<'static> {
    let mut trainer = Trainer::new(MeanSquaredError, Boxed(registry::build_optimizer(case)));
    for group in case["groups"].as_array().into_iter().flatten() {
        trainer = trainer.group(param_group(Config(group)));
    }
    let (clip, average) = (Config(&case["clip"]), Config(&case["average"]));
    if clip.has("value") {
        trainer = trainer.clip(Clip::value(clip.float("value")));
    } else if clip.has("norm") {
        trainer = trainer.clip(Clip::norm(clip.float("norm")));
    } else if clip.has("global_norm") {
        trainer = trainer.clip(Clip::global_norm(clip.float("global_norm")));
    }
    if average.has("decay") {
        trainer = trainer.average(Average::ema(average.float("decay")));
    } else if average.has("start") {
        trainer = trainer.average(Average::swa(average.float("start")));
    }
    trainer
}

fn param_group(config: Config) -> ParamGroup {
    let mut group = match config.0["which"].as_str() {
        Some("all") => ParamGroup::all(),
        Some("vectors") => ParamGroup::vectors(),
        Some("first") => ParamGroup::layers(..1),
        Some("last") => ParamGroup::new(|param| param.layer_name == "Dense(2)"),
        other => panic!("no parameters are called {other:?}"),
    };
    for (key, set) in [
        ("lr", ParamGroup::lr as fn(ParamGroup, f32) -> ParamGroup),
        ("decay", ParamGroup::decay),
        ("l1", ParamGroup::l1),
        ("l2", ParamGroup::l2),
        ("max_norm", ParamGroup::max_norm),
    ] {
        if config.has(key) {
            group = set(group, config.float(key));
        }
    }
    group
}

/// An optimizer that the registry built.
#[derive(Debug)]
struct Boxed(Box<dyn Optimizer>);

impl Optimizer for Boxed {
    fn learning_rate(&self) -> f32 {
        self.0.learning_rate()
    }

    fn moments(&self) -> usize {
        self.0.moments()
    }

    fn check(&self) -> Result<(), TrainError> {
        self.0.check()
    }

    fn remember(&self, t: u64, memory: f64) -> f64 {
        self.0.remember(t, memory)
    }

    fn step(&self, at: Step, params: &mut [f32], gradient: &[f32], moments: Moments<'_>) {
        self.0.step(at, params, gradient, moments);
    }
}
