//! A `.keras` file: the arrays of a layer have numbers, and its type and settings say what they are.

use std::collections::BTreeMap;

use hdf5_reader::group::Group;
use serde_json::Value;

use super::hdf5::{UNPACKED, damaged, open, part};
use crate::file::archive::Archive;
use crate::file::tensors::Part;

/// Reads the tensors in the order of the layers, and the model's description. An error is a reason.
pub(super) fn read(mut archive: Archive) -> Result<(Vec<Part>, Value), String> {
    let config: Value = serde_json::from_slice(&archive.read("config.json")?)
        .map_err(|error| format!("its `config.json` is no JSON ({error})"))?;
    let bytes = archive.read("model.weights.h5")?;
    let file = open(&bytes)?;
    let mut groups = groups(&file.root_group().map_err(damaged)?)?;
    let (mut parts, mut left) = (Vec::new(), bytes.len().saturating_mul(UNPACKED));
    let layers =
        config["config"]["layers"].as_array().ok_or("its `config.json` lists no layers")?;
    for layer in layers {
        let (class, settings) = (layer["class_name"].as_str().unwrap_or("?"), &layer["config"]);
        let name = settings["name"].as_str().ok_or("a layer in its `config.json` has no name")?;
        let Some(group) = groups.remove(name) else { continue };
        let (inner, arrays) = group.member_names().map_err(damaged)?;
        let known = arrays_of(class, settings);
        if !inner.is_empty() || arrays.len() != known.len() {
            return Err(format!(
                "the arrays of its layer `{name}`, a {class}, are not known here; build the model in \
                 Keras of plain layers"
            ));
        }
        for (number, array) in known.into_iter().enumerate() {
            let dataset = group.dataset(&number.to_string()).map_err(damaged)?;
            parts.push(part(format!("{name}.{array}"), &dataset, &mut left)?);
        }
    }
    match groups.into_keys().next() {
        None => Ok((parts, config)),
        Some(name) => Err(format!("it has weights of a layer `{name}`, which its model lacks")),
    }
}

/// Returns the groups of arrays by the names of their layers. Those without arrays are left out.
fn groups(root: &Group) -> Result<BTreeMap<String, Group>, String> {
    let mut named = BTreeMap::new();
    let layers = root.group("layers").map_err(damaged)?;
    for layer in layers.groups().map_err(damaged)? {
        let inner = layer.member_names().map_err(damaged)?.0;
        let is_own = |name: &String| name == "vars" || name == "seed_generator";
        if let Some(other) = inner.iter().find(|name| !is_own(name)) {
            return Err(format!(
                "its layer `{}` contains others (`{other}`); build the model in Keras of plain layers",
                layer.name()
            ));
        }
        let vars = layer.group("vars").map_err(damaged)?;
        let (inner, arrays) = vars.member_names().map_err(damaged)?;
        if inner.is_empty() && arrays.is_empty() {
            continue;
        }
        let name = vars.attribute("name").and_then(|name| name.read_string()).map_err(
            |_| "its arrays do not say which layers they belong to; save the model as `model.h5`",
        )?;
        if named.insert(name.clone(), vars).is_some() {
            return Err(format!("two of its layers are called `{name}`; give each its own name"));
        }
    }
    Ok(named)
}

/// Returns the names of the arrays of a layer, in Keras's order.
fn arrays_of(class: &str, settings: &Value) -> Vec<&'static str> {
    let of = |all: &[(&'static str, &str)]| {
        let has = |switch: &str| switch.is_empty() || settings[switch].as_bool().unwrap_or(true);
        all.iter().filter(|(_, switch)| has(switch)).map(|&(name, _)| name).collect()
    };
    match class {
        "Dense" | "Conv1D" | "Conv2D" | "DepthwiseConv1D" | "DepthwiseConv2D"
        | "Conv2DTranspose" => of(&[("kernel", ""), ("bias", "use_bias")]),
        "BatchNormalization" => of(&[
            ("gamma", "scale"),
            ("beta", "center"),
            ("moving_mean", ""),
            ("moving_variance", ""),
        ]),
        "LayerNormalization" | "GroupNormalization" => {
            of(&[("gamma", "scale"), ("beta", "center")])
        }
        "PReLU" => of(&[("alpha", "")]),
        _ => Vec::new(),
    }
}
