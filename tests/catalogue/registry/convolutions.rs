//! Entries of the convolutions.

use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::{Config, run};

pub fn entries() -> Vec<LayerEntry> {
    vec![
        LayerEntry {
            name: "Conv2d",
            fixture: "conv2d",
            run: |case| run(conv2d(Config(&case["config"])), case),
            check: || {
                check_conv2d();
                check_groups_and_dilation();
            },
        },
        LayerEntry {
            name: "Conv1d",
            fixture: "conv1d",
            run: |case| run(conv1d(Config(&case["config"])), case),
            check: || {
                check(Conv1d::new(5, 3), &[&[3, 1], &[7, 2]]);
                check(Conv1d::new(4, 3).stride(2).dilation(2).groups(2), &[&[9, 6]]);
                check(Conv1d::depthwise(3).padding(causal(2)).bias(false), &[&[1, 1], &[5, 3]]);
            },
        },
        LayerEntry {
            name: "ConvTranspose2d",
            fixture: "conv_transpose2d",
            run: |case| run(conv_transpose2d(Config(&case["config"])), case),
            check: check_conv_transpose2d,
        },
    ]
}

fn check_conv2d() {
    check(Conv2d::new(1, 1), &[&[1, 1, 1], &[3, 2, 3]]);
    check(Conv2d::new(5, 3), &[&[3, 3, 1], &[6, 5, 2]]);
    check(Conv2d::new(17, 2).stride(2), &[&[5, 4, 3]]);
    check(Conv2d::new(3, 3).padding(Padding::Same), &[&[4, 5, 2], &[1, 1, 1]]);
    check(Conv2d::new(2, 3).stride(3).padding(Padding::Same), &[&[7, 8, 1]]);
    check(Conv2d::new(2, 1).stride(2), &[&[5, 5, 2]]);
    // Wide enough for Winograd's algorithm.
    check(Conv2d::new(32, 3).padding(Padding::Same), &[&[3, 5, 16]]);
    check(Conv2d::new(16, 3).bias(false), &[&[5, 4, 32]]);
    // In whole vectors too, but not wide enough.
    check(Conv2d::new(16, 3), &[&[3, 4, 16]]);
    // Pixels in groups, and as they come.
    check(Conv2d::new(3, 3).bias(false), &[&[4, 4, 1], &[4, 5, 2]]);
    let lopsided = Padding::Explicit { top: 2, bottom: 0, left: 1, right: 3 };
    let conv = Conv2d::new(3, (3, 4)).stride((1, 2));
    check(conv.padding(lopsided), &[&[4, 5, 2]]);
    check_wide_padding();
}

/// Padding as wide as the kernel or wider: some windows see nothing of the image.
fn check_wide_padding() {
    check(Conv2d::new(3, 1).padding(1), &[&[1, 1, 1], &[2, 3, 2]]);
    check(Conv2d::new(17, 2).padding((2, 3)), &[&[1, 1, 3], &[3, 2, 1]]);
    let one_side = Padding::Explicit { top: 7, bottom: 0, left: 0, right: 5 };
    check(Conv2d::new(5, 3).stride(2).padding(one_side), &[&[2, 3, 2], &[1, 1, 1]]);
    check(Conv2d::new(6, 2).groups(3).padding(4), &[&[2, 1, 3]]);
    check(Conv2d::new(4, 2).dilation(2).padding((3, 5)), &[&[2, 3, 2]]);
    check(Conv2d::depthwise(2).stride(3).padding(4).bias(false), &[&[2, 1, 5], &[1, 3, 17]]);
    // Pixels in groups, and windows that end before the image begins.
    check(Conv2d::new(2, 2).padding(one_side), &[&[1, 2, 1]]);
    // Wide enough for Winograd's algorithm.
    check(Conv2d::new(32, 3).padding((4, 3)), &[&[1, 2, 16]]);
}

