//! Settings of layers in a description by Keras, compared with those of a model.
//!
//! They change what a model computes from the same weights: ε of a norm, which is 1e-3 in Keras and 1e-5
//! here, strides, dilation and padding of a window, and the activation that is part of a layer there.
//! Layers without weights are not compared.

use serde_json::Value;

use crate::file::Registry;
use crate::sequential::Sequential;

/// Activations by Keras's names.
const ACTIVATIONS: [(&str, &str); 10] = [
    ("elu", "Elu"),
    ("gelu", "Gelu"),
    ("mish", "Mish"),
    ("relu", "Relu"),
    ("selu", "Selu"),
    ("sigmoid", "Sigmoid"),
    ("silu", "Silu"),
    ("softmax", "Softmax"),
    ("softplus", "Softplus"),
    ("tanh", "Tanh"),
];

/// Compares the layers of a model with those of the same name in a description. `names` has one for each
/// node. An error is a reason.
pub(super) fn check(model: &Sequential, names: &[String], config: &Value) -> Result<(), String> {
    let registry = Registry::default();
    let Some(described) = config["config"]["layers"].as_array() else { return Ok(()) };
    for (index, node) in model.graph.nodes.iter().enumerate() {
        let is_own = |layer: &&Value| layer["config"]["name"].as_str() == Some(&names[index]);
        let Some(theirs) = described.iter().find(is_own).map(|layer| &layer["config"]) else {
            continue;
        };
        let Some(ours) = node.layer().and_then(|layer| registry.describe(layer).ok()) else {
            continue;
        };
        let refused = |what: &str, wanted: &str, fix: &str| {
            format!(
                "its layer `{}` has {what} {wanted}, and layer {index} of the model, {}, has not; build \
                 the model {fix}",
                names[index], node.name
            )
        };
        if let (Some(wanted), Some(own)) =
            (theirs["epsilon"].as_f64(), ours.settings["epsilon"].as_f64())
            && wanted as f32 != own as f32
        {
            let fix = format!("with `.epsilon({:?})`", wanted as f32);
            return Err(refused("ε =", &format!("{wanted:e}"), &fix));
        }
        let window = &ours.settings["window"];
        for (wanted, own, method) in
            [("strides", "stride", "stride"), ("dilation_rate", "dilation", "dilation")]
        {
            let (wanted_sizes, own) = (sizes(&theirs[wanted]), sizes(&window[own]));
            if !own.is_empty() && !own.ends_with(&wanted_sizes) {
                let value = theirs[wanted].to_string();
                return Err(refused(wanted, &value, &format!("with `.{method}(..)` of these")));
            }
        }
        if let (Some(wanted @ ("valid" | "same")), Some(own)) =
            (theirs["padding"].as_str(), window["padding"].as_str())
            && wanted != own.to_lowercase()
        {
            let fix = if wanted == "same" { "Padding::Same" } else { "Padding::Valid" };
            return Err(refused("padding", wanted, &format!("with `.padding({fix})`")));
        }
        if theirs["data_format"] == "channels_first" {
            return Err(refused("its", "channels first", "of layers with channels last in Keras"));
        }
        let wanted =
            theirs["activation"].as_str().map(|name| if name == "swish" { "silu" } else { name });
        let wanted = ACTIVATIONS.iter().find(|(name, _)| Some(*name) == wanted);
        let next = model.graph.nodes.get(index + 1);
        let own = next.and_then(|next| next.layer()).and_then(|layer| registry.name_of(layer));
        if let Some((name, layer)) = wanted
            && own != Some(layer)
            // The last one is often left to the loss.
            && !(next.is_none() && ["sigmoid", "softmax"].contains(name))
        {
            return Err(refused("the activation", name, &format!("with `{layer}` behind it")));
        }
    }
    Ok(())
}

fn sizes(value: &Value) -> Vec<u64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
}
