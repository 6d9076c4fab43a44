//! Every layer and loss against its plain twin in `chainrule::reference`: both passes, on random
//! settings and shapes, with batches shorter than the cache has room for.
//!
//! The twins use the standard library's functions, 32 bits and another order of sums than the fast
//! layers, so the two are equal up to [`TOLERANCE`].

mod activations;
mod attention;
mod blocks;
mod convolutions;
mod dense;
mod fast;
mod losses;
mod norms;
mod pools;
mod positions;
mod sequences;
mod shapes;
mod signals;
mod sources;

use std::collections::BTreeSet;

use ndarray::{Array, Array2, ArrayD, ArrayView, Dimension};
use proptest::prelude::ProptestConfig;
use proptest::test_runner::FileFailurePersistence;

use crate::registry;

/// Largest difference between a layer and its twin, as a share of the largest value of the twin, or of
/// 1 where that is larger.
const TOLERANCE: f32 = 1e-4;

/// A layer or loss by its name, with the property test that compares it with its twin.
type Check = (&'static str, fn());

fn layers() -> Vec<Check> {
    let families: [&[Check]; 11] = [
        &activations::CHECKS,
        &attention::CHECKS,
        &blocks::CHECKS,
        &convolutions::CHECKS,
        &dense::CHECKS,
        &norms::CHECKS,
        &pools::CHECKS,
        &positions::CHECKS,
        &sequences::CHECKS,
        &shapes::CHECKS,
        &signals::CHECKS,
    ];
    families.concat()
}

/// Number of random cases for each layer.
fn config() -> ProptestConfig {
    let failure_persistence = Some(Box::new(FileFailurePersistence::Off) as Box<_>);
    ProptestConfig { cases: 48, failure_persistence, ..ProptestConfig::default() }
}

/// Converts a view to the number of axes that a twin takes.
#[track_caller]
fn view<D: Dimension>(array: &ArrayD<f32>) -> ArrayView<'_, f32, D> {
    array.view().into_dimensionality().expect("the number of axes of the twin")
}

/// Converts an array to a matrix whose rows have this many values.
#[track_caller]
fn rows(array: &ArrayD<f32>, width: usize) -> Array2<f32> {
    array.to_shape((array.len() / width, width)).expect("whole rows").into_owned()
}

/// Asserts that a layer and its twin computed the same values, in arrays of any shape.
#[track_caller]
fn close<D: Dimension>(what: &str, fast: &ArrayD<f32>, twin: &Array<f32, D>) {
    assert_eq!(fast.len(), twin.len(), "{what}: number of values");
    let allowed = TOLERANCE * twin.iter().fold(1.0f32, |largest, value| largest.max(value.abs()));
    for (i, (fast, twin)) in fast.iter().zip(twin).enumerate() {
        assert!((fast - twin).abs() <= allowed, "{what}[{i}] is {fast}, and {twin} by the twin");
    }
}

#[test]
fn every_layer_equals_its_plain_twin() {
    for (_, check) in layers() {
        check();
    }
}

#[test]
fn every_loss_equals_its_plain_twin() {
    for (_, check) in losses::CHECKS {
        check();
    }
}

#[test]
fn every_public_layer_and_loss_has_a_plain_twin() {
    let names = |names: Vec<&'static str>| names.into_iter().collect::<BTreeSet<_>>();
    let twins = names(layers().iter().map(|(name, _)| *name).collect());
    assert_eq!(twins, names(registry::layers().iter().map(|entry| entry.name).collect()));
    let twins = names(losses::CHECKS.iter().map(|(name, _)| *name).collect());
    assert_eq!(twins, names(registry::losses().iter().map(|entry| entry.name).collect()));
}
