//! Gradients of every layer and loss: against JAX and PyTorch in 64 bits, to 2e-6 of the largest number
//! of each answer, and against slopes measured from the forward pass.

use chainrule::prelude::*;
use serde_json::Value;

use crate::case::{Config, assert_close, cases, floats, run_loss, sizes, text};
use crate::registry;

#[test]
fn gradients_agree_with_jax() {
    for case in &cases("jax_") {
        let name = text(case, "name");
        match registry::layer(text(case, "layer")) {
            Some(layer) => {
                let run = (layer.run)(case);
                assert_close(name, "y", &run.y, &floats(&case["y"]), 2e-6);
                assert_close(name, "dx", &run.dx, &floats(&case["dx"]), 2e-6);
                assert_close(name, "dparams", &run.dparams, &floats(&case["dparams"]), 2e-6);
            }
            None => {
                let run = run_loss(&*registry::build_loss(case), case);
                assert_close(name, "loss", &[run.mean()], &floats(&case["y"]), 2e-6);
                assert_close(name, "dx", &run.dx, &floats(&case["dx"]), 2e-6);
            }
        }
    }
}

/// The derivatives of PyTorch's own layers, with its masks of what is later or padding, and its packed sequences.
#[test]
fn attention_and_recurrent_layers_agree_with_pytorch() {
    for case in &[cases("torch_attention"), cases("torch_recurrent")].concat() {
        let (name, layer) = (text(case, "name"), registry::layer(text(case, "layer")).unwrap());
        let run = (layer.run)(case);
        for (what, got) in [("y", run.y), ("dx", run.dx), ("dparams", run.dparams)] {
            assert_close(name, what, &got, &floats(&case[what]), 2e-6);
        }
    }
}

/// Class weights with label smoothing weigh samples. PyTorch weighs the terms of the smoothed targets,
/// by the formula in the documentation of `ClassWeights`.
#[test]
fn cross_entropies_agree_with_pytorch() {
    let mut apart = 0;
    for case in &cases("torch_losses") {
        let (name, wanted) = (text(case, "name"), floats(&case["y"]));
        let run = run_loss(&*registry::build_loss(case), case);
        assert_close(name, "loss", &[run.mean()], &wanted, 2e-6);
        assert_close(name, "dx", &run.dx, &floats(&case["dx"]), 2e-6);
        let pytorch = case["pytorch"].as_f64().unwrap() as f32;
        assert_close(name, "PyTorch's", &[weighted_terms(case)], &[pytorch], 2e-6);
        apart += usize::from((pytorch - wanted[0]).abs() > 0.01);
    }
    assert_eq!(apart, 5, "both settings, and distributions with weights");
}

/// The mean here is PyTorch's sum divided by the number of rows. Its mean divides each loss by the length of the
/// string before, as the documentation of `Ctc` says.
#[test]
fn strings_agree_with_pytorch() {
    let cases = cases("torch_ctc");
    assert_eq!(cases.len(), 5);
    for case in &cases {
        let name = text(case, "name");
        let run = run_loss(&*registry::build_loss(case), case);
        assert_close(name, "loss", &[run.mean()], &floats(&case["y"]), 2e-6);
        assert_close(name, "dx", &run.dx, &floats(&case["dx"]), 2e-6);
        let strings = case["strings"].as_array().unwrap();
        let lengths = strings.iter().map(|string| string.as_array().unwrap().len().max(1) as f32);
        let sum: f32 = run.weighted.iter().zip(lengths).map(|(l, length)| l / length).sum();
        let pytorch = case["pytorch"].as_f64().unwrap() as f32;
        assert_close(name, "PyTorch's", &[sum / strings.len() as f32], &[pytorch], 2e-6);
    }
}

/// PyTorch's cross-entropy of a case: `Σᵢ Σⱼ w[j]·t'ᵢⱼ·(-ln pᵢⱼ)` divided by `Σᵢ w[cᵢ]`, or by the number
/// of rows for distributions.
fn weighted_terms(case: &Value) -> f32 {
    let k = sizes(&case["x_shape"])[1];
    let config = Config(&case["config"]);
    let epsilon = if config.has("epsilon") { config.float("epsilon") } else { 0.0 };
    let w = if config.has("weights") { config.floats("weights") } else { vec![1.0; k] };
    let labels = (!case["labels"].is_null()).then(|| sizes(&case["labels"]));
    let (mut sum, mut weights) = (0.0, 0.0);
    for (i, z) in floats(&case["x"]).chunks(k).enumerate() {
        let t = |j: usize| match &labels {
            Some(labels) => f32::from(u8::from(labels[i] == j)),
            None => floats(&case["target"])[i * k + j],
        };
        let mut log_p = vec![0.0; k];
        SoftmaxCrossEntropy.log_probabilities(z, &mut log_p);
        let smooth = |j| (1.0 - epsilon) * t(j) + epsilon / k as f32;
        sum -= (0..k).map(|j| w[j] * smooth(j) * log_p[j]).sum::<f32>();
        weights += labels.as_ref().map_or(1.0, |labels| w[labels[i]]);
    }
    sum / weights
}

#[test]
fn gradients_of_layers_are_the_slopes_of_their_forward_passes() {
    for layer in registry::layers() {
        println!("{}", layer.name);
        (layer.check)();
    }
}

#[test]
fn gradients_of_losses_are_their_slopes() {
    for loss in registry::losses() {
        println!("{}", loss.name);
        (loss.check)();
    }
}
