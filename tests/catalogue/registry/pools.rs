//! Entries of the pooling layers.

use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::{Config, run};

pub fn entries() -> Vec<LayerEntry> {
    vec![
        LayerEntry {
            name: "MaxPool2d",
            fixture: "max_pool2d",
            run: |case| run(max_pool2d(Config(&case["config"])), case),
            check: || {
                check(MaxPool2d::new(2), &[&[4, 4, 1], &[5, 7, 3], &[2, 2, 17]]);
                check(MaxPool2d::new(3).strides(2, 1).padding(Padding::Same), &[&[5, 6, 2]]);
                check(MaxPool2d::new(3).strides(2, 2).ceil(), &[&[4, 6, 2]]);
                check(MaxPool2d::new(2).dilations(2, 3), &[&[5, 7, 2], &[3, 4, 1]]);
            },
        },
        LayerEntry {
            name: "AvgPool2d",
            fixture: "avg_pool2d",
            run: |case| run(avg_pool2d(Config(&case["config"])), case),
            check: || {
                check(AvgPool2d::new(2), &[&[4, 4, 1], &[5, 7, 3], &[2, 2, 17]]);
                let pool = AvgPool2d::new(3).kernel(3, 2).strides(1, 2);
                check(pool.padding(Padding::Same), &[&[5, 6, 2]]);
                check(pool.padding(Padding::Same).count_padding(true), &[&[5, 6, 2]]);
                let padding = Padding::Explicit { top: 1, bottom: 2, left: 2, right: 1 };
                let pool = AvgPool2d::new(3).padding(padding).ceil();
                check(pool, &[&[4, 5, 2]]);
                check(pool.count_padding(true), &[&[4, 5, 2], &[7, 7, 1]]);
                check(pool.dilation(2).strides(1, 1).count_padding(true), &[&[4, 5, 2]]);
            },
        },
    ]
}

fn max_pool2d(config: Config) -> MaxPool2d {
    let ((kh, kw), (down, across)) = (config.pair("kernel"), config.pair("stride"));
    let dilation = config.pair_or_ones("dilation");
    let pool = MaxPool2d::new(1).kernel(kh, kw).strides(down, across).padding(config.padding());
    let pool = pool.dilations(dilation.0, dilation.1);
    if config.flag("ceil") { pool.ceil() } else { pool }
}

fn avg_pool2d(config: Config) -> AvgPool2d {
    let ((kh, kw), (down, across)) = (config.pair("kernel"), config.pair("stride"));
    let dilation = config.pair_or_ones("dilation");
    let pool = AvgPool2d::new(1).kernel(kh, kw).strides(down, across).padding(config.padding());
    let pool = pool.dilations(dilation.0, dilation.1).count_padding(config.flag("count_padding"));
    if config.flag("ceil") { pool.ceil() } else { pool }
}
