use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::{Config, run};

const SHAPES: &[&[usize]] = &[&[1], &[13], &[2, 3, 5]];

pub fn entries() -> Vec<LayerEntry> {
    vec![
        LayerEntry {
            name: "Relu",
            fixture: "relu",
            run: |case| run(Relu, case),
            check: || check(Relu, SHAPES),
        },
        LayerEntry {
            name: "LeakyRelu",
            fixture: "leaky_relu",
            run: |case| run(LeakyRelu::new(Config(&case["config"]).float("alpha")), case),
            check: || check(LeakyRelu::new(0.2), SHAPES),
        },
        LayerEntry {
            name: "Sigmoid",
            fixture: "sigmoid",
            run: |case| run(Sigmoid, case),
            check: || check(Sigmoid, SHAPES),
        },
        LayerEntry {
            name: "Tanh",
            fixture: "tanh",
            run: |case| run(Tanh, case),
            check: || check(Tanh, SHAPES),
        },
        LayerEntry {
            name: "Softmax",
            fixture: "softmax",
            run: |case| run(Softmax, case),
            check: || check(Softmax, SHAPES),
        },
    ]
}
