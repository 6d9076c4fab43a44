use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::{Config, run};

pub fn entries() -> Vec<LayerEntry> {
    vec![LayerEntry {
        name: "Conv2d",
        fixture: "conv2d",
        run: |case| run(conv2d(Config(&case["config"])), case),
        check: || {
            check(Conv2d::new(1, 1), &[&[1, 1, 1], &[3, 2, 3]]);
            check(Conv2d::new(5, 3), &[&[3, 3, 1], &[6, 5, 2]]);
            check(Conv2d::new(17, 2).stride(2), &[&[5, 4, 3]]);
            check(Conv2d::new(3, 3).padding(Padding::Same), &[&[4, 5, 2], &[1, 1, 1]]);
            check(Conv2d::new(2, 3).stride(3).padding(Padding::Same), &[&[7, 8, 1]]);
            check(Conv2d::new(2, 1).stride(2), &[&[5, 5, 2]]);
            // Wide enough for Winograd's algorithm.
            check(Conv2d::new(16, 3), &[&[5, 4, 16]]);
            check(Conv2d::new(32, 3).padding(Padding::Same), &[&[3, 5, 16]]);
            let lopsided = Padding::Explicit { top: 2, bottom: 0, left: 1, right: 3 };
            let conv = Conv2d::new(3, 1).kernel(3, 4).strides(1, 2);
            check(conv.padding(lopsided), &[&[4, 5, 2]]);
        },
    }]
}

fn conv2d(config: Config) -> Conv2d {
    let ((kh, kw), (down, across)) = (config.pair("kernel"), config.pair("stride"));
    let conv = Conv2d::new(config.size("filters"), 1).kernel(kh, kw).strides(down, across);
    conv.padding(config.padding())
}
