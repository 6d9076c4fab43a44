//! Forward passes, gradients and optimizers against values that other people's software computed:
//! see `fixtures/README.md` for whose, and for the programs that made the files.

use approx::abs_diff_eq;
use chainrule::prelude::*;
use ndarray::{ArrayView, ArrayViewMut};
use serde_json::Value;

fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}

fn cases(fixture: &Value) -> &[Value] {
    fixture["cases"].as_array().unwrap()
}

fn floats(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

fn sizes(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as usize).collect()
}

fn float(value: &Value) -> f32 {
    value.as_f64().unwrap() as f32
}

/// Equal up to rounding: to `tolerance`, as a share of the largest number of the right answer.
#[track_caller]
fn assert_close(name: &str, what: &str, got: &[f32], want: &[f32], tolerance: f32) {
    assert_eq!(got.len(), want.len(), "{name}: length of {what}");
    let scale = want.iter().fold(1.0f32, |scale, w| scale.max(w.abs()));
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let close = abs_diff_eq!(*got, *want, epsilon = tolerance * scale);
        assert!(close, "{name}: {what}[{i}] is {got}, should be {want}");
    }
}

/// A case of a fixture, and what a layer makes of it.
struct Run {
    y: Vec<f32>,
    dx: Vec<f32>,
    dparams: Vec<f32>,
}

