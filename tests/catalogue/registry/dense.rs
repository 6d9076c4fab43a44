use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::{Config, run};

pub fn entries() -> Vec<LayerEntry> {
    vec![LayerEntry {
        name: "Dense",
        fixture: "dense",
        run: |case| run(Dense::new(Config(&case["config"]).size("units")), case),
        check: || {
            check(Dense::new(1), &[&[1], &[5]]);
            check(Dense::new(17), &[&[3], &[20]]);
            check(Dense::new(16).init(Init::HeNormal), &[&[7]]);
        },
    }]
}
