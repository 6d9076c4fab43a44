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
                check(MaxPool2d::new(3).stride((2, 1)).padding(Padding::Same), &[&[5, 6, 2]]);
                check(MaxPool2d::new(3).stride(2).ceil(), &[&[4, 6, 2]]);
                check(MaxPool2d::new(2).dilation((2, 3)), &[&[5, 7, 2], &[3, 4, 1]]);
            },
        },
        LayerEntry {
            name: "AvgPool2d",
            fixture: "avg_pool2d",
            run: |case| run(avg_pool2d(Config(&case["config"])), case),
            check: || {
                check(AvgPool2d::new(2), &[&[4, 4, 1], &[5, 7, 3], &[2, 2, 17]]);
                let pool = AvgPool2d::new((3, 2)).stride((1, 2));
                check(pool.padding(Padding::Same), &[&[5, 6, 2]]);
                check(pool.padding(Padding::Same).count_padding(true), &[&[5, 6, 2]]);
                let padding = Padding::Explicit { top: 1, bottom: 2, left: 2, right: 1 };
                let pool = AvgPool2d::new(3).padding(padding).ceil();
                check(pool, &[&[4, 5, 2]]);
                check(pool.count_padding(true), &[&[4, 5, 2], &[7, 7, 1]]);
                check(pool.dilation(2).stride(1).count_padding(true), &[&[4, 5, 2]]);
            },
        },
    ]
}

fn max_pool2d(config: Config) -> MaxPool2d {
    let pool = MaxPool2d::new(config.pair("kernel")).stride(config.pair("stride"));
    let pool = pool.padding(config.padding()).dilation(config.pair_or_ones("dilation"));
    if config.flag("ceil") { pool.ceil() } else { pool }
}

fn avg_pool2d(config: Config) -> AvgPool2d {
    let pool = AvgPool2d::new(config.pair("kernel")).stride(config.pair("stride"));
    let pool = pool.padding(config.padding()).dilation(config.pair_or_ones("dilation"));
    let pool = pool.count_padding(config.flag("count_padding"));
    if config.flag("ceil") { pool.ceil() } else { pool }
}
