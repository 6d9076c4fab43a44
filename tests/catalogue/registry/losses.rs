use chainrule::prelude::*;

use super::LossEntry;

/// Checks a loss's gradient for several numbers of outputs.
fn check(loss: impl Loss) {
    for outputs in [1, 2, 10, 33] {
        gradcheck_loss(&loss, outputs).unwrap();
    }
}

pub fn entries() -> Vec<LossEntry> {
    vec![
        LossEntry {
            name: "SoftmaxCrossEntropy",
            fixture: "softmax_cross_entropy",
            build: |_| Box::new(SoftmaxCrossEntropy),
            check: || check(SoftmaxCrossEntropy),
        },
        LossEntry {
            name: "MeanSquaredError",
            fixture: "mean_squared_error",
            build: |_| Box::new(MeanSquaredError),
            check: || check(MeanSquaredError),
        },
    ]
}
