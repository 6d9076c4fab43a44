//! The networks of the examples, and the reference nets, among which are those of `mnist_mlp`, `mnist_cnn` and
//! `mnist_lenet5`.

#[allow(dead_code, reason = "the benchmarks train and count them, too")]
#[path = "../../benches/nets/mod.rs"]
mod nets;

use chainrule::prelude::*;

use crate::random::randomize;
use crate::runtime::{Case, compare};
use nets::NETS;

fn digits() -> Sequential {
    Sequential::new([28, 28, 1])
}

fn top3() -> Result<Sequential> {
    let mut model = digits();
    for filters in [16, 32] {
        model = model.add(Conv2d::new(filters, 3))?.add(Relu)?.add(MaxPool2d::new(2))?;
    }
    model.add(Flatten)?.add(Dropout::new(0.3))?.add(Dense::new(10))
}

/// A convolution and its normalization.
fn conv_norm(x: Sequential, conv: Conv2d) -> Result<Sequential> {
    x.add(conv.padding(Padding::Same).bias(false))?.add(BatchNorm::new())
}

fn mnist_separable() -> Result<Sequential> {
    let mut model = conv_norm(digits(), Conv2d::new(16, 3))?.add(Relu)?;
    for (filters, stride) in [(32, 2), (32, 1), (64, 2), (64, 1)] {
        model = conv_norm(model, Conv2d::depthwise(3).stride(stride))?.add(Relu)?;
        model = conv_norm(model, Conv2d::new(filters, 1))?.add(Relu)?;
    }
    model.add(GlobalAvgPool2d)?.add(Dense::new(10))
}

fn mnist_resnet() -> Result<Sequential> {
    let mut model = conv_norm(digits(), Conv2d::new(16, 3))?.add(Relu)?;
    for (filters, stride) in [(16, 1), (32, 2), (64, 2)] {
        let block = Residual::new(move |x| {
            let x = conv_norm(x, Conv2d::new(filters, 3).stride(stride))?.add(Relu)?;
            conv_norm(x, Conv2d::new(filters, 3))
        });
        let projection = move |x| conv_norm(x, Conv2d::new(filters, 1).stride(stride));
        model = model.add(if stride == 1 { block } else { block.projection(projection) })?;
        model = model.add(Relu)?;
    }
    model.add(AvgPool2d::new(7))?.add(Flatten)?.add(Dense::new(10))
}

fn two_inputs() -> Result<Sequential> {
    let image = |x: Sequential| {
        x.add(Slice::new(0..784))?
            .add(Reshape::new([28, 28, 1]))?
            .add(Conv2d::new(12, 5).stride(2))?
            .add(Relu)?
            .add(Flatten)?
            .add(Dense::new(48))?
            .add(Relu)
    };
    let question = |x: Sequential| x.add(Slice::new(784..788))?.add(Dense::new(48))?.add(Sigmoid);
    Sequential::new([788])
        .add(Branches::multiply().branch(image).branch(question))?
        .add(Dense::new(2))
}

fn even_odd() -> Result<Sequential> {
    let mut model = digits();
    for filters in [16, 32] {
        let conv = Conv2d::new(filters, 3).bias(false);
        model = model.add(conv)?.add(BatchNorm::new())?.add(Relu)?.add(MaxPool2d::new(2))?;
    }
    model.add(Flatten)?.add(Dense::new(64))?.add(Relu)?.add(Dense::new(2))
}

fn own_loop() -> Result<Sequential> {
    let model = digits().add(Conv2d::new(8, 3).stride(2))?.add(Relu)?.add(Flatten)?;
    model.add(Dense::new(64))?.add(Relu)?.add(Dense::new(10))
}

fn look_inside() -> Result<Sequential> {
    let mut model = digits();
    for (filters, kernel) in [(8, 5), (16, 3)] {
        model = model.add(Conv2d::new(filters, kernel))?.add(Relu)?.add(MaxPool2d::new(2))?;
    }
    model.add(Flatten)?.add(Dense::new(10))
}

fn backprop_by_hand() -> Result<Sequential> {
    digits().add(Flatten)?.add(Dense::new(32))?.add(Tanh)?.add(Dense::new(10))
}

fn xor() -> Result<Sequential> {
    Sequential::new([2]).add(Dense::new(8))?.add(Tanh)?.add(Dense::new(1))?.add(Sigmoid)
}

#[test]
fn the_networks_of_the_examples_give_the_outputs_of_onnx_runtime() {
    let networks = [
        ("top3", top3()),
        ("mnist_separable", mnist_separable()),
        ("mnist_resnet", mnist_resnet()),
        ("two_inputs", two_inputs()),
        ("even_odd", even_odd()),
        ("own_loop", own_loop()),
        ("look_inside", look_inside()),
        ("backprop_by_hand", backprop_by_hand()),
        ("xor", xor()),
    ];
    let reference = NETS.map(|net| (net.name, (net.build)()));
    let networks = networks.into_iter().chain(reference);
    let cases: Vec<Case> =
        networks.map(|(name, model)| Case::of(name, &randomize(model.unwrap(), 1))).collect();
    compare(&cases);
}
