//! Layers that move numbers or leave some out, and compute nothing.

use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::{Config, run};

pub fn entries() -> Vec<LayerEntry> {
    vec![
        LayerEntry {
            name: "Flatten",
            fixture: "flatten",
            run: |case| run(Flatten, case),
            check: || check(Flatten, &[&[4], &[2, 3, 5]]),
        },
        LayerEntry {
            name: "Reshape",
            fixture: "reshape",
            run: |case| run(Reshape::new(Config(&case["config"]).sizes("shape")), case),
            check: || {
                check(Reshape::new([6]), &[&[6], &[2, 3], &[3, 1, 2]]);
                check(Reshape::new([5, 1, 2, 3]), &[&[30], &[3, 10]]);
            },
        },
        LayerEntry {
            name: "Slice",
            fixture: "slice",
            run: |case| {
                let config = Config(&case["config"]);
                let range = config.size("start")..config.size("end");
                run(
                    if config.flag("steps") { Slice::steps(range) } else { Slice::new(range) },
                    case,
                )
            },
            check: || {
                check(Slice::new(0..1), &[&[1], &[4, 3]]);
                check(Slice::new(2..5), &[&[5], &[2, 3, 7]]);
                check(Slice::steps(1..3), &[&[3, 1], &[5, 2], &[4, 2, 3]]);
            },
        },
        LayerEntry {
            name: "ZeroPad2d",
            fixture: "zero_pad2d",
            run: |case| {
                let sides = Config(&case["config"]).sizes("sides");
                let &[top, bottom, left, right] = &sides[..] else { panic!("four sides") };
                run(ZeroPad2d::new(0).rows(top, bottom).cols(left, right), case)
            },
            check: || {
                check(ZeroPad2d::new(0), &[&[2, 3, 1]]);
                check(ZeroPad2d::new(1), &[&[1, 1, 1], &[3, 2, 5]]);
                check(ZeroPad2d::new(2).rows(0, 3), &[&[2, 4, 2]]);
                check(ZeroPad2d::new((0, 2)), &[&[2, 4, 2]]);
                check(ZeroPad2d::new(0).rows(1, 0).cols(0, 4), &[&[3, 2, 17]]);
            },
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
        LayerEntry {
            name: "Dropout2d",
            fixture: "dropout2d",
            run: |case| run(Dropout2d::new(0.5), case),
            check: || {
                check(Dropout2d::new(0.0), &[&[2, 3, 1]]);
                check(Dropout2d::new(0.5), &[&[1, 1, 1], &[2, 3, 5], &[3, 1, 17]]);
            },
        },
    ]
}
