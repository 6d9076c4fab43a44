//! Entries of the dense layer.

use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::{Config, run};

pub fn entries() -> Vec<LayerEntry> {
    vec![LayerEntry {
        name: "Dense",
        fixture: "dense",
        run: |case| {
            let config = Config(&case["config"]);
            run(Dense::new(config.size("units")).bias(!config.flag("no_bias")), case)
        },
        check: || {
            check(Dense::new(1), &[&[1], &[5]]);
            check(Dense::new(17), &[&[3], &[20]]);
            check(Dense::new(16).init(Init::HeNormal), &[&[7]]);
            check(Dense::new(3).bias(false), &[&[1], &[5], &[4, 5]]);
            check(Dense::new(18), &[&[1, 3], &[3, 2]]);
        },
    }]
}
