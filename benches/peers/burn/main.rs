//! The reference nets in burn, on its `flex` backend.
//!
//! burn has no Adadelta: `torch-cnn` trains with Adam.

#[path = "../common.rs"]
mod common;
#[path = "../mnist.rs"]
mod mnist;

use std::ops::Range;
use std::time::Instant;

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::nn::pool::{AvgPool2d, AvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::prelude::*;
use burn::tensor::activation::{relu, tanh};
use common::{BATCH, Options, Peer};
use mnist::Images;
use serde_json::json;

/// The layers of any of the nets, in order; `forward` says how they go together.
#[derive(Module, Debug)]
struct Net {
    #[module(skip)]
    name: String,
    convs: Vec<Conv2d>,
    denses: Vec<Linear>,
    dropouts: Vec<Dropout>,
    max_pool: MaxPool2d,
    avg_pool: AvgPool2d,
}

impl Net {
    fn new(name: &str, device: &Device) -> Net {
        let conv = |from, to, kernel, padding| {
            let padding = PaddingConfig2d::Explicit(padding, padding, padding, padding);
            Conv2dConfig::new([from, to], [kernel, kernel]).with_padding(padding).init(device)
        };
        let dense = |from, to| LinearConfig::new(from, to).init(device);
        let dropout = |rate| DropoutConfig::new(rate).init();
        let (convs, denses, dropouts) = match name {
            "mlp" => (vec![], vec![dense(784, 128), dense(128, 10)], vec![dropout(0.2)]),
            "keras-cnn" => (
                vec![conv(1, 32, 3, 0), conv(32, 64, 3, 0)],
                vec![dense(1600, 10)],
                vec![dropout(0.5)],
            ),
            "torch-cnn" => (
                vec![conv(1, 32, 3, 0), conv(32, 64, 3, 0)],
                vec![dense(9216, 128), dense(128, 10)],
                vec![dropout(0.25), dropout(0.5)],
            ),
            "lenet5" => (
                vec![conv(1, 6, 5, 2), conv(6, 16, 5, 0)],
                vec![dense(400, 120), dense(120, 84), dense(84, 10)],
                vec![],
            ),
            other => panic!("no net {other:?}"),
        };
        let max_pool = MaxPool2dConfig::new([2, 2]).init();
        let avg_pool = AvgPool2dConfig::new([2, 2]).init();
        Net { name: name.into(), convs, denses, dropouts, max_pool, avg_pool }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let conv = |i: usize, x| self.convs[i].forward(x);
        let dense = |i: usize, x| self.denses[i].forward(x);
        let drop = |i: usize, x| self.dropouts[i].forward(x);
        match self.name.as_str() {
            "mlp" => dense(1, drop(0, relu(dense(0, x.flatten(1, 3))))),
            "keras-cnn" => {
                let x = self.max_pool.forward(relu(conv(0, x)));
                let x = self.max_pool.forward(relu(conv(1, x)));
                dense(0, drop(0, x.flatten(1, 3)))
            }
            "torch-cnn" => {
                let x = self.max_pool.forward(relu(conv(1, relu(conv(0, x)))));
                let x = self.dropouts[0].forward(x).flatten(1, 3);
                dense(1, drop(1, relu(dense(0, x))))
            }
            _ => {
                let x = self.avg_pool.forward(tanh(conv(0, x)));
                let x = self.avg_pool.forward(tanh(conv(1, x)));
                dense(2, tanh(dense(1, tanh(dense(0, x.flatten(1, 3))))))
            }
        }
    }
}

struct Burn {
    /// Keeps track of gradients; `trained` is the same net without.
    net: Option<Net>,
    trained: Net,
    optimizer: ModuleOptimizer,
    learning_rate: f64,
    loss: CrossEntropyLoss,
    device: Device,
    train: Images,
    test: Images,
}

impl Peer for Burn {
    fn train(&mut self, epochs: usize) -> Vec<f64> {
        let device = self.device.clone().autodiff();
        let mut seconds = Vec::new();
        for _ in 0..epochs {
            let start = Instant::now();
            // Held by nobody else, so that the optimizer can change it in place.
            let mut net = self.net.take().expect("put back below");
            for (pixels, labels) in self.train.shuffled(BATCH) {
                let x = TensorData::new(pixels, [labels.len(), 1, 28, 28]);
                let y: Vec<i32> = labels.into_iter().map(i32::from).collect();
                let y = Tensor::<1, Int>::from_data(y.as_slice(), &device);
                let logits = net.forward(Tensor::from_data(x, &device));
                let gradients = self.loss.forward(logits, y).backward();
                let gradients = GradientsParams::from_grads(gradients, &net);
                net = self.optimizer.step(self.learning_rate, net, gradients);
            }
            self.net = Some(net);
            seconds.push(start.elapsed().as_secs_f64());
        }
        self.trained = self.net.as_ref().expect("put back").valid();
        seconds
    }

    fn predict(&mut self, images: Range<usize>) -> Vec<f32> {
        let pixels = self.test.slice(images.start, images.end).to_vec();
        let x = Tensor::from_data(TensorData::new(pixels, [images.len(), 1, 28, 28]), &self.device);
        self.trained.forward(x).into_data().try_to_vec().expect("numbers of 32 bits")
    }
}

fn main() {
    let Some(options) = Options::parse_or_help() else { return };
    let device = Device::flex();
    let net = Net::new(options.net(), &device.clone().autodiff());
    let adam = || AdamConfig::new().with_epsilon(1e-8).init();
    let momentum = MomentumConfig::new().with_momentum(0.9).with_dampening(0.0);
    let (optimizer, learning_rate, note) = match options.net() {
        "lenet5" => (SgdConfig::new().with_momentum(Some(momentum)).init(), 0.05, ""),
        "torch-cnn" => (adam(), 0.001, ", Adam for want of Adadelta"),
        _ => (adam(), 0.001, ""),
    };
    let kernels = if cfg!(feature = "avx512") { "flex, x86-v4" } else { "flex" };
    let about = json!({ "name": "burn", "version": "0.22.1", "how": format!("{kernels}{note}") });
    let mut burn = Burn {
        trained: net.valid(),
        net: Some(net),
        optimizer,
        learning_rate,
        loss: CrossEntropyLossConfig::new().init(&device.clone().autodiff()),
        device,
        train: Images::load(&options.data, "train", options.images),
        test: Images::load(&options.data, "t10k", 10_000),
    };
    let labels = burn.test.labels.clone();
    common::run(&mut burn, &options, &labels, about);
}
