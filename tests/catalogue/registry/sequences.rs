//! Layers for sequences: embeddings, and the recurrent ones.

use chainrule::layers::Direction;
use chainrule::prelude::*;

use super::{LayerEntry, check, survive};
use crate::case::{Config, run};

/// Settings of a case that all recurrent layers have.
macro_rules! recurrent {
    ($layer:expr, $config:expr) => {{
        let (mut layer, config) = ($layer, &$config);
        if config.flag("every_step") {
            layer = layer.every_step();
        }
        if config.flag("learned_state") {
            layer = layer.learned_state();
        }
        if config.has("truncate") {
            layer = layer.truncate(config.size("truncate"));
        }
        if config.has("direction") {
            layer = layer.direction(match config.text("direction") {
                "reverse" => Direction::Reverse,
                "both" => Direction::Both,
                other => panic!("no direction {other}"),
            });
        }
        layer
    }};
}

/// Settings under which the gradient of a recurrent layer is checked.
macro_rules! settings {
    ($layer:expr) => {{
        let layer = $layer;
        check(layer, &[&[1, 1], &[4, 3]]);
        check(layer.every_step(), &[&[1, 2], &[5, 3]]);
        check(layer.every_step().learned_state().direction(Direction::Both), &[&[3, 2]]);
        check(layer.direction(Direction::Reverse).learned_state().dropout(0.4), &[&[3, 2]]);
        // A gradient that stops differs from the slope.
        survive(layer.truncate(2), &[4, 3]);
    }};
}

pub fn entries() -> Vec<LayerEntry> {
    vec![
        LayerEntry {
            name: "Embedding",
            fixture: "embedding",
            run: |case| {
                let config = Config(&case["config"]);
                let (vocabulary, width) = config.pair("sizes");
                let layer = Embedding::new(vocabulary, width);
                let padded = config.has("padding");
                run(if padded { layer.padding(config.size("padding")) } else { layer }, case)
            },
            // The check draws normal numbers, which are outside every vocabulary: `tests/sequences` measures its slopes.
            check: || {
                survive(Embedding::new(5, 3), &[4]);
                survive(Embedding::new(5, 3).padding(4).init(Init::HeNormal), &[2]);
            },
        },
        LayerEntry {
            name: "Unembedding",
            fixture: "unembedding",
            run: |case| run(Unembedding::new(Config(&case["config"]).size("vocabulary")), case),
            check: || {
                check(Unembedding::new(1), &[&[1], &[3, 2]]);
                check(Unembedding::new(17).init(Init::HeNormal), &[&[5], &[2, 18]]);
            },
        },
        LayerEntry {
            name: "SimpleRnn",
            fixture: "simple_rnn",
            run: |case| {
                let config = Config(&case["config"]);
                let layer = SimpleRnn::new(config.size("units"));
                let layer = if config.flag("relu") { layer.relu() } else { layer };
                run(recurrent!(layer, config), case)
            },
            check: || {
                settings!(SimpleRnn::new(5));
                check(SimpleRnn::new(17).relu(), &[&[3, 2]]);
            },
        },
        LayerEntry {
            name: "Lstm",
            fixture: "lstm",
            run: |case| {
                let config = Config(&case["config"]);
                run(recurrent!(Lstm::new(config.size("units")), config), case)
            },
            check: || {
                settings!(Lstm::new(3));
                check(Lstm::new(16), &[&[2, 3]]);
            },
        },
        LayerEntry {
            name: "Gru",
            fixture: "gru",
            run: |case| {
                let config = Config(&case["config"]);
                let layer = Gru::new(config.size("units"));
                let layer = if config.flag("reset_before") { layer.reset_before() } else { layer };
                run(recurrent!(layer, config), case)
            },
            check: || {
                settings!(Gru::new(3));
                settings!(Gru::new(3).reset_before());
                check(Gru::new(17), &[&[2, 3]]);
            },
        },
    ]
}
