//! Entries of the schedules.

use chainrule::optim::schedule::Constant;
use chainrule::prelude::*;

use super::ScheduleEntry;
use crate::case::Config;

pub fn entries() -> Vec<ScheduleEntry> {
    vec![
        ScheduleEntry { name: "Constant", fixture: "constant", build: |_| Box::new(Constant) },
        ScheduleEntry {
            name: "LinearDecay",
            fixture: "linear_decay",
            build: |_| Box::new(LinearDecay),
        },
        ScheduleEntry {
            name: "StepDecay",
            fixture: "step_decay",
            build: |config| Box::new(StepDecay::new(config.size("every"), config.float("gamma"))),
        },
        ScheduleEntry {
            name: "MultiStep",
            fixture: "multi_step",
            build: |config| {
                Box::new(MultiStep::new(config.sizes("milestones"), config.float("gamma")))
            },
        },
        ScheduleEntry {
            name: "Exponential",
            fixture: "exponential",
            build: |config| Box::new(Exponential::new(config.float("gamma"))),
        },
        ScheduleEntry {
            name: "Polynomial",
            fixture: "polynomial",
            build: |config| Box::new(Polynomial::new(config.float("power"))),
        },
        ScheduleEntry {
            name: "Cosine",
            fixture: "cosine",
            build: |config| {
                let cosine = Cosine::new(config.float("end"));
                if !config.has("cycles") {
                    return Box::new(cosine);
                }
                Box::new(cosine.cycles(config.size("cycles")).growth(config.float("growth")))
            },
        },
        ScheduleEntry {
            name: "Warmup",
            fixture: "warmup",
            build: |config| Box::new(warmup(config.float("share"), &config)),
        },
        ScheduleEntry {
            name: "OneCycle",
            fixture: "one_cycle",
            build: |config| {
                let cycle = OneCycle::new(config.float("warmup"));
                let cycle = cycle.start(config.float("start")).end(config.float("end"));
                Box::new(if config.flag("smooth") { cycle.smooth() } else { cycle })
            },
        },
        ScheduleEntry {
            name: "ReduceOnPlateau",
            fixture: "reduce_on_plateau",
            build: |config| {
                let plateau = ReduceOnPlateau::new(config.float("gamma"), config.size("patience"));
                let plateau = plateau.min_improvement(config.float("min_improvement"));
                let plateau = plateau.cooldown(config.size("cooldown"));
                Box::new(plateau.min_factor(config.float("min_factor")))
            },
        },
        ScheduleEntry {
            name: "Times",
            fixture: "times",
            build: |config| {
                let decay = Exponential::new(config.float("gamma"));
                Box::new(warmup(config.float("share"), &config).times(decay))
            },
        },
        ScheduleEntry {
            name: "Then",
            fixture: "then",
            build: |config| {
                let (share, gamma) = (config.float("share"), config.float("gamma"));
                // All of the first part.
                let warmup = warmup(1.0, &config);
                match config.has("every") {
                    true => {
                        Box::new(warmup.then(share, StepDecay::new(config.size("every"), gamma)))
                    }
                    false => Box::new(warmup.then(share, Exponential::new(gamma))),
                }
            },
        },
    ]
}

fn warmup(share: f32, config: &Config) -> Warmup {
    Warmup::new(share).start(config.float("start"))
}
