//! Nothing public without an entry in the registry, and no entry without its cases.

use std::collections::BTreeSet;

use crate::case::{cases, text};
use crate::registry;

/// What a module list exports with `pub use`, but for what has no entry itself.
fn exported(module: &str, others: &[&str]) -> BTreeSet<String> {
    let path = format!("{}/src/{module}/mod.rs", env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(path).unwrap();
    let uses = source.split("pub use ").skip(1).map(|rest| rest.split_once(';').unwrap().0);
    let names = uses.flat_map(|list| {
        let names = list.rsplit("::").next().unwrap().trim_matches(['{', '}']);
        names.split(',').map(|name| name.trim().to_string()).collect::<Vec<_>>()
    });
    names.filter(|name| !name.is_empty() && !others.contains(&name.as_str())).collect()
}

fn fixtures(prefix: &str, key: &str) -> BTreeSet<String> {
    cases(prefix).iter().map(|case| text(case, key).to_string()).collect()
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    names.map(str::to_string).collect()
}

#[test]
fn every_public_layer_has_an_entry_and_a_gradient_by_jax() {
    let entries = registry::layers();
    let exported = exported("layers", &["Elementwise", "Padding"]);
    assert_eq!(names(entries.iter().map(|e| e.name)), exported);
    let jax = fixtures("jax_", "layer");
    for entry in entries {
        assert!(jax.contains(entry.fixture), "no gradient of {} by JAX", entry.name);
    }
}

#[test]
fn every_public_loss_has_an_entry_and_a_gradient_by_jax() {
    let entries = registry::losses();
    assert_eq!(names(entries.iter().map(|e| e.name)), exported("loss", &[]));
    let jax = fixtures("jax_", "layer");
    for entry in entries {
        assert!(jax.contains(entry.fixture), "no gradient of {} by JAX", entry.name);
    }
}

#[test]
fn every_public_optimizer_has_an_entry_and_a_trace_by_pytorch() {
    let entries = registry::optimizers();
    assert_eq!(names(entries.iter().map(|e| e.name)), exported("optim", &[]));
    let torch = fixtures("torch_optimizers", "optimizer");
    for entry in entries {
        assert!(torch.contains(entry.fixture), "no trace of {} by PyTorch", entry.name);
    }
}

#[test]
fn every_public_schedule_has_an_entry_and_a_trace_by_pytorch() {
    let entries = registry::schedules();
    assert_eq!(names(entries.iter().map(|e| e.name)), exported("schedule", &[]));
    let torch = fixtures("torch_schedules", "schedule");
    for entry in entries {
        assert!(torch.contains(entry.fixture), "no trace of {} by PyTorch", entry.name);
    }
}
