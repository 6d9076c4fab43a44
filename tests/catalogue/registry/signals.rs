//! Layers that make signals shorter or longer. Convolutions have a file of their own.

use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::{Config, run};

pub fn entries() -> Vec<LayerEntry> {
    vec![
        LayerEntry {
            name: "MaxPool1d",
            fixture: "max_pool1d",
            run: |case| run(max_pool1d(Config(&case["config"])), case),
            check: || {
                check(MaxPool1d::new(2), &[&[4, 1], &[7, 3], &[2, 17]]);
                check(MaxPool1d::new(3).stride(2).padding(Padding::Same), &[&[6, 2], &[7, 3]]);
                check(MaxPool1d::new(3).stride(2).padding(ends(1, 2)).ceil(), &[&[8, 2]]);
                check(MaxPool1d::new(2).dilation(3), &[&[7, 2]]);
            },
        },
        LayerEntry {
            name: "AvgPool1d",
            fixture: "avg_pool1d",
            run: |case| run(avg_pool1d(Config(&case["config"])), case),
            check: || {
                check(AvgPool1d::new(2), &[&[4, 1], &[7, 3], &[2, 17]]);
                let pool = AvgPool1d::new(3).stride(2);
                check(pool.padding(Padding::Same), &[&[6, 2], &[7, 3]]);
                check(pool.padding(Padding::Same).count_padding(true), &[&[6, 2]]);
                check(pool.padding(ends(2, 1)).ceil(), &[&[8, 2]]);
                check(pool.padding(ends(2, 1)).ceil().count_padding(true), &[&[8, 2]]);
                check(pool.dilation(2).padding(ends(1, 3)).count_padding(true), &[&[6, 2]]);
            },
        },
        LayerEntry {
            name: "GlobalMaxPool1d",
            fixture: "global_max_pool1d",
            run: |case| run(GlobalMaxPool1d, case),
            check: || check(GlobalMaxPool1d, &[&[1, 1], &[4, 5], &[3, 17]]),
        },
        LayerEntry {
            name: "GlobalAvgPool1d",
            fixture: "global_avg_pool1d",
            run: |case| run(GlobalAvgPool1d, case),
            check: || check(GlobalAvgPool1d, &[&[1, 1], &[4, 5], &[3, 17]]),
        },
        LayerEntry {
            name: "ZeroPad1d",
            fixture: "zero_pad1d",
            run: |case| {
                let (front, behind) = Config(&case["config"]).pair("ends");
                run(ZeroPad1d::new(0).ends(front, behind), case)
            },
            check: || {
                check(ZeroPad1d::new(0), &[&[3, 1]]);
                check(ZeroPad1d::new(2), &[&[1, 1], &[4, 5]]);
                check(ZeroPad1d::new(0).ends(1, 3), &[&[3, 17]]);
            },
        },
    ]
}

fn ends(left: usize, right: usize) -> Padding {
    Padding::Explicit { top: 0, bottom: 0, left, right }
}

/// `"valid"`, `"same"` or `[left, right]`.
fn padding(config: &Config) -> Padding {
    match config.0["padding"].is_string() {
        true => config.padding(),
        false => {
            let (left, right) = config.pair("padding");
            ends(left, right)
        }
    }
}

fn max_pool1d(config: Config) -> MaxPool1d {
    let pool = MaxPool1d::new(config.size("kernel")).stride(config.size("stride"));
    let pool = pool.padding(padding(&config)).dilation(config.size_or_one("dilation"));
    if config.flag("ceil") { pool.ceil() } else { pool }
}

fn avg_pool1d(config: Config) -> AvgPool1d {
    let pool = AvgPool1d::new(config.size("kernel")).stride(config.size("stride"));
    let pool = pool.padding(padding(&config)).dilation(config.size_or_one("dilation"));
    let pool = pool.count_padding(config.flag("count_padding"));
    if config.flag("ceil") { pool.ceil() } else { pool }
}
