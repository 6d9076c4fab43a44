//! The reference nets in candle, on the CPU.
//!
//! candle has no Adadelta, so `torch-cnn` trains with Adam; and its SGD has no momentum, so `lenet5`
//! trains without. Its AdamW without weight decay is Adam.

#[path = "../common.rs"]
mod common;
#[path = "../mnist.rs"]
mod mnist;

use std::ops::Range;
use std::time::Instant;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{
    AdamW, Conv2d, Conv2dConfig, Dropout, Linear, Module, Optimizer, ParamsAdamW, SGD, VarBuilder,
    VarMap, conv2d, linear, loss,
};
use common::{BATCH, Options, Peer};
use mnist::Images;
use serde_json::json;

/// The layers of any of the nets, in order; `forward` says how they go together.
struct Net {
    name: String,
    convs: Vec<Conv2d>,
    denses: Vec<Linear>,
    dropouts: Vec<Dropout>,
}

impl Net {
    fn new(name: &str, vars: &VarBuilder) -> Result<Net> {
        let conv = |from, to, kernel, padding| {
            let config = Conv2dConfig { padding, ..Default::default() };
            conv2d(from, to, kernel, config, vars.pp(format!("conv {from} {to}")))
        };
        let dense = |from, to| linear(from, to, vars.pp(format!("dense {from} {to}")));
        let (convs, denses, dropouts) = match name {
            "mlp" => (vec![], vec![dense(784, 128)?, dense(128, 10)?], vec![Dropout::new(0.2)]),
            "keras-cnn" => (
                vec![conv(1, 32, 3, 0)?, conv(32, 64, 3, 0)?],
                vec![dense(1600, 10)?],
                vec![Dropout::new(0.5)],
            ),
            "torch-cnn" => (
                vec![conv(1, 32, 3, 0)?, conv(32, 64, 3, 0)?],
                vec![dense(9216, 128)?, dense(128, 10)?],
                vec![Dropout::new(0.25), Dropout::new(0.5)],
            ),
            "lenet5" => (
                vec![conv(1, 6, 5, 2)?, conv(6, 16, 5, 0)?],
                vec![dense(400, 120)?, dense(120, 84)?, dense(84, 10)?],
                vec![],
            ),
            other => panic!("no net {other:?}"),
        };
        Ok(Net { name: name.into(), convs, denses, dropouts })
    }

    fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let conv = |i: usize, x: &Tensor| self.convs[i].forward(x);
        let dense = |i: usize, x: &Tensor| self.denses[i].forward(x);
        let drop = |i: usize, x: &Tensor| self.dropouts[i].forward(x, train);
        match self.name.as_str() {
            "mlp" => dense(1, &drop(0, &dense(0, &x.flatten_from(1)?)?.relu()?)?),
            "keras-cnn" => {
                let x = conv(0, x)?.relu()?.max_pool2d(2)?;
                let x = conv(1, &x)?.relu()?.max_pool2d(2)?;
                dense(0, &drop(0, &x.flatten_from(1)?)?)
            }
            "torch-cnn" => {
                let x = conv(1, &conv(0, x)?.relu()?)?.relu()?.max_pool2d(2)?;
                let x = dense(0, &drop(0, &x)?.flatten_from(1)?)?.relu()?;
                dense(1, &drop(1, &x)?)
            }
            _ => {
                let x = conv(0, x)?.tanh()?.avg_pool2d(2)?;
                let x = conv(1, &x)?.tanh()?.avg_pool2d(2)?;
                let x = dense(0, &x.flatten_from(1)?)?.tanh()?;
                dense(2, &dense(1, &x)?.tanh()?)
            }
        }
    }
}

/// One step of an optimizer: from the loss backward, and an update.
type Step = Box<dyn FnMut(&Tensor) -> Result<()>>;

struct Candle {
    net: Net,
    step: Step,
    train: Images,
    test: Images,
}

fn images(pixels: &[f32]) -> Result<Tensor> {
    Tensor::from_slice(pixels, (pixels.len() / mnist::PIXELS, 1, 28, 28), &Device::Cpu)
}

impl Candle {
    fn epoch(&mut self) -> Result<()> {
        for (pixels, labels) in self.train.shuffled(BATCH) {
            let labels: Vec<u32> = labels.into_iter().map(u32::from).collect();
            let logits = self.net.forward(&images(&pixels)?, true)?;
            (self.step)(&loss::cross_entropy(&logits, &Tensor::new(labels, &Device::Cpu)?)?)?;
        }
        Ok(())
    }
}

impl Peer for Candle {
    fn train(&mut self, epochs: usize) -> Vec<f64> {
        let timed = |_| {
            let start = Instant::now();
            self.epoch().expect("shapes that fit");
            start.elapsed().as_secs_f64()
        };
        (0..epochs).map(timed).collect()
    }

    fn predict(&mut self, range: Range<usize>) -> Vec<f32> {
        images(self.test.slice(range.start, range.end))
            .and_then(|x| self.net.forward(&x, false)?.flatten_all()?.to_vec1())
            .expect("shapes that fit")
    }
}

fn main() -> Result<()> {
    let Some(options) = Options::parse_or_help() else { return Ok(()) };
    let vars = VarMap::new();
    let net = Net::new(options.net(), &VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu))?;
    let (step, how): (Step, _) = if options.net() == "lenet5" {
        let mut sgd = SGD::new(vars.all_vars(), 0.05)?;
        (Box::new(move |loss| sgd.backward_step(loss)), "SGD without momentum")
    } else {
        let params = ParamsAdamW { lr: 0.001, weight_decay: 0.0, ..Default::default() };
        let mut adam = AdamW::new(vars.all_vars(), params)?;
        let torch_cnn = options.net() == "torch-cnn";
        let how = if torch_cnn { "Adam for want of Adadelta" } else { "" };
        (Box::new(move |loss| adam.backward_step(loss)), how)
    };
    let mut candle = Candle {
        net,
        step,
        train: Images::load(&options.data, "train", options.images),
        test: Images::load(&options.data, "t10k", 10_000),
    };
    let labels = candle.test.labels.clone();
    let about = json!({ "name": "candle", "version": "0.11.1", "how": how });
    common::run(&mut candle, &options, &labels, about);
    Ok(())
}
