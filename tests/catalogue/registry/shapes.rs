//! Layers that move numbers or leave some out, and compute nothing.

use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::run;

pub fn entries() -> Vec<LayerEntry> {
    vec![
        LayerEntry {
            name: "Flatten",
            fixture: "flatten",
            run: |case| run(Flatten, case),
            check: || check(Flatten, &[&[4], &[2, 3, 5]]),
        },
        LayerEntry {
            name: "Dropout",
            fixture: "dropout",
            run: |case| run(Dropout::new(0.5), case),
            check: || {
                check(Dropout::new(0.0), &[&[9]]);
                check(Dropout::new(0.5), &[&[9], &[2, 3, 5]]);
            },
        },
    ]
}
