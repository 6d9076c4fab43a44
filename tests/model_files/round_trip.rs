//! A loaded net predicts and trains as the one that was saved.

use std::fs;

use chainrule::prelude::*;
use ndarray::ArrayD;
use serde_json::json;

use crate::parts::Parts;
use crate::{Place, bits};

/// Saves and loads it, and looks for any difference.
fn reload(model: &Sequential) -> Sequential {
    let Place { folder: _folder, path } = Place::new();
    let model = model.clone().initialize(5);
    model.save(&path).unwrap();
    let again = Sequential::load(&path).unwrap();
    assert_eq!(again.summary(), model.summary());
    assert!(bits(again.params()) == bits(model.params()));
    assert!(again.clone().initialize(7).params() == model.clone().initialize(7).params());
    let first = fs::read(&path).unwrap();
    again.save(&path).unwrap();
    assert!(fs::read(&path).unwrap() == first, "the same model makes other bytes");
    again
}

/// What a net makes of digits, and where two epochs of training bring it.
fn train(mut model: Sequential) -> (Vec<u32>, Vec<u32>) {
    let data = Mnist::sample().train.take(100).unwrap();
    let mut x = ArrayD::zeros(vec![100, 28, 28, 1]);
    for (i, mut x) in x.outer_iter_mut().enumerate() {
        data.input(i, x.as_slice_mut().unwrap()).unwrap();
    }
    let y = bits(model.predict(&x).unwrap().as_slice().unwrap());
    let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.003)).batch_size(32).seed(4);
    trainer.epochs(2).fit(&mut model, &data).unwrap();
    (y, bits(model.params()))
}

/// A loaded net predicts and trains as the one that was saved.
#[track_caller]
fn goes_on_as_before(model: Sequential) {
    let again = reload(&model);
    assert!(train(again) == train(model.initialize(5)));
}

#[test]
fn the_convolutional_net_goes_on_as_before() {
    let model = Sequential::new([28, 28, 1]).add(Conv2d::new(32, 3).init(Init::HeNormal)).unwrap();
    let model = model.add(Relu).unwrap().add(MaxPool2d::new(2)).unwrap();
    let model = model.add(Conv2d::new(64, 3).init(Init::HeNormal)).unwrap().add(Relu).unwrap();
    let model = model.add(MaxPool2d::new(2)).unwrap().add(Flatten).unwrap();
    goes_on_as_before(model.add(Dropout::new(0.5)).unwrap().add(Dense::new(10)).unwrap());
}

/// A convolution that keeps the size, and its normalization.
fn conv(x: Sequential, channels: usize, stride: usize) -> Result<Sequential> {
    let conv = Conv2d::new(channels, 3).stride(stride).padding(Padding::Same).bias(false);
    x.add(conv.init(Init::HeNormal))?.add(BatchNorm::new())
}

#[test]
fn the_residual_net_goes_on_as_before() {
    let model = conv(Sequential::new([28, 28, 1]), 8, 2).unwrap().add(Relu).unwrap();
    let same = Residual::new(|x| conv(conv(x, 8, 1)?.add(Relu)?, 8, 1));
    let narrow = Residual::new(|x| conv(conv(x, 16, 2)?.add(Relu)?, 16, 1))
        .projection(|x| x.add(Conv2d::new(16, 1).stride(2).bias(false))?.add(BatchNorm::new()));
    let model = model.add(same).unwrap().add(Relu).unwrap().add(narrow).unwrap();
    let model = model.add(Relu).unwrap().add(GlobalAvgPool2d).unwrap();
    goes_on_as_before(model.add(Dense::new(10)).unwrap());
}

#[test]
fn the_separable_net_goes_on_as_before() {
    let model = Sequential::new([28, 28, 1]).add(Conv2d::new(16, 3).stride(2).bias(false)).unwrap();
    let model = model.add(BatchNorm::new()).unwrap().add(Relu).unwrap();
    let depthwise = Conv2d::depthwise(3).padding(Padding::Same).bias(false);
    let model = model.add(depthwise).unwrap().add(Conv2d::new(32, 1).bias(false)).unwrap();
    let model = model.add(BatchNorm::new().momentum(0.05)).unwrap().add(Silu).unwrap();
    goes_on_as_before(model.add(GlobalAvgPool2d).unwrap().add(Dense::new(10)).unwrap());
}

#[test]
fn branches_within_branches_go_on_as_before() {
    let dense = |units| move |x: Sequential| x.add(Dense::new(units))?.add(Tanh);
    let inner = move || {
        let branches = Branches::concatenate().branch(dense(3)).branch(Ok);
        branches.branch(|x| x.add(Dropout::new(0.2))?.add(Residual::new(|x| x.add(Relu))))
    };
    // A block at the start and at the end of a branch, branches without layers, and with views.
    let block = Branches::add()
        .branch(move |x| x.add(inner())?.add(Dense::new(6)))
        .branch(move |x| x.add(Dense::new(2))?.add(inner())?.add(Flatten)?.add(Dense::new(6)))
        .branch(|x| x.add(Dense::new(6))?.add(Residual::new(|x| x.add(Flatten))));
    let model = Sequential::new([28, 28, 1]).add(AvgPool2d::new(4)).unwrap().add(Flatten).unwrap();
    let model = model.add(block).unwrap().add(Branches::add().branch(Ok).branch(Ok)).unwrap();
    goes_on_as_before(model.add(Dense::new(10)).unwrap());
    let identity = Sequential::new([3]).add(Residual::new(Ok)).unwrap();
    reload(&identity);
}

#[test]
fn settings_come_back_to_the_last_bit() {
    for slope in [0.1, 1.0 / 3.0, f32::MIN_POSITIVE, 1e-45, -3.4e38, 7.038531e-26] {
        let model = Sequential::new([1]).add(LeakyRelu::new(slope)).unwrap();
        assert_eq!(reload(&model).summary(), model.summary());
        let y = |model: &Sequential| {
            let y = model.predict(&ArrayD::from_elem(vec![1, 1], -1.0)).unwrap();
            y[[0, 0]].to_bits()
        };
        assert_eq!(y(&reload(&model)), (-slope).to_bits());
    }
}

/// A convolution that does the work of the ReLU behind it is described as it was added.
#[test]
fn fused_layers_are_described_one_by_one() {
    let model = Sequential::new([2, 2, 1]).add(Conv2d::new(1, 1)).unwrap().add(Relu).unwrap();
    let model = model.add(BatchNorm::new()).unwrap().add(Relu).unwrap();
    let window = json!({
        "kernel": [1, 1], "stride": [1, 1], "dilation": [1, 1], "padding": "Valid", "ceil": false
    });
    let conv = json!({
        "filters": 1, "groups": 1, "window": window, "init": "GlorotUniform", "bias": true
    });
    let norm = json!({"momentum": 0.1, "epsilon": 1e-5});
    let layers = json!([
        {"type": "Conv2d", "settings": conv}, {"type": "Relu"},
        {"type": "BatchNorm", "settings": norm}, {"type": "Relu"}
    ]);
    assert_eq!(Parts::of(&model).architecture(), json!({"input": [2, 2, 1], "layers": layers}));
}
