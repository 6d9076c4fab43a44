//! The reference nets: the nets that are measured here, and in `peers/` against other libraries.
//!
//! | name | layers | optimizer |
//! | --- | --- | --- |
//! | `mlp` | dense 128, dropout 0.2, dense 10 | Adam 0.001 |
//! | `keras-cnn` | Keras's "Simple MNIST convnet" | Adam 0.001 |
//! | `torch-cnn` | the net of PyTorch's MNIST example | Adadelta 1.0 |
//! | `lenet5` | LeNet-5 with tanh and average pools | SGD 0.05 with momentum 0.9 |
//! | `lstm` | the rows of an image as 28 steps, LSTM 128, dense 10 | Adam 0.001 |
//! | `transformer` | 4×4 patches of 32×32 pixels as 64 steps, a block of width 128 with 4 heads, their mean, dense 10 | Adam 0.001 |

use chainrule::prelude::*;

/// One reference net: how to build it, and how it is trained.
#[derive(Clone, Copy)]
pub struct Net {
    pub name: &'static str,
    pub build: fn() -> Result<Sequential>,
    pub trainer: fn() -> Trainer<'static>,
    /// Floating-point operations of a training step for one image, two for a multiply-add, of the
    /// convolutions and dense layers: forward, weight gradient, and input gradient except for the
    /// first layer, each product counted as the definition has it.
    pub flop: f64,
}

pub const NETS: [Net; 6] = [
    Net { name: "mlp", build: mlp, trainer: adam, flop: 0.41e6 },
    Net { name: "keras-cnn", build: keras_cnn, trainer: adam, flop: 14.26e6 },
    Net { name: "torch-cnn", build: torch_cnn, trainer: adadelta, flop: 71.6e6 },
    Net { name: "lenet5", build: lenet5, trainer: momentum, flop: 2.26e6 },
    Net { name: "lstm", build: lstm, trainer: adam, flop: 12.6e6 },
    Net { name: "transformer", build: transformer, trainer: adam, flop: 82.3e6 },
];

fn adam() -> Trainer<'static> {
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.001))
}

fn adadelta() -> Trainer<'static> {
    Trainer::new(SoftmaxCrossEntropy, Adadelta::new(1.0))
}

fn momentum() -> Trainer<'static> {
    Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.05).momentum(0.9))
}

fn mlp() -> Result<Sequential> {
    Sequential::new([28, 28, 1])
        .add(Flatten)?
        .add(Dense::new(128))?
        .add(Relu)?
        .add(Dropout::new(0.2))?
        .add(Dense::new(10))
}

fn keras_cnn() -> Result<Sequential> {
    Sequential::new([28, 28, 1])
        .add(Conv2d::new(32, 3))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(64, 3))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Flatten)?
        .add(Dropout::new(0.5))?
        .add(Dense::new(10))
}

fn torch_cnn() -> Result<Sequential> {
    Sequential::new([28, 28, 1])
        .add(Conv2d::new(32, 3))?
        .add(Relu)?
        .add(Conv2d::new(64, 3))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Dropout::new(0.25))?
        .add(Flatten)?
        .add(Dense::new(128))?
        .add(Relu)?
        .add(Dropout::new(0.5))?
        .add(Dense::new(10))
}

fn lenet5() -> Result<Sequential> {
    Sequential::new([28, 28, 1])
        .add(Conv2d::new(6, 5).padding(Padding::Same))?
        .add(Tanh)?
        .add(AvgPool2d::new(2))?
        .add(Conv2d::new(16, 5))?
        .add(Tanh)?
        .add(AvgPool2d::new(2))?
        .add(Flatten)?
        .add(Dense::new(120))?
        .add(Tanh)?
        .add(Dense::new(84))?
        .add(Tanh)?
        .add(Dense::new(10))
}

fn lstm() -> Result<Sequential> {
    Sequential::new([28, 28, 1])
        .add(Reshape::new([28, 28]))?
        .add(Lstm::new(128))?
        .add(Dense::new(10))
}

fn transformer() -> Result<Sequential> {
    Sequential::new([28, 28, 1])
        .add(ZeroPad2d::new(2))?
        .add(Conv2d::new(128, 4).stride(4))?
        .add(Reshape::new([64, 128]))?
        .add(TransformerBlock::new(4, 512))?
        .add(GlobalAvgPool1d)?
        .add(Dense::new(10))
}
