//! Joins: branches become one.

use super::graph::{Graph, Order, Value};
use super::proto::AttributeProto;

/// Adds the join of this name; `None` for a name that is not known.
///
/// Channels come first if they do in one of the branches.
pub(super) fn join(
    graph: &mut Graph,
    name: &str,
    branches: &[&Value],
    shape: &[usize],
) -> Option<Value> {
    let is_first = branches.iter().any(|branch| branch.order == Order::ChannelsFirst);
    let order = if is_first { Order::ChannelsFirst } else { Order::ChannelsLast };
    let y = Value::last(String::new(), shape).ordered(order);
    let mut names: Vec<String> =
        branches.iter().map(|branch| graph.in_order(branch, order)).collect();
    let name = match name {
        "Add" => fold(graph, "Add", names),
        "Multiply" => {
            for (name, branch) in names.iter_mut().zip(branches) {
                if branch.shape != shape {
                    *name = spread(graph, name, &y);
                }
            }
            fold(graph, "Mul", names)
        }
        "Concatenate" | "Append" => {
            let axis = if name == "Append" { y.inner_axes().start } else { y.channel_axis() };
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            graph.node("Concat", &names, [AttributeProto::int("axis", axis)])
        }
        _ => return None,
    };
    Some(Value { name, ..y })
}

/// Applies an operator of two inputs from the first branch to the last.
fn fold(graph: &mut Graph, operator: &str, names: Vec<String>) -> String {
    let joined = names.into_iter().reduce(|sum, name| graph.node(operator, &[&sum, &name], []));
    joined.unwrap_or_default()
}

/// Gives one number a channel the axes of a value, of size 1.
fn spread(graph: &mut Graph, name: &str, y: &Value) -> String {
    let axes: Vec<i64> = y.inner_axes().map(|axis| axis as i64).collect();
    let axes = graph.ints("axes", &axes);
    graph.node("Unsqueeze", &[name, &axes], [])
}
