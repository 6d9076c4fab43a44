//! Cases of the fixtures: how they are read, and how layers and losses are run on them.

use approx::abs_diff_eq;
use chainrule::prelude::*;
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

/// Both passes of a layer, as the engine would run them for prediction.
pub fn run<L: Layer>(layer: L, case: &Value) -> Run {
    let name = text(case, "name");
    let x_shape = sizes(&case["x_shape"]);
    let (x, params) = (floats(&case["x"]), floats(&case["params"]));
    let input = &x_shape[1..];
    let output = layer.output_shape(input).unwrap_or_else(|misfit| panic!("{name}: {misfit}"));
    let y_shape = [&x_shape[..1], &output].concat();
    assert_eq!(y_shape, sizes(&case["y_shape"]), "{name}: output shape");
    let expected: usize =
        layer.params(input).iter().map(|p| p.shape.iter().product::<usize>()).sum();
    assert_eq!(params.len(), expected, "{name}: number of parameters");

    let mut packed = vec![f32::NAN; layer.packed_len(input)];
    layer.pack(input, &params, &mut packed, true);
    let values = Params { values: &params, packed: &packed };
    let mut cache = layer.new_cache(input, x_shape[0]);
    let mut y = vec![f32::NAN; y_shape.iter().product()];
    let x_view = || ArrayView::from_shape(&x_shape[..], &x).unwrap();
    let y_view = ArrayViewMut::from_shape(&y_shape[..], &mut y).unwrap();
    layer.forward(values, x_view(), y_view, &mut cache, Mode::Infer);

    let (mut dx, mut dparams) = (vec![f32::NAN; x.len()], vec![0.0; params.len()]);
    if !case["dy"].is_null() {
        let mut dy = floats(&case["dy"]);
        layer.backward(
            values,
            Saved {
                x: x_view(),
                y: ArrayView::from_shape(&y_shape[..], &y).unwrap(),
                cache: &mut cache,
            },
            ArrayViewMut::from_shape(&y_shape[..], &mut dy).unwrap(),
            Some(ArrayViewMut::from_shape(&x_shape[..], &mut dx).unwrap()),
            &mut dparams,
        );
    }
    Run { y, dx, dparams }
}

/// The losses of a case's rows, and the gradient of their mean.
pub fn run_loss(loss: &dyn Loss, case: &Value) -> (Vec<f32>, Vec<f32>) {
    let (x, n) = (floats(&case["x"]), sizes(&case["x_shape"])[0]);
    let size = x.len() / n;
    let (mut losses, mut dx) = (Vec::new(), vec![f32::NAN; x.len()]);
    let values = if case["target"].is_null() { Vec::new() } else { floats(&case["target"]) };
    for i in 0..n {
        let row = i * size..(i + 1) * size;
        let target = match case["labels"].is_null() {
            true => Target::Values(&values[row.clone()]),
            false => Target::Class(sizes(&case["labels"])[i]),
        };
        losses.push(loss.loss(&x[row.clone()], target, Some(&mut dx[row])));
    }
    dx.iter_mut().for_each(|dx| *dx /= n as f32);
    (losses, dx)
}

pub fn mean(values: &[f32]) -> Vec<f32> {
    vec![values.iter().sum::<f32>() / values.len() as f32]
}
