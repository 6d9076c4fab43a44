//! Entries of the losses.

use chainrule::prelude::*;

use super::LossEntry;
use crate::case::Config;

/// Checks a loss's gradient for several numbers of outputs.
fn check(loss: impl Loss) {
    for outputs in [1, 2, 10, 33] {
        gradcheck_loss(&loss, outputs).unwrap();
    }
}

/// With the class weights of a case, if it has any.
fn weighted(loss: impl Loss, config: Config) -> Box<dyn Loss> {
    match config.has("weights") {
        true => Box::new(loss.class_weights(config.floats("weights"))),
        false => Box::new(loss),
    }
}

pub fn entries() -> Vec<LossEntry> {
    vec![
        LossEntry {
            name: "SoftmaxCrossEntropy",
            fixture: "softmax_cross_entropy",
            build: |config| weighted(SoftmaxCrossEntropy, config),
            check: || check(SoftmaxCrossEntropy),
        },
        LossEntry {
            name: "SmoothedCrossEntropy",
            fixture: "smoothed_cross_entropy",
            build: |config| {
                let epsilon = config.float("epsilon");
                weighted(SoftmaxCrossEntropy.label_smoothing(epsilon), config)
            },
            check: || {
                check(SoftmaxCrossEntropy.label_smoothing(0.0));
                check(SoftmaxCrossEntropy.label_smoothing(0.3));
            },
        },
        // Other losses are weighted by `weights` in the `config` of their cases.
        LossEntry {
            name: "ClassWeights",
            fixture: "class_weights",
            build: |config| weighted(SoftmaxCrossEntropy, config),
            check: || {
                for k in [2, 10, 33] {
                    let weights: Vec<f32> = (0..k).map(|class| class as f32).collect();
                    gradcheck_loss(&SoftmaxCrossEntropy.class_weights(weights), k).unwrap();
                }
            },
        },
        LossEntry {
            name: "PerStep",
            fixture: "per_step",
            build: |config| {
                let loss = SoftmaxCrossEntropy.label_smoothing(config.float("epsilon"));
                let outputs = config.size("outputs");
                match config.has("weights") {
                    true => {
                        Box::new(loss.class_weights(config.floats("weights")).per_step(outputs))
                    }
                    false => Box::new(loss.per_step(outputs)),
                }
            },
            check: || {
                gradcheck_loss(&SoftmaxCrossEntropy.per_step(3), 12).unwrap();
                gradcheck_loss(&Hinge.per_step(4), 12).unwrap();
            },
        },
        LossEntry {
            name: "Ctc",
            fixture: "ctc",
            build: |config| Box::new(Ctc::new(config.size("classes"))),
            check: || {
                for (classes, steps) in [(1, 1), (1, 9), (4, 8), (10, 15)] {
                    gradcheck_loss(&Ctc::new(classes), steps * (classes + 1)).unwrap();
                }
            },
        },
        LossEntry {
            name: "BinaryCrossEntropy",
            fixture: "binary_cross_entropy",
            build: |config| weighted(BinaryCrossEntropy, config),
            check: || check(BinaryCrossEntropy),
        },
        LossEntry {
            name: "KlDivergence",
            fixture: "kl_divergence",
            build: |config| weighted(KlDivergence, config),
            check: || check(KlDivergence),
        },
        LossEntry {
            name: "Hinge",
            fixture: "hinge",
            build: |config| weighted(Hinge, config),
            check: || check(Hinge),
        },
        LossEntry {
            name: "MeanSquaredError",
            fixture: "mean_squared_error",
            build: |config| weighted(MeanSquaredError, config),
            check: || check(MeanSquaredError),
        },
        LossEntry {
            name: "MeanAbsoluteError",
            fixture: "mean_absolute_error",
            build: |config| weighted(MeanAbsoluteError, config),
            check: || check(MeanAbsoluteError),
        },
        LossEntry {
            name: "Huber",
            fixture: "huber",
            build: |config| weighted(Huber::new(config.float("delta")), config),
            check: || {
                check(Huber::new(0.4));
                check(Huber::new(1.5));
            },
        },
        LossEntry {
            name: "OneHot",
            fixture: "one_hot",
            build: |config| match config.text("of") {
                "mean_squared_error" => weighted(MeanSquaredError.one_hot(), config),
                "mean_absolute_error" => weighted(MeanAbsoluteError.one_hot(), config),
                _ => weighted(Huber::new(config.float("delta")).one_hot(), config),
            },
            check: || {
                check(MeanSquaredError.one_hot());
                check(MeanAbsoluteError.one_hot());
                check(Huber::new(0.4).one_hot());
            },
        },
    ]
}
