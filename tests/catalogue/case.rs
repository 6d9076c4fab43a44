//! Cases of the fixtures: how they are read, and how layers and losses are run on them.

use approx::abs_diff_eq;
use chainrule::prelude::*;
use chainrule::random::Key;
use ndarray::{ArrayView, ArrayViewMut};
use serde_json::Value;

/// The fixtures whose names begin so.
pub fn files(prefix: &str) -> Vec<Value> {
    let folder = format!("{}/tests/fixtures", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let matches = |path: &&std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(prefix) && name.ends_with(".json")
    };
    let read = |path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    paths.iter().filter(matches).map(read).collect()
}

/// All their cases.
pub fn cases(prefix: &str) -> Vec<Value> {
    let files = files(prefix);
    files.iter().flat_map(|file| file["cases"].as_array().unwrap().clone()).collect()
}

pub fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_else(|| panic!("no {key} in {}", case["name"]))
}

pub fn floats(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

pub fn sizes(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as usize).collect()
}

/// The settings of a case, under its `config`.
pub struct Config<'a>(pub &'a Value);

impl Config<'_> {
    pub fn has(&self, key: &str) -> bool {
        !self.0[key].is_null()
    }

    pub fn flag(&self, key: &str) -> bool {
        self.0[key].as_bool().unwrap_or(false)
    }

    pub fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_else(|| panic!("no {key} in {}", self.0))
    }

    pub fn float(&self, key: &str) -> f32 {
        self.0[key].as_f64().unwrap_or_else(|| panic!("no {key} in {}", self.0)) as f32
    }

    pub fn size(&self, key: &str) -> usize {
        self.0[key].as_u64().unwrap_or_else(|| panic!("no {key} in {}", self.0)) as usize
    }

    pub fn sizes(&self, key: &str) -> Vec<usize> {
        sizes(&self.0[key])
    }

    pub fn pair(&self, key: &str) -> (usize, usize) {
        let pair = self.sizes(key);
        (pair[0], pair[1])
    }

    /// A pair, or `[1, 1]` where there is none.
    pub fn pair_or_ones(&self, key: &str) -> (usize, usize) {
        if self.has(key) { self.pair(key) } else { (1, 1) }
    }

    /// A size, or 1 where there is none.
    pub fn size_or_one(&self, key: &str) -> usize {
        if self.has(key) { self.size(key) } else { 1 }
    }

    pub fn floats(&self, key: &str) -> Vec<f32> {
        floats(&self.0[key])
    }

    /// `"valid"`, `"same"` or `[top, bottom, left, right]`.
    pub fn padding(&self) -> Padding {
        match self.0["padding"].as_str() {
            Some("valid") => Padding::Valid,
            Some("same") => Padding::Same,
            _ => {
                let p = self.sizes("padding");
                Padding::Explicit { top: p[0], bottom: p[1], left: p[2], right: p[3] }
            }
        }
    }
}

/// Equal up to rounding: to `tolerance`, as a share of the largest number of the right answer.
#[track_caller]
pub fn assert_close(name: &str, what: &str, got: &[f32], want: &[f32], tolerance: f32) {
    assert_eq!(got.len(), want.len(), "{name}: length of {what}");
    let scale = want.iter().fold(1.0f32, |scale, w| scale.max(w.abs()));
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let close = abs_diff_eq!(*got, *want, epsilon = tolerance * scale);
        assert!(close, "{name}: {what}[{i}] is {got}, should be {want}");
    }
}

/// What a layer makes of a case.
pub struct Run {
    pub y: Vec<f32>,
    pub dx: Vec<f32>,
    pub dparams: Vec<f32>,
}

/// Both passes of a layer, as the engine would run them for prediction; or, where the case's
/// `config` says `training`, for training on a batch of one shard. With `lengths`, samples are padded.
pub fn run<L: Layer>(layer: L, case: &Value) -> Run {
    let name = text(case, "name");
    let x_shape = sizes(&case["x_shape"]);
    let (x, params) = (floats(&case["x"]), floats(&case["params"]));
    let input = &x_shape[1..];
    let output = layer.output_shape(input).unwrap_or_else(|mismatch| panic!("{name}: {mismatch}"));
    let y_shape = [&x_shape[..1], &output].concat();
    assert_eq!(y_shape, sizes(&case["y_shape"]), "{name}: output shape");
    let expected: usize =
        layer.param_specs(input).iter().map(|p| p.shape.iter().product::<usize>()).sum();
    assert_eq!(params.len(), expected, "{name}: number of parameters");

    let mut packed = vec![f32::NAN; layer.packed_len(input)];
    layer.pack(input, &params, &mut packed, true);
    let values = Params { values: &params, packed: &packed };
    let mut cache = layer.new_cache(input, x_shape[0]);
    let mut y = vec![f32::NAN; y_shape.iter().product()];
    let x_view = || ArrayView::from_shape(&x_shape[..], &x).unwrap();
    let y_view = ArrayViewMut::from_shape(&y_shape[..], &mut y).unwrap();
    let config = Config(&case["config"]);
    let training = config.flag("training");
    // Lengths are a setting of the case, or a part of the case itself.
    let own = [&case["lengths"], &case["config"]["lengths"]];
    let padded = own.into_iter().find(|lengths| !lengths.is_null()).map(sizes);
    let lengths = padded.as_deref().map_or(Lengths::FULL, Lengths::new);
    let coupled = layer.batch_sums().filter(|_| training);
    let mut sums = vec![0.0; coupled.map_or(0, |layer| layer.len(input))];
    if let Some(layer) = coupled {
        layer.add_forward(x_view(), lengths, &mut sums);
        layer.take_forward(&sums, &mut cache);
    }
    let mode = if training { Mode::Train(Noise::new(Key::new(0), 0)) } else { Mode::Infer };
    layer.forward(values, x_view(), y_view, &mut cache, Pass { mode, lengths });
    // The engine clears what comes after the steps that count.
    for (y, &length) in y.chunks_mut(output.iter().product()).zip(padded.iter().flatten()) {
        if let Some(length) = layer.output_length(input, &output, length).unwrap() {
            y[length * output[1]..].fill(0.0);
        }
    }

    let (mut dx, mut dparams) = (vec![f32::NAN; x.len()], vec![0.0; params.len()]);
    if !case["dy"].is_null() {
        let mut dy = floats(&case["dy"]);
        let y_view = || ArrayView::from_shape(&y_shape[..], &y).unwrap();
        if let Some(layer) = coupled {
            let saved = Saved { x: x_view(), y: y_view(), cache: &mut cache, lengths };
            sums.fill(0.0);
            layer.add_backward(saved, ArrayView::from_shape(&y_shape[..], &dy).unwrap(), &mut sums);
            layer.take_backward(&sums, &mut cache);
        }
        layer.backward(
            values,
            Saved { x: x_view(), y: y_view(), cache: &mut cache, lengths },
            ArrayViewMut::from_shape(&y_shape[..], &mut dy).unwrap(),
            Some(ArrayViewMut::from_shape(&x_shape[..], &mut dx).unwrap()),
            &mut dparams,
        );
    }
    Run { y, dx, dparams }
}