fn check_groups_and_dilation() {
    check(Conv2d::new(3, 2).dilation(2), &[&[3, 3, 1], &[5, 4, 2]]);
    check(Conv2d::new(2, 3).dilation((1, 2)).stride(2).padding(Padding::Same), &[&[6, 5, 3]]);
    check(Conv2d::new(6, 2).groups(3), &[&[2, 3, 3], &[3, 2, 6]]);
    check(Conv2d::new(4, 2).groups(2).bias(false).dilation(2).stride(2), &[&[5, 4, 6]]);
    // Two filters a channel.
    check(Conv2d::new(6, 2).groups(3).padding(Padding::Same), &[&[3, 3, 3]]);
    check(Conv2d::depthwise(1), &[&[2, 1, 1], &[1, 3, 2]]);
    check(Conv2d::depthwise(3).padding(Padding::Same), &[&[4, 5, 3], &[3, 3, 17], &[2, 7, 16]]);
    check(Conv2d::depthwise(3).stride(2).padding(Padding::Same), &[&[5, 4, 2], &[4, 4, 9]]);
    check(Conv2d::depthwise(2).dilation(3).bias(false), &[&[5, 4, 5]]);
    check(Conv2d::depthwise(3).dilation(2).stride((2, 3)).padding(Padding::Same), &[&[6, 5, 8]]);
}

fn check_conv_transpose2d() {
    let up = ConvTranspose2d::new;
    check(up(1, 1), &[&[1, 1, 1], &[2, 3, 2]]);
    check(up(3, 3), &[&[3, 2, 1], &[2, 2, 5]]);
    check(up(2, 3).stride(2).padding(Padding::Same), &[&[3, 2, 3]]);
    check(up(2, 2).stride(3).padding(Padding::Same), &[&[2, 3, 1]]);
    let one = Padding::Explicit { top: 1, bottom: 1, left: 1, right: 0 };
    check(up(4, 3).stride((2, 3)).padding(one).output_padding((1, 2)), &[&[3, 2, 3]]);
    check(up(3, 2).dilation(3).output_padding((2, 0)).bias(false), &[&[2, 3, 2]]);
    // Padding as wide as the kernel, and wider.
    check(ConvTranspose2d::new(3, (2, 3)).stride(2).padding((2, 4)), &[&[3, 4, 2]]);
    check(up(4, 3).stride(2).groups(2), &[&[2, 3, 6]]);
    check(up(6, 3).stride(2).groups(6), &[&[2, 3, 6]]);
    // Wide enough for Winograd's algorithm.
    check(up(16, 3).padding(Padding::Same), &[&[3, 2, 32]]);
}

/// All padding before the first number of a signal.
fn causal(left: usize) -> Padding {
    Padding::Explicit { top: 0, bottom: 0, left, right: 0 }
}

fn conv2d(config: Config) -> Conv2d {
    let (kernel, groups) = (config.pair("kernel"), config.size_or_one("groups"));
    let conv = match config.has("filters") {
        true => Conv2d::new(config.size("filters"), kernel).groups(groups),
        false => Conv2d::depthwise(kernel),
    };
    let conv = conv.stride(config.pair("stride")).dilation(config.pair_or_ones("dilation"));
    conv.padding(config.padding()).bias(!config.flag("no_bias"))
}

fn conv1d(config: Config) -> Conv1d {
    let conv = Conv1d::new(config.size("filters"), config.size("kernel"));
    let conv = conv.stride(config.size("stride")).dilation(config.size_or_one("dilation"));
    let padding = match config.sizes("padding")[..] {
        [left, right] => Padding::Explicit { top: 0, bottom: 0, left, right },
        _ => panic!("padding of a signal: [left, right]"),
    };
    let conv = conv.groups(config.size_or_one("groups")).padding(padding);
    conv.bias(!config.flag("no_bias"))
}

fn conv_transpose2d(config: Config) -> ConvTranspose2d {
    let conv = ConvTranspose2d::new(config.size("filters"), config.pair("kernel"));
    let conv = conv.stride(config.pair("stride")).dilation(config.pair_or_ones("dilation"));
    let conv = conv.groups(config.size_or_one("groups")).padding(config.padding());
    let conv = match config.has("output_padding") {
        true => conv.output_padding(config.pair("output_padding")),
        false => conv,
    };
    conv.bias(!config.flag("no_bias"))
}
