//! Layers that normalize a sample.

use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::{Config, run};

pub fn entries() -> Vec<LayerEntry> {
    vec![
        LayerEntry {
            name: "LayerNorm",
            fixture: "layer_norm",
            run: |case| {
                let config = Config(&case["config"]);
                let norm = LayerNorm::new().axes(config.size("axes"));
                run(norm.epsilon(config.float("epsilon")), case)
            },
            check: || {
                check(LayerNorm::new(), &[&[5], &[17], &[4, 33], &[2, 3, 8]]);
                check(LayerNorm::new().axes(2), &[&[3, 2], &[2, 3, 5]]);
                check(LayerNorm::new().axes(3).epsilon(0.1), &[&[2, 3, 5]]);
            },
        },
        LayerEntry {
            name: "GroupNorm",
            fixture: "group_norm",
            run: |case| {
                let config = Config(&case["config"]);
                let norm = GroupNorm::new(config.size("groups"));
                run(norm.epsilon(config.float("epsilon")), case)
            },
            check: || {
                check(GroupNorm::new(1), &[&[3, 2, 1], &[2, 3, 5]]);
                check(GroupNorm::new(2), &[&[3, 3, 4], &[1, 2, 18]]);
                check(GroupNorm::new(3).epsilon(0.1), &[&[3, 4, 3]]);
            },
        },
    ]
}
