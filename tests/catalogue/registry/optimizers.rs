//! Entries of the optimizers.

use chainrule::prelude::*;

use super::OptimizerEntry;
use crate::case::Config;

pub fn entries() -> Vec<OptimizerEntry> {
    vec![
        OptimizerEntry {
            name: "Sgd",
            fixture: "sgd",
            build: |config| {
                let sgd = Sgd::new(config.float("lr")).momentum(config.float("momentum"));
                let sgd = sgd.weight_decay(config.float("weight_decay"));
                if config.flag("nesterov") { Box::new(sgd.nesterov()) } else { Box::new(sgd) }
            },
        },
        OptimizerEntry {
            name: "Adagrad",
            fixture: "adagrad",
            build: |config| {
                let adagrad = Adagrad::new(config.float("lr")).lr_decay(config.float("lr_decay"));
                let adagrad = adagrad.initial_accumulator(config.float("initial_accumulator"));
                let adagrad = adagrad.weight_decay(config.float("weight_decay"));
                Box::new(adagrad.epsilon(config.float("epsilon")))
            },
        },
        OptimizerEntry {
            name: "RmsProp",
            fixture: "rmsprop",
            build: |config| {
                let rmsprop = RmsProp::new(config.float("lr")).alpha(config.float("alpha"));
                let rmsprop = rmsprop.momentum(config.float("momentum"));
                let rmsprop = rmsprop.weight_decay(config.float("weight_decay"));
                let rmsprop = rmsprop.epsilon(config.float("epsilon"));
                if config.flag("centered") {
                    Box::new(rmsprop.centered())
                } else {
                    Box::new(rmsprop)
                }
            },
        },
        OptimizerEntry {
            name: "Adadelta",
            fixture: "adadelta",
            build: |config| {
                let adadelta = Adadelta::new(config.float("lr")).rho(config.float("rho"));
                let adadelta = adadelta.weight_decay(config.float("weight_decay"));
                Box::new(adadelta.epsilon(config.float("epsilon")))
            },
        },
        OptimizerEntry {
            name: "Adam",
            fixture: "adam",
            build: |config| {
                let (beta1, beta2) = betas(&config);
                let adam = Adam::new(config.float("lr")).betas(beta1, beta2);
                let adam = adam.weight_decay(config.float("weight_decay"));
                let adam = adam.epsilon(config.float("epsilon"));
                if config.flag("amsgrad") { Box::new(adam.amsgrad()) } else { Box::new(adam) }
            },
        },
        OptimizerEntry {
            name: "AdamW",
            fixture: "adamw",
            build: |config| {
                let (beta1, beta2) = betas(&config);
                let adamw = AdamW::new(config.float("lr"), config.float("weight_decay"));
                let adamw = adamw.betas(beta1, beta2).epsilon(config.float("epsilon"));
                if config.flag("amsgrad") { Box::new(adamw.amsgrad()) } else { Box::new(adamw) }
            },
        },
        OptimizerEntry {
            name: "NAdam",
            fixture: "nadam",
            build: |config| {
                let (beta1, beta2) = betas(&config);
                let nadam = NAdam::new(config.float("lr")).betas(beta1, beta2);
                let nadam = nadam.momentum_decay(config.float("momentum_decay"));
                let nadam = nadam.weight_decay(config.float("weight_decay"));
                Box::new(nadam.epsilon(config.float("epsilon")))
            },
        },
        OptimizerEntry {
            name: "RAdam",
            fixture: "radam",
            build: |config| {
                let (beta1, beta2) = betas(&config);
                let radam = RAdam::new(config.float("lr")).betas(beta1, beta2);
                let radam = radam.weight_decay(config.float("weight_decay"));
                Box::new(radam.epsilon(config.float("epsilon")))
            },
        },
        OptimizerEntry {
            name: "Lion",
            fixture: "lion",
            build: |config| {
                let (beta1, beta2) = betas(&config);
                let lion = Lion::new(config.float("lr")).betas(beta1, beta2);
                Box::new(lion.weight_decay(config.float("weight_decay")))
            },
        },
    ]
}

fn betas(config: &Config) -> (f32, f32) {
    (config.float("beta1"), config.float("beta2"))
}
