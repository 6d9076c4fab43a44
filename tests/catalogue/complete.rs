//! Nothing public without an entry in the registry, and no entry without its cases.

use std::collections::BTreeSet;

use crate::case::{cases, text};
use crate::registry;

/// What a module list exports with `pub use`, and the lists that it takes over with `::*`, but for
/// what is no layer, loss, optimizer or schedule itself.
pub fn exported(module: &str, others: &[&str]) -> BTreeSet<String> {
    let path = format!("{}/src/{module}/mod.rs", env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(path).unwrap();
    let mut names = BTreeSet::new();
    for line in source.split("\npub use ").skip(1) {
        let (from, list) = line.split_once(';').unwrap().0.rsplit_once("::").unwrap();
        if list == "*" {
            names.extend(exported(&format!("{module}/{from}"), others));
        }
        names.extend(list.trim_matches(['{', '}', '*']).split(',').map(|name| name.trim().into()));
    }
    names.retain(|name: &String| !name.is_empty() && !others.contains(&name.as_str()));
    names
}

fn fixtures(prefix: &str, key: &str) -> BTreeSet<String> {
    cases(prefix).iter().map(|case| text(case, key).to_string()).collect()
}

/// Fails with the names of what is exported and has no entry, or has one and is not exported.
#[track_caller]
fn registered(entries: impl Iterator<Item = &'static str>, exported: BTreeSet<String>) {
    let entries: BTreeSet<String> = entries.map(str::to_string).collect();
    let apart: Vec<&String> = exported.symmetric_difference(&entries).collect();
    assert!(apart.is_empty(), "public or registered, but not both: {apart:?}");
}

#[test]
fn every_public_layer_has_an_entry_and_a_gradient_by_jax() {
    let entries = registry::layers();
    let mut public =
        exported("layers", &["Cell", "Direction", "Elementwise", "Padding", "Recurrent", "Size2"]);
    // Blocks: recipes for several layers.
    let others = [
        "Block",
        "Candidate",
        "Classification",
        "GradientTrace",
        "LayerGradient",
        "LayerTrace",
        "LayerView",
        "LoadReport",
        "ModelFile",
        "ParamView",
        "Rejected",
        "Prototypes",
        "Rejection",
        "Selection",
        "Sequential",
        "Tied",
        "Trace",
        "WeightFile",
    ];
    public.extend(exported("sequential", &others));
    registered(entries.iter().map(|e| e.name), public);
    let jax = fixtures("jax_", "layer");
    for entry in entries {
        assert!(jax.contains(entry.fixture), "no gradient of {} by JAX", entry.name);
    }
}

#[test]
fn every_public_loss_has_an_entry_and_a_gradient_by_jax() {
    let entries = registry::losses();
    registered(entries.iter().map(|e| e.name), exported("loss", &["Outputs"]));
    let jax = fixtures("jax_", "layer");
    for entry in entries {
        assert!(jax.contains(entry.fixture), "no gradient of {} by JAX", entry.name);
    }
}

#[test]
fn every_public_optimizer_has_an_entry_and_a_trace_by_pytorch() {
    let entries = registry::optimizers();
    registered(
        entries.iter().map(|e| e.name),
        exported("optim", &["Clip", "ParamGroup", "ParamInfo"]),
    );
    let torch = fixtures("torch_optimizers", "optimizer");
    for entry in entries {
        assert!(torch.contains(entry.fixture), "no trace of {} by PyTorch", entry.name);
    }
}

/// The documentation above `pub struct NAME` or `pub type NAME` in the files of some modules.
pub fn docs(modules: &[&str], name: &str) -> String {
    let folder = |module| format!("{}/src/{module}", env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<std::path::PathBuf> =
        modules.iter().map(|module| folder(module).into()).collect();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let source = std::fs::read_to_string(path).unwrap();
            let lines: Vec<&str> = source.lines().map(str::trim).collect();
            let is_item = |line: &&str| {
                let item =
                    line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub type "));
                let rest = item.and_then(|item| item.strip_prefix(name));
                rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
            };
            let Some(item) = lines.iter().position(is_item) else { continue };
            let above = lines[..item].iter().rev();
            let above = above.skip_while(|line| line.starts_with("#[") || line.starts_with(")]"));
            let mut docs: Vec<&str> = above.map_while(|line| line.strip_prefix("///")).collect();
            docs.reverse();
            return docs.join("\n");
        }
    }
    panic!("no `pub struct {name}` or `pub type {name}` under src, in {modules:?}");
}

/// The one template of the documentation: formulas, these parts in this order, and an example.
fn follows_the_template(
    modules: &[&str],
    names: impl Iterator<Item = &'static str>,
    parts: &[&str],
) {
    let mut wanted = vec!["```text".to_string()];
    wanted.extend(parts.iter().map(|part| format!("- **{part}**: ")));
    wanted.push("\n ```\n".to_string());
    for name in names {
        let docs = docs(modules, name);
        let mut rest = &docs[..];
        for part in &wanted {
            let at = rest.find(part.as_str());
            let at = at.unwrap_or_else(|| panic!("{name}: no {part:?} in its place:\n{docs}"));
            rest = &rest[at + part.len()..];
        }
    }
}

#[test]
fn every_public_item_is_documented_by_the_template() {
    let layers = registry::layers();
    let parts = ["Plain twin", "Input", "Output", "Parameters", "Errors", "Source"];
    follows_the_template(&["layers", "sequential"], layers.iter().map(|e| e.name), &parts);
    let losses = registry::losses();
    let parts = ["Plain twin", "Prediction", "Targets", "Errors", "Source"];
    follows_the_template(&["loss"], losses.iter().map(|e| e.name), &parts);
    let optimizers = registry::optimizers();
    let parts = ["Moments", "Settings", "Errors", "Source"];
    follows_the_template(&["optim"], optimizers.iter().map(|e| e.name), &parts);
    let schedules = registry::schedules();
    follows_the_template(
        &["optim/schedule"],
        schedules.iter().map(|e| e.name),
        &["Settings", "Source"],
    );
}

#[test]
fn every_public_schedule_has_an_entry_and_a_trace_by_pytorch() {
    let entries = registry::schedules();
    registered(entries.iter().map(|e| e.name), exported("optim/schedule", &["Curve"]));
    let torch = fixtures("torch_schedules", "schedule");
    for entry in entries {
        assert!(torch.contains(entry.fixture), "no trace of {} by PyTorch", entry.name);
    }
}
