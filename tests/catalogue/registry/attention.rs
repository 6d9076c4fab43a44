//! Layers in which the steps of a sequence read from each other.

use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::{Config, run};

pub fn entries() -> Vec<LayerEntry> {
    vec![
        LayerEntry {
            name: "SelfAttention",
            fixture: "self_attention",
            run: |case| run(self_attention(Config(&case["config"])), case),
            check: || {
                check(SelfAttention::new(1), &[&[1, 1], &[4, 3]]);
                check(SelfAttention::new(2).causal(), &[&[1, 4], &[5, 4]]);
                check(SelfAttention::new(2).head_width(3).bias(false), &[&[4, 3]]);
                // More than a block of queries, and heads wider than a vector.
                check(SelfAttention::new(1).causal().head_width(2), &[&[18, 1]]);
                check(SelfAttention::new(1).head_width(17).init(Init::HeNormal), &[&[2, 2]]);
            },
        },
        LayerEntry {
            name: "CrossAttention",
            fixture: "cross_attention",
            run: |case| run(cross_attention(Config(&case["config"])), case),
            check: || {
                check(CrossAttention::new(1, 1), &[&[2, 1], &[4, 3]]);
                check(CrossAttention::new(2, 3), &[&[4, 4], &[5, 2]]);
                check(CrossAttention::new(2, 2).head_width(3).bias(false), &[&[6, 3]]);
            },
        },
    ]
}

fn self_attention(config: Config) -> SelfAttention {
    let mut layer = SelfAttention::new(config.size("heads")).bias(!config.flag("no_bias"));
    if config.has("head_width") {
        layer = layer.head_width(config.size("head_width"));
    }
    if config.flag("causal") { layer.causal() } else { layer }
}

fn cross_attention(config: Config) -> CrossAttention {
    let layer = CrossAttention::new(config.size("heads"), config.size("queries"));
    let layer = layer.bias(!config.flag("no_bias"));
    if config.has("head_width") { layer.head_width(config.size("head_width")) } else { layer }
}
