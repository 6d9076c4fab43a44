//! Layers that add positions to steps of features.

use chainrule::prelude::*;

use super::{LayerEntry, check};
use crate::case::run;

const SHAPES: &[&[usize]] = &[&[1, 1], &[4, 3], &[3, 16]];

pub fn entries() -> Vec<LayerEntry> {
    vec![
        LayerEntry {
            name: "SinusoidalPositions",
            fixture: "sinusoidal_positions",
            run: |case| run(SinusoidalPositions, case),
            check: || check(SinusoidalPositions, SHAPES),
        },
        LayerEntry {
            name: "LearnedPositions",
            fixture: "learned_positions",
            run: |case| run(LearnedPositions::new(), case),
            check: || {
                check(LearnedPositions::new(), SHAPES);
                check(LearnedPositions::new().init(Init::Zeros), &[&[3, 2]]);
            },
        },
    ]
}
