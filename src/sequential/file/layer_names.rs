//! The layers of a file that belong to those of a model.
//!
//! A tensor is called `layer.array`, such as `features.0.weight`. Where the layers have the numbers of
//! the model's, these say it. Else it is their order: that of the file where its format keeps one, or
//! that which the caller names.

use crate::file::tensors::Tensors;
use crate::sequential::Sequential;

/// Returns the name in a file of each node of a model.
///
/// `named` are the layers that the caller names; `is_ordered` is `true` if the tensors have the order of
/// the layers. An error is a reason.
pub(super) fn layer_names(
    model: &Sequential,
    tensors: &Tensors,
    named: Option<&[String]>,
    is_ordered: bool,
) -> Result<Vec<String>, String> {
    let numbers: Vec<String> = (0..model.graph.nodes.len()).map(|i| i.to_string()).collect();
    let learning = model.graph.nodes.iter().enumerate();
    let learning: Vec<usize> =
        learning.filter(|(_, node)| !node.arrays.is_empty()).map(|(i, _)| i).collect();
    let found = in_order(tensors);
    let by_number = learning.iter().all(|&i| found.contains(&&*numbers[i]));
    let names: Vec<&str> = match named {
        Some(named) => named.iter().map(String::as_str).collect(),
        None if by_number => return Ok(numbers),
        None if is_ordered => found,
        // Names of numbers, some of which are missing.
        None if found.iter().any(|name| numbers.iter().any(|number| number == name)) => {
            return Ok(numbers);
        }
        None if found.is_empty() => return Ok(numbers),
        None => {
            return Err(format!(
                "its layers are called {}, and not by their numbers in the model; name those with \
                 weights in the order of the model: `.layers([..])`",
                list(&found)
            ));
        }
    };
    if names.len() != learning.len() {
        let layer = |&i: &usize| format!("{i} {}", model.graph.nodes[i].name);
        let learning: Vec<String> = learning.iter().map(layer).collect();
        let learning: Vec<&str> = learning.iter().map(String::as_str).collect();
        return Err(format!(
            "its layers with weights are {}, and those of the model {}; build the same layers, or name \
             those that belong to the model's: `.layers([..])`",
            list(&names),
            list(&learning)
        ));
    }
    let mut all = numbers;
    for (&index, name) in learning.iter().zip(names) {
        all[index] = name.to_string();
    }
    Ok(all)
}

/// Returns the names of the layers, each once, in the order of their first tensors.
fn in_order(tensors: &Tensors) -> Vec<&str> {
    let mut seen = std::collections::BTreeSet::new();
    let layers = tensors.names().map(|name| name.rsplit_once('.').map_or("", |(layer, _)| layer));
    layers.filter(|layer| seen.insert(*layer)).collect()
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "none".to_string() } else { format!("({})", names.join(", ")) }
}
