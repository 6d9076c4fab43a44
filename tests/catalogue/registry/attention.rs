//! Layers in which the steps of a sequence read from each other.

use chainrule::prelude::*;

use super::{LayerEntry, blocks, check};
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
        LayerEntry {
            name: "TransformerBlock",
            fixture: "transformer_block",
            run: |case| {
                let config = Config(&case["config"]);
                let block = TransformerBlock::new(config.size("heads"), config.size("hidden"));
                let block = if config.flag("causal") { block.causal() } else { block };
                let block = if config.flag("post_norm") { block.post_norm() } else { block };
                blocks::run_case(block, case)
            },
            check: || {
                blocks::check(TransformerBlock::new(1, 5).dropout(0.1), &[4, 3]);
                blocks::check(TransformerBlock::new(2, 3).causal(), &[3, 4]);
                blocks::check(TransformerBlock::new(2, 3).post_norm(), &[3, 4]);
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
