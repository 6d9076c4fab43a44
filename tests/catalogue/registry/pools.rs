use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::{Config, run};

pub fn entries() -> Vec<LayerEntry> {
    vec![
        LayerEntry {
            name: "MaxPool2d",
            fixture: "max_pool2d",
            run: |case| {
                let config = Config(&case["config"]);
                let ((kh, kw), (down, across)) = (config.pair("kernel"), config.pair("stride"));
                let pool = MaxPool2d::new(1).kernel(kh, kw).strides(down, across);
                run(pool.padding(config.padding()), case)
            },
            check: || {
                check(MaxPool2d::new(2), &[&[4, 4, 1], &[5, 7, 3], &[2, 2, 17]]);
                check(MaxPool2d::new(3).strides(2, 1).padding(Padding::Same), &[&[5, 6, 2]]);
            },
        },
        LayerEntry {
            name: "AvgPool2d",
            fixture: "avg_pool2d",
            run: |case| {
                let config = Config(&case["config"]);
                let ((kh, kw), (down, across)) = (config.pair("kernel"), config.pair("stride"));
                let pool = AvgPool2d::new(1).kernel(kh, kw).strides(down, across);
                run(pool.padding(config.padding()), case)
            },
            check: || {
                check(AvgPool2d::new(2), &[&[4, 4, 1], &[5, 7, 3], &[2, 2, 17]]);
                let pool = AvgPool2d::new(3).kernel(3, 2).strides(1, 2);
                check(pool.padding(Padding::Same), &[&[5, 6, 2]]);
            },
        },
    ]
}
