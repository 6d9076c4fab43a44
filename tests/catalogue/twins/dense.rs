//! Dense layers against plain loops, and both against products of matrices.

use chainrule::prelude::*;
use chainrule::reference::{self, dense_by_matrices, dense_by_matrices_backward};
use ndarray::Array1;
use proptest::prelude::*;

use super::fast::Fast;
use super::{Check, close, config, rows, view};

pub const CHECKS: [Check; 1] = [("Dense", dense)];

fn dense() {
    proptest!(config(), |(
        n in 1usize..20,
        inputs in 1usize..70,
        units in 1usize..40,
        steps in 0usize..4,
        bias in any::<bool>(),
        seed in any::<u64>(),
    )| {
        // The steps of a sequence are samples of their own.
        let shape = if steps == 0 { vec![inputs] } else { vec![steps, inputs] };
        let fast = Fast::run(&Dense::new(units).bias(bias), &shape, n, seed);
        let (x, dy) = (rows(&fast.x, inputs), rows(&fast.dy, units));
        let (x, w, dy) = (x.view(), view(&fast.params[0]), dy.view());
        let zeros = Array1::zeros(units).into_dyn();
        let b = view(fast.params.get(1).unwrap_or(&zeros));
        close("y of Dense", &fast.y, &reference::dense(x, w, b));
        close("y by matrices", &fast.y, &dense_by_matrices(x, w, b));
        for (dx, dw, db) in
            [reference::dense_backward(x, w, dy), dense_by_matrices_backward(x, w, dy)]
        {
            close("dx of Dense", &fast.dx, &dx);
            close("dw of Dense", &fast.dparams[0], &dw);
            if bias {
                close("db of Dense", &fast.dparams[1], &db);
            }
        }
    });
}
