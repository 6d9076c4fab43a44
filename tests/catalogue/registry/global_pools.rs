//! Pools of one window as large as the image.

use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::run;

const SHAPES: &[&[usize]] = &[&[1, 1, 1], &[3, 2, 5], &[2, 4, 17], &[5, 1, 3]];

pub fn entries() -> Vec<LayerEntry> {
    vec![
        LayerEntry {
            name: "GlobalAvgPool2d",
            fixture: "global_avg_pool2d",
            run: |case| run(GlobalAvgPool2d, case),
            check: || check(GlobalAvgPool2d, SHAPES),
        },
        LayerEntry {
            name: "GlobalMaxPool2d",
            fixture: "global_max_pool2d",
            run: |case| run(GlobalMaxPool2d, case),
            check: || check(GlobalMaxPool2d, SHAPES),
        },
    ]
}
