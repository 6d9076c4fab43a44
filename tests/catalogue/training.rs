//! What surrounds a step, against PyTorch: clipping, parameter groups, penalties, largest norms and
//! averages, through the trainer and a small model, after 1, 2, … epochs: to 2e-5 of the largest
//! parameter.

use chainrule::prelude::*;
use ndarray::ArrayD;
use serde_json::Value;

use crate::case::{Config, assert_close, files, floats, sizes, text};
use crate::registry;

#[test]
fn training_agrees_with_pytorch() {
    let [file] = &files("torch_training")[..] else { panic!("one file") };
    let array = |name: &str| {
        let shape = sizes(&file[format!("{name}_shape")]);
        ArrayD::from_shape_vec(shape, floats(&file[name])).unwrap()
    };
    let data = Arrays::new(array("x"), array("target")).unwrap();
    for case in file["cases"].as_array().unwrap() {
        for (epochs, want) in (1..).zip(case["runs"].as_array().unwrap()) {
            let mut model = model().unwrap();
            model.set_params(&floats(&file["start"])).unwrap();
            let trainer = trainer(case).batch_size(Config(file).size("batch_size"));
            trainer.shuffle(false).epochs(epochs).fit(&mut model, &data).unwrap();
            let what = format!("parameters after epoch {epochs}");
            assert_close(text(case, "name"), &what, model.params(), &floats(want), 2e-5);
        }
    }
}

fn model() -> Result<Sequential> {
    Sequential::new([3]).add(Dense::new(4))?.add(Tanh)?.add(Dense::new(2))
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
    if config.flag("frozen") { group.frozen() } else { group }
}

/// An optimizer that the registry built.
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