/// What a loss makes of a case.
pub struct LossRun {
    /// The weight of each row times its loss.
    pub weighted: Vec<f32>,
    pub weights: Vec<f32>,
    /// The gradient of the weighted mean.
    pub dx: Vec<f32>,
}

impl LossRun {
    pub fn sum(&self) -> f32 {
        self.weighted.iter().sum()
    }

    pub fn mean(&self) -> f32 {
        self.sum() / self.weights.iter().sum::<f32>()
    }
}

/// Classes of the steps of a row.
fn row_of_steps(row: &Value) -> Vec<usize> {
    let class = |class: &Value| match class.as_i64() {
        Some(class @ 0..) => class as usize,
        _ => Target::IGNORED,
    };
    let mut steps: Vec<usize> = row.as_array().unwrap().iter().map(class).collect();
    while steps.last() == Some(&Target::IGNORED) {
        steps.pop();
    }
    steps
}

/// A loss, row by row, with the mean that the engine would take.
pub fn run_loss(loss: &dyn Loss, case: &Value) -> LossRun {
    let (name, x) = (text(case, "name"), floats(&case["x"]));
    let n = sizes(&case["x_shape"])[0];
    let size = x.len() / n;
    let values = if case["target"].is_null() { Vec::new() } else { floats(&case["target"]) };
    let labels = if case["labels"].is_null() { Vec::new() } else { sizes(&case["labels"]) };
    // -1 is a step that is ignored, and the ones at the end of a row are left out.
    let steps: Vec<Vec<usize>> = match case["steps"].as_array() {
        Some(rows) => rows.iter().map(row_of_steps).collect(),
        None => Vec::new(),
    };
    let strings: Vec<Vec<usize>> =
        case["strings"].as_array().into_iter().flatten().map(sizes).collect();
    let kind = match &labels[..] {
        _ if !strings.is_empty() => {
            let longest = strings.iter().map(Vec::len).max().unwrap();
            TargetKind::Sequences { classes: Config(&case["config"]).size("classes"), longest }
        }
        _ if !steps.is_empty() => {
            let classes = Config(&case["config"]).size("outputs");
            TargetKind::Sequences { classes, longest: size / classes }
        }
        [] => TargetKind::Values(values.len() / n),
        // A single output tells two classes apart.
        _ => TargetKind::Classes(size.max(2)),
    };
    loss.check(size, &kind).unwrap_or_else(|mismatch| panic!("{name}: {mismatch}"));

    // Values of a row that count, if its steps have a length.
    let counted = |i: usize| match Config(&case["config"]) {
        config if config.has("lengths") => {
            config.sizes("lengths")[i] * (config.size("classes") + 1)
        }
        _ => size,
    };

    let mut run = LossRun { weighted: vec![], weights: vec![], dx: vec![f32::NAN; x.len()] };
    let target = |i: usize| match kind {
        TargetKind::Values(k) => Target::Values(&values[i * k..(i + 1) * k]),
        TargetKind::Sequences { .. } => {
            Target::Classes(strings.get(i).unwrap_or_else(|| &steps[i]))
        }
        TargetKind::Classes(_) => Target::Class(labels[i]),
    };
    for (i, (x, dx)) in x.chunks(size).zip(run.dx.chunks_mut(size)).enumerate() {
        let (dx, padding) = dx.split_at_mut(counted(i));
        let x = &x[..dx.len()];
        padding.fill(0.0);
        if let Target::Classes(classes) = target(i) {
            loss.check_classes(x.len(), classes)
                .unwrap_or_else(|mismatch| panic!("{name}: {mismatch}"));
        }
        let weight = loss.weight(target(i));
        run.weighted.push(weight * loss.loss(x, target(i), Some(dx)));
        run.weights.push(weight);
        dx.iter_mut().for_each(|dx| *dx *= weight);
    }
    let total: f32 = run.weights.iter().sum();
    run.dx.iter_mut().for_each(|dx| *dx /= total);
    run
}
