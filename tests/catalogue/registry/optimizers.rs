use chainrule::prelude::*;

use super::OptimizerEntry;

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
            name: "Adam",
            fixture: "adam",
            build: |config| {
                let adam = Adam::new(config.float("lr"));
                let adam = adam.betas(config.float("beta1"), config.float("beta2"));
                Box::new(adam.epsilon(config.float("epsilon")))
            },
        },
        OptimizerEntry {
            name: "AdamW",
            fixture: "adamw",
            build: |config| {
                let adamw = AdamW::new(config.float("lr"), config.float("weight_decay"));
                let adamw = adamw.betas(config.float("beta1"), config.float("beta2"));
                Box::new(adamw.epsilon(config.float("epsilon")))
            },
        },
        OptimizerEntry {
            name: "Adadelta",
            fixture: "adadelta",
            build: |config| {
                let adadelta = Adadelta::new(config.float("lr")).rho(config.float("rho"));
                Box::new(adadelta.epsilon(config.float("epsilon")))
            },
        },
    ]
}
