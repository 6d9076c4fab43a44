//! Entries of the activations.

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
            name: "Elu",
            fixture: "elu",
            run: |case| run(Elu::new(Config(&case["config"]).float("alpha")), case),
            check: || {
                check(Elu::new(1.0), SHAPES);
                check(Elu::new(0.3), SHAPES);
            },
        },
        LayerEntry {
            name: "Selu",
            fixture: "selu",
            run: |case| run(Selu, case),
            check: || check(Selu, SHAPES),
        },
        LayerEntry {
            name: "Gelu",
            fixture: "gelu",
            run: |case| run(Gelu, case),
            check: || check(Gelu, SHAPES),
        },
        LayerEntry {
            name: "GeluTanh",
            fixture: "gelu_tanh",
            run: |case| run(GeluTanh, case),
            check: || check(GeluTanh, SHAPES),
        },
        LayerEntry {
            name: "Silu",
            fixture: "silu",
            run: |case| run(Silu, case),
            check: || check(Silu, SHAPES),
        },
        LayerEntry {
            name: "Mish",
            fixture: "mish",
            run: |case| run(Mish, case),
            check: || check(Mish, SHAPES),
        },
        LayerEntry {
            name: "Hardswish",
            fixture: "hardswish",
            run: |case| run(Hardswish, case),
            check: || check(Hardswish, SHAPES),
        },
        LayerEntry {
            name: "Softplus",
            fixture: "softplus",
            run: |case| run(Softplus, case),
            check: || check(Softplus, SHAPES),
        },
        LayerEntry {
            name: "Prelu",
            fixture: "prelu",
            run: |case| run(Prelu, case),
            check: || check(Prelu, SHAPES),
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
