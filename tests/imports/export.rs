//! Weights that leave: PyTorch's and Keras's own names and axes, which NumPy reads.

use std::path::Path;
use std::process::Command;

use chainrule::prelude::*;

use crate::{fixture, keras_net, torch_net};

#[test]
fn what_is_exported_loads_again() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    for (model, layouts) in [
        (torch_net(), [WeightLayout::PyTorch, WeightLayout::Keras]),
        (keras_net(), [WeightLayout::Keras, WeightLayout::PyTorch]),
    ] {
        for layout in layouts {
            let path = folder.path().join("m.safetensors");
            model.export_weights(&path, layout)?;
            let mut again = model.clone().initialize(2);
            assert_ne!(again.params(), model.params());
            WeightFile::read(&path)?.layout(layout).load_into(&mut again)?;
            assert_eq!(again.params(), model.params(), "{layout}");
        }
    }
    Ok(())
}

/// A net of PyTorch, computed with NumPy from the exported arrays, as PyTorch has them: (filters,
/// channels, h, w), (units, inputs), and features in the order of channels first.
const TORCH: &str = "
import json, sys, numpy as np
w = np.load(sys.argv[1])
case = json.load(open(sys.argv[2]))['cases'][0]
x = np.array(case['x']).reshape(case['x_shape']).transpose(0, 3, 1, 2)
windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
x = np.einsum('nchwij,fcij->nfhw', windows, w['0.weight']) + w['0.bias'][:, None, None]
per = lambda name: w[name][:, None, None]
x = (x - per('1.running_mean')) / np.sqrt(per('1.running_var') + 1e-5) * per('1.weight') + per('1.bias')
x = np.maximum(x, 0).reshape(len(x), -1)
y = np.tanh(x @ w['4.weight'].T + w['4.bias']) @ w['6.weight'].T
assert np.abs(y - np.array(case['y']).reshape(case['y_shape'])).max() < 1e-5
print(len(w.files), w['0.weight'].dtype, w['0.weight'].shape)
";

#[test]
fn numpy_computes_the_net_of_pytorch_from_the_export() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.npz");
    let mut model = torch_net();
    model.load_weights(fixture("torch_plain.pth"))?;
    model.export_weights(&path, WeightLayout::PyTorch)?;
    if let Some(said) = python("numpy", TORCH, &path, "torch_state_dicts.json") {
        assert_eq!(said.trim(), "9 float32 (3, 2, 3, 3)");
    }
    Ok(())
}

/// Arrays of a Keras file, compared with those that were exported after it was loaded.
#[test]
fn the_export_to_keras_has_the_axes_of_keras() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.npz");
    let mut model = keras_net();
    model.load_weights(fixture("keras_net.keras"))?;
    model.export_weights(&path, WeightLayout::Keras)?;
    let program = "
import sys, numpy as np
w = np.load(sys.argv[1])
print(*(f'{name}{list(w[name].shape)}' for name in w.files))
";
    let Some(said) = python("numpy", program, &path, "keras_files.json") else { return Ok(()) };
    let wanted = "0.kernel[2, 2, 2, 3] 0.bias[3] 2.gamma[3] 2.beta[3] 2.moving_mean[3] \
                  2.moving_variance[3] 3.kernel[3, 3, 3, 1] 3.bias[3] 4.alpha[1, 1, 3] \
                  6.kernel[12, 6] 8.kernel[6, 6] 8.bias[6]";
    assert_eq!(said.trim(), wanted);
    Ok(())
}

/// The programs in the documentation of `export_weights`, where these libraries are there.
#[test]
fn pytorch_and_keras_load_the_export() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let (torch, keras) = (folder.path().join("m.safetensors"), folder.path().join("m.npz"));
    let mut model = torch_net();
    model.load_weights(fixture("torch_plain.pth"))?;
    model.export_weights(&torch, WeightLayout::PyTorch)?;
    let program = "
import json, sys, torch
from safetensors.torch import load_file
from torch import nn
model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(),
                      nn.Linear(48, 6), nn.Tanh(), nn.Linear(6, 6, bias=False))
model.load_state_dict(load_file(sys.argv[1]))
model.eval()
case = json.load(open(sys.argv[2]))['cases'][0]
x = torch.tensor(case['x']).reshape(case['x_shape']).permute(0, 3, 1, 2)
assert (model(x) - torch.tensor(case['y']).reshape(case['y_shape'])).abs().max() < 1e-5
";
    python("torch", program, &torch, "torch_state_dicts.json");

    let mut model = keras_net();
    model.load_weights(fixture("keras_net.keras"))?;
    model.export_weights(&keras, WeightLayout::Keras)?;
    let program = "
import json, sys, keras, numpy
from keras import layers
model = keras.Sequential([
    keras.Input((6, 6, 2)), layers.Conv2D(3, 2, padding='same'), layers.ReLU(), layers.BatchNormalization(),
    layers.DepthwiseConv2D(3, strides=2), layers.PReLU(shared_axes=[1, 2]), layers.Flatten(),
    layers.Dense(6, use_bias=False), layers.Activation('tanh'), layers.Dense(6), layers.Softmax()])
weights = numpy.load(sys.argv[1])
for i, layer in enumerate(model.layers):
    layer.set_weights([weights[f'{i}.{w.name}'] for w in layer.weights])
case = json.load(open(sys.argv[2]))['cases'][0]
y = model(numpy.array(case['x'], 'float32').reshape(case['x_shape']), training=False)
assert numpy.abs(numpy.array(y) - numpy.array(case['y']).reshape(case['y_shape'])).max() < 1e-5
";
    python("keras", program, &keras, "keras_files.json");
    Ok(())
}

/// Runs a program of Python on a file and cases, if there is one with this module.
fn python(module: &str, program: &str, path: &Path, cases: &str) -> Option<String> {
    let python = std::env::var("CHAINRULE_PYTHON").unwrap_or_else(|_| "python3".to_string());
    let run = |program: &str| {
        Command::new(&python).arg("-c").arg(program).arg(path).arg(fixture(cases)).output()
    };
    if !run(&format!("import {module}")).is_ok_and(|out| out.status.success()) {
        eprintln!("skipped: {python} has no {module} (pip install {module})");
        return None;
    }
    let out = run(program).unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(String::from_utf8(out.stdout).unwrap())
}
