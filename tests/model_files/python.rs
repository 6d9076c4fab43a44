//! Python reads the file, and writes one that is read here.

use std::path::Path;

use chainrule::prelude::*;
use serde_json::{Value, json};

use crate::{Place, bits, small};

/// Runs a program of Python, if there is one with safetensors and NumPy.
fn python(program: &str, path: &Path) -> Option<String> {
    let python = std::env::var("CHAINRULE_PYTHON").unwrap_or_else(|_| "python3".to_string());
    let run = |program: &str| {
        let mut command = std::process::Command::new(&python);
        command.arg("-c").arg(program).arg(path).output()
    };
    let there = run("import numpy, safetensors.numpy").is_ok_and(|out| out.status.success());
    if !there {
        eprintln!("skipped: {python} has no safetensors (pip install safetensors numpy)");
        return None;
    }
    let out = run(program).unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(String::from_utf8(out.stdout).unwrap())
}

#[test]
fn python_reads_the_file() {
    let Place { folder: _folder, path } = Place::new();
    let model = Sequential::new([6, 6, 1]).add(Conv2d::new(2, 3)).unwrap();
    let model = model.add(BatchNorm::new()).unwrap().add(Flatten).unwrap();
    let model = model.add(Dense::new(3)).unwrap().initialize(1);
    let model = model.with_class_names(["a", "b", "c"]).unwrap();
    let file = ModelFile::new(model.clone()).fact("epochs", 3);
    file.save(&path).unwrap();
    let program = "
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], 'numpy') as file:
    tensors = {name: file.get_tensor(name) for name in file.keys()}
    bits = {name: [t.dtype.name, t.shape, t.view('uint32').flatten().tolist()] for name, t in tensors.items()}
    print(json.dumps({'tensors': bits, 'metadata': file.metadata()}))
";
    let Some(said) = python(program, &path) else { return };
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["metadata"]["chainrule.classes"], r#"["a","b","c"]"#);
    assert_eq!(said["metadata"]["chainrule.training"], r#"{"epochs":3}"#);
    let mut params = bits(model.params()).into_iter();
    for (name, shape) in [
        ("0.weight", vec![3, 3, 1, 2]),
        ("0.bias", vec![2]),
        ("1.scale", vec![2]),
        ("1.shift", vec![2]),
        ("1.running_mean", vec![2]),
        ("1.running_variance", vec![2]),
        ("3.weight", vec![32, 3]),
        ("3.bias", vec![3]),
    ] {
        let values: Vec<u32> = params.by_ref().take(shape.iter().product()).collect();
        assert!(said["tensors"][name] == json!(["float32", shape, values]), "{name}");
    }
    assert_eq!(said["tensors"].as_object().unwrap().len(), 8);
}

#[test]
fn weights_by_python_are_loaded_by_name() {
    let Place { folder: _folder, path } = Place::new();
    let program = "
import sys, numpy
from safetensors.numpy import save_file
ramp = lambda *shape: numpy.arange(numpy.prod(shape), dtype='float32').reshape(shape) / 8
save_file({'2.bias': ramp(2), '2.weight': ramp(3, 2), '0.weight': ramp(2, 3), '0.bias': ramp(3)}, sys.argv[1])
";
    if python(program, &path).is_none() {
        return;
    }
    let mut model = small();
    let file = WeightFile::read(&path).unwrap();
    file.layout(WeightLayout::Chainrule).load_into(&mut model).unwrap();
    let ramp = |len: usize| (0..len).map(|i| i as f32 / 8.0);
    let wanted: Vec<f32> = [6, 3, 6, 2].into_iter().flat_map(ramp).collect();
    assert_eq!(model.params(), wanted);
    let error = Sequential::load(&path).unwrap_err();
    assert!(matches!(error, Error::File(FileError::MissingFact { .. })));
}
