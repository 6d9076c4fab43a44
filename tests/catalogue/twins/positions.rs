//! Layers that add positions against plain loops.

use chainrule::prelude::*;
use chainrule::reference;
use proptest::prelude::*;

use super::fast::Fast;
use super::{Check, close, config, view};

pub const CHECKS: [Check; 2] =
    [("SinusoidalPositions", sinusoidal_positions), ("LearnedPositions", learned_positions)];

fn sinusoidal_positions() {
    proptest!(config(), |((n, steps, d) in (1usize..4, 1usize..200, 1usize..20), seed in any::<u64>())| {
        let fast = Fast::run(&SinusoidalPositions, &[steps, d], n, seed);
        let y = reference::sinusoidal_positions(view(&fast.x));
        close("y of SinusoidalPositions", &fast.y, &y);
        let dx = reference::sinusoidal_positions_backward(view(&fast.dy));
        close("dx of SinusoidalPositions", &fast.dx, &dx);
    });
}

fn learned_positions() {
    proptest!(config(), |((n, steps, d) in (1usize..6, 1usize..9, 1usize..20), seed in any::<u64>())| {
        let fast = Fast::run(&LearnedPositions::new(), &[steps, d], n, seed);
        let y = reference::learned_positions(view(&fast.x), view(&fast.params[0]));
        close("y of LearnedPositions", &fast.y, &y);
        let (dx, dpositions) = reference::learned_positions_backward(view(&fast.dy));
        close("dx of LearnedPositions", &fast.dx, &dx);
        close("dpositions", &fast.dparams[0], &dpositions);
    });
}
