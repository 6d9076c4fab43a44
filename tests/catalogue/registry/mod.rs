//! Every public layer, loss, optimizer and schedule, once: what the fixtures call it, how it is built from the
//! settings of a case, and on what its gradient is checked. One file a family.

mod activations;
mod attention;
mod batch_norm;
pub mod blocks;
mod convolutions;
mod dense;
mod global_pools;
mod losses;
mod norms;
mod optimizers;
mod pools;
mod positions;
mod schedules;
mod sequences;
mod shapes;
mod signals;

use chainrule::file::Registry;
use chainrule::prelude::*;
use serde_json::Value;

use crate::case::{Config, Run, text};
use crate::files::survives;

/// A layer of the catalogue.
pub struct LayerEntry {
    /// As `chainrule::layers` exports it.
    pub name: &'static str,
    /// As the fixtures call it.
    pub fixture: &'static str,
    /// Builds it by a case's `config`, and runs it on the case.
    pub run: fn(&Value) -> Run,
    /// Checks its gradient, and that files hold it, over settings and shapes.
    pub check: fn(),
}

/// A loss of the catalogue.
pub struct LossEntry {
    /// As `chainrule::loss` exports it.
    pub name: &'static str,
    pub fixture: &'static str,
    pub build: fn(Config) -> Box<dyn Loss>,
    pub check: fn(),
}

/// An optimizer of the catalogue.
pub struct OptimizerEntry {
    /// As `chainrule::optim` exports it.
    pub name: &'static str,
    pub fixture: &'static str,
    pub build: fn(Config) -> Box<dyn Optimizer>,
}

/// A schedule of the catalogue.
pub struct ScheduleEntry {
    /// As `chainrule::optim::schedule` exports it.
    pub name: &'static str,
    pub fixture: &'static str,
    pub build: fn(Config) -> Box<dyn Schedule>,
}

pub fn layers() -> Vec<LayerEntry> {
    let families = [
        activations::entries(),
        attention::entries(),
        batch_norm::entries(),
        blocks::entries(),
        convolutions::entries(),
        dense::entries(),
        global_pools::entries(),
        norms::entries(),
        pools::entries(),
        positions::entries(),
        sequences::entries(),
        shapes::entries(),
        signals::entries(),
    ];
    families.into_iter().flatten().collect()
}

pub fn losses() -> Vec<LossEntry> {
    losses::entries()
}

pub fn optimizers() -> Vec<OptimizerEntry> {
    optimizers::entries()
}

pub fn schedules() -> Vec<ScheduleEntry> {
    schedules::entries()
}

/// The layer that fixtures call so.
pub fn layer(fixture: &str) -> Option<LayerEntry> {
    layers().into_iter().find(|entry| entry.fixture == fixture)
}

/// The loss of a case.
pub fn build_loss(case: &Value) -> Box<dyn Loss> {
    let fixture = text(case, "layer");
    let entry = losses().into_iter().find(|entry| entry.fixture == fixture);
    let entry = entry.unwrap_or_else(|| panic!("nothing is registered as {fixture}"));
    (entry.build)(Config(&case["config"]))
}

/// The optimizer of a case.
pub fn build_optimizer(case: &Value) -> Box<dyn Optimizer> {
    let fixture = text(case, "optimizer");
    let entry = optimizers().into_iter().find(|entry| entry.fixture == fixture);
    let entry = entry.unwrap_or_else(|| panic!("nothing is registered as {fixture}"));
    (entry.build)(Config(&case["config"]))
}

/// The schedule of a case.
pub fn build_schedule(case: &Value) -> Box<dyn Schedule> {
    let fixture = text(case, "schedule");
    let entry = schedules().into_iter().find(|entry| entry.fixture == fixture);
    let entry = entry.unwrap_or_else(|| panic!("nothing is registered as {fixture}"));
    (entry.build)(Config(&case["config"]))
}

/// Checks that files hold a layer.
fn survive<L: Layer>(layer: L, shape: &[usize]) {
    survives(Sequential::new(shape).add(layer).unwrap(), &Registry::default());
}

/// Checks a layer's gradient on several input shapes, with batches of one and of three, and that
/// files hold it. A layer that takes padded sequences is checked on one of each length that it takes.
fn check<L: Layer + Clone>(layer: L, shapes: &[&[usize]]) {
    for shape in shapes {
        survive(layer.clone(), shape);
        for n in [1, 3] {
            gradcheck(&layer, shape, n).unwrap();
        }
        let output = layer.output_shape(shape).unwrap();
        let takes = |length: &usize| layer.output_length(shape, &output, *length).is_ok();
        let steps = shape.first().copied().unwrap_or(0);
        let lengths: Vec<usize> = (1..=steps).rev().filter(takes).collect();
        if !lengths.is_empty() {
            gradcheck_padded(&layer, shape, &lengths).unwrap();
        }
    }
}
