//! Exported models against ONNX Runtime, all in one run of Python.

use std::path::Path;
use std::process::Command;

use chainrule::error::Error;
use chainrule::prelude::*;
use ndarray::ArrayD;
use serde_json::{Value, json};

/// A model, its inputs, and what is exported of it.
pub struct Case {
    pub name: String,
    pub x: ArrayD<f32>,
    pub y: ArrayD<f32>,
    pub onnx: Vec<u8>,
    /// Its metadata.
    pub facts: Value,
}

impl Case {
    /// A model by itself, on two inputs.
    pub fn of(name: impl Into<String>, model: &Sequential) -> Self {
        let x = inputs(model, 2);
        let y = model.predict(&x).unwrap();
        let (onnx, facts) = (model.to_onnx().unwrap(), json!({}));
        Case { name: name.into(), x, y, onnx, facts }
    }
}

/// A batch of numbers between -2 and 2 that look random.
pub fn inputs(model: &Sequential, samples: usize) -> ArrayD<f32> {
    let shape = [&[samples], model.input_shape()].concat();
    let mut number = 0u32;
    let next = || {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (number >> 8) as f32 / (1 << 22) as f32 - 2.0
    };
    let values = std::iter::repeat_with(next).take(shape.iter().product()).collect();
    let x = ArrayD::from_shape_vec(shape, values).unwrap();
    // Tokens are whole numbers, here 0 to 2.
    match model.predict(&x) {
        Err(Error::Sequence(_)) => x.mapv(|x: f32| x.abs().round()),
        _ => x,
    }
}

/// Compares ONNX Runtime's outputs with this library's: to 1e-5, as a share of the largest output.
pub fn compare(cases: &[Case]) {
    let python = std::env::var("CHAINRULE_PYTHON").unwrap_or("python3".to_string());
    let has = Command::new(&python).args(["-c", "import onnx, onnxruntime"]).output();
    if !has.is_ok_and(|out| out.status.success()) {
        eprintln!("skipped: {python} has no package `onnx` or `onnxruntime`");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, end: &str| folder.path().join(format!("{name}.{end}"));
    let list = cases.iter().map(|Case { name, x, y, onnx, facts }| {
        std::fs::write(path(name, "onnx"), onnx).unwrap();
        let bytes: Vec<u8> = x.iter().flat_map(|x| x.to_le_bytes()).collect();
        std::fs::write(path(name, "x"), bytes).unwrap();
        json!({"name": name, "x": x.shape(), "y": y.shape(), "facts": facts})
    });
    let list = Value::from_iter(list);
    std::fs::write(path("cases", "json"), list.to_string()).unwrap();

    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/onnx/run.py");
    let out = Command::new(&python).arg(program).arg(folder.path()).output().unwrap();
    let failed = String::from_utf8_lossy(&out.stderr);
    let differ = cases.iter().filter_map(|Case { name, y, .. }| {
        let bytes = std::fs::read(path(name, "y")).unwrap_or_default();
        let theirs = bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap()));
        let largest = y.iter().fold(0.0f32, |largest, y| largest.max(y.abs()));
        let off = theirs.clone().zip(y).fold(0.0f32, |off, (a, b)| off.max((a - b).abs()));
        let is_equal = theirs.len() == y.len() && off <= (1e-5 * largest).max(1e-30);
        (!is_equal).then(|| {
            format!(
                "{name}: {} of {} outputs, off by {off:e} where the largest is {largest:e}",
                theirs.len(),
                y.len()
            )
        })
    });
    let differ: Vec<String> = differ.collect();
    assert!(
        out.status.success() && differ.is_empty(),
        "{}: {failed}\n{}",
        out.status,
        differ.join("\n")
    );
}
