//! The reference nets in chainrule, measured as `run.py` measures the peers.
//!
//! ```text
//! cargo bench --bench peer -- keras-cnn --epochs 3
//! ```

#![forbid(unsafe_code)]

mod common;
#[path = "../nets/mod.rs"]
mod nets;

use std::ops::Range;

use chainrule::prelude::*;
use common::{Options, Peer};
use ndarray::{ArrayD, Axis, Slice};
use nets::{NETS, Net};
use serde_json::json;

struct Chainrule {
    net: Net,
    model: Sequential,
    train: Images,
    test: ArrayD<f32>,
    threads: usize,
}

impl Peer for Chainrule {
    fn train(&mut self, epochs: usize) -> Vec<f64> {
        let mut trainer = (self.net.trainer)().epochs(epochs).threads(self.threads);
        let history = trainer.fit(&mut self.model, &self.train).expect("a loss that is finite");
        history.epochs.iter().map(|epoch| epoch.seconds).collect()
    }

    fn predict(&mut self, images: Range<usize>) -> Vec<f32> {
        let x = self.test.slice_axis(Axis(0), Slice::from(images));
        let logits = self.model.predict(&x).expect("images of MNIST");
        logits.into_raw_vec_and_offset().0
    }
}

fn main() -> Result<()> {
    let Some(options) = Options::parse_or_help() else { return Ok(()) };
    let net = NETS.iter().find(|net| net.name == options.net()).expect("one of the reference nets");
    let mnist = Mnist::load(&options.data)?;
    let all: Vec<usize> = (0..mnist.test.len()).collect();
    let mut chainrule = Chainrule {
        net: *net,
        model: (net.build)()?,
        train: mnist.train.take(options.images)?,
        test: inputs(&mnist.test, &all).unwrap(),
        threads: options.threads,
    };
    let version = env!("CARGO_PKG_VERSION");
    let about = json!({ "name": "chainrule", "version": version, "how": "", "flop": net.flop });
    common::run(&mut chainrule, &options, mnist.test.labels(), about);
    Ok(())
}