/// Both passes of a layer, as the engine would run them.
fn run<L: Layer>(layer: L, case: &Value) -> Run {
    let name = case["name"].as_str().unwrap();
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

fn padding(value: &Value) -> Padding {
    match value.as_str() {
        Some("valid") => Padding::Valid,
        Some("same") => Padding::Same,
        _ => {
            let p = sizes(value);
            Padding::Explicit { top: p[0], bottom: p[1], left: p[2], right: p[3] }
        }
    }
}

/// Runs the layer that the case names; `None` for a loss.
fn run_layer(case: &Value) -> Option<Run> {
    let config = &case["config"];
    let pair = |key: &str| {
        let pair = sizes(&config[key]);
        (pair[0], pair[1])
    };
    Some(match case["layer"].as_str().unwrap() {
        "conv2d" => {
            let ((kh, kw), (sh, sw)) = (pair("kernel"), pair("stride"));
            let filters = config["filters"].as_u64().unwrap() as usize;
            let conv = Conv2d::new(filters, 1).kernel(kh, kw).strides(sh, sw);
            run(conv.padding(padding(&config["padding"])), case)
        }
        "max_pool2d" => {
            let ((kh, kw), (sh, sw)) = (pair("kernel"), pair("stride"));
            let pool = MaxPool2d::new(1).kernel(kh, kw).strides(sh, sw);
            run(pool.padding(padding(&config["padding"])), case)
        }
        "avg_pool2d" => {
            let ((kh, kw), (sh, sw)) = (pair("kernel"), pair("stride"));
            let pool = AvgPool2d::new(1).kernel(kh, kw).strides(sh, sw);
            run(pool.padding(padding(&config["padding"])), case)
        }
        "dense" => run(Dense::new(config["units"].as_u64().unwrap() as usize), case),
        "relu" => run(Relu, case),
        "leaky_relu" => run(LeakyRelu::new(float(&config["alpha"])), case),
        "sigmoid" => run(Sigmoid, case),
        "tanh" => run(Tanh, case),
        "softmax" => run(Softmax, case),
        "softmax_cross_entropy" | "mean_squared_error" => return None,
        other => panic!("no layer for {other}"),
    })
}

/// The losses of a case's rows, and the gradient of their mean.
fn run_loss(case: &Value) -> (Vec<f32>, Vec<f32>) {
    let shape = sizes(&case["x_shape"]);
    let (x, n) = (floats(&case["x"]), shape[0]);
    let size = x.len() / n;
    let (mut losses, mut dx) = (Vec::new(), vec![f32::NAN; x.len()]);
    let targets = if case["target"].is_null() { Vec::new() } else { floats(&case["target"]) };
    for i in 0..n {
        let row = i * size..(i + 1) * size;
        let gradient = Some(&mut dx[row.clone()]);
        losses.push(match case["layer"].as_str().unwrap() {
            "softmax_cross_entropy" => {
                let label = Target::Class(sizes(&case["labels"])[i]);
                SoftmaxCrossEntropy.loss(&x[row], label, gradient)
            }
            _ => MeanSquaredError.loss(&x[row.clone()], Target::Values(&targets[row]), gradient),
        });
    }
    dx.iter_mut().for_each(|dx| *dx /= n as f32);
    (losses, dx)
}

fn mean(values: &[f32]) -> Vec<f32> {
    vec![values.iter().sum::<f32>() / values.len() as f32]
}

#[test]
fn forward_passes_agree_with_the_onnx_conformance_tests() {
    let fixture = fixture("onnx_forward");
    assert!(cases(&fixture).len() >= 70);
    for case in cases(&fixture) {
        let name = case["name"].as_str().unwrap();
        let y = match run_layer(case) {
            Some(run) => run.y,
            None => {
                let (losses, _) = run_loss(case);
                if case["config"]["reduction"] == "none" { losses } else { mean(&losses) }
            }
        };
        assert_close(name, "y", &y, &floats(&case["y"]), 2e-6);
    }
}

#[test]
fn gradients_agree_with_jax() {
    let fixture = fixture("jax_gradients");
    assert!(cases(&fixture).len() >= 44);
    for case in cases(&fixture) {
        let name = case["name"].as_str().unwrap();
        match run_layer(case) {
            Some(run) => {
                assert_close(name, "y", &run.y, &floats(&case["y"]), 2e-6);
                assert_close(name, "dx", &run.dx, &floats(&case["dx"]), 2e-6);
                assert_close(name, "dparams", &run.dparams, &floats(&case["dparams"]), 2e-6);
            }
            None => {
                let (losses, dx) = run_loss(case);
                assert_close(name, "loss", &mean(&losses), &floats(&case["y"]), 2e-6);
                assert_close(name, "dx", &dx, &floats(&case["dx"]), 2e-6);
            }
        }
    }
}

fn optimizer(case: &Value) -> Box<dyn Optimizer> {
    let config = &case["config"];
    let value = |key: &str| float(&config[key]);
    match case["optimizer"].as_str().unwrap() {
        "sgd" => {
            let sgd = Sgd::new(value("lr")).momentum(value("momentum"));
            let sgd = sgd.weight_decay(value("weight_decay"));
            if config["nesterov"] == true { Box::new(sgd.nesterov()) } else { Box::new(sgd) }
        }
        "adam" => {
            let adam = Adam::new(value("lr")).betas(value("beta1"), value("beta2"));
            Box::new(adam.epsilon(value("epsilon")))
        }
        "adadelta" => {
            let adadelta = Adadelta::new(value("lr")).rho(value("rho"));
            Box::new(adadelta.epsilon(value("epsilon")))
        }
        "adamw" => {
            let adamw = AdamW::new(value("lr"), value("weight_decay"));
            Box::new(adamw.betas(value("beta1"), value("beta2")).epsilon(value("epsilon")))
        }
        other => panic!("no optimizer for {other}"),
    }
}

#[test]
fn fifty_steps_of_each_optimizer_agree_with_pytorch() {
    let fixture = fixture("torch_optimizers");
    let gradients: Vec<Vec<f32>> =
        fixture["gradients"].as_array().unwrap().iter().map(floats).collect();
    assert!(cases(&fixture).len() >= 10 && gradients.len() == 50);
    for case in cases(&fixture) {
        let name = case["name"].as_str().unwrap();
        let optimizer = optimizer(case);
        let mut params = floats(&case["start"]);
        let mut moments = [vec![0.0; params.len()], vec![0.0; params.len()]];
        for (t, gradient) in gradients.iter().enumerate() {
            let [m, v] = &mut moments;
            let lr = optimizer.learning_rate();
            optimizer.step(t as u64 + 1, lr, &mut params, gradient, [m, v]);
            let want = floats(&case["trace"][t]);
            assert_close(name, &format!("step {t}"), &params, &want, 2e-5);
        }
    }
}
