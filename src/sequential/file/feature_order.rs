//! The order in which a library with channels first has the values of a sample.
//!
//! It has images as (c, h, w), and flattens them so: the value of pixel `p` and channel `k`, which is
//! number `p·c + k` here, is number `k·h·w + p` there. Layers that treat every feature alike keep this
//! order, up to the dense layer behind them, whose rows have it; and from a reshape into an image back
//! to the dense layer before it, whose columns do.

use crate::file::Registry;
use crate::sequential::graph::Graph;
use crate::sequential::node::{Node, Op};
use crate::shape::len;

/// Order of the values of a sample: of a matrix of pixels and channels here, and of its transpose
/// there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pixels: usize,
    channels: usize,
}

impl Order {
    /// The last axis of such a sample is there the first.
    fn channels_first(shape: &[usize]) -> Self {
        let channels = shape.last().copied().unwrap_or(1);
        if channels == 1 {
            return Order::same(shape);
        }
        Order { pixels: len(shape) / channels, channels }
    }

    /// The same order here and there.
    fn same(shape: &[usize]) -> Self {
        Order { pixels: 1, channels: len(shape) }
    }

    /// Returns the number there of a value that has this number here.
    pub fn there(self, here: usize) -> usize {
        here % self.channels * self.pixels + here / self.channels
    }
}

/// Returns the order of each value of a model, or the number of a node that has features in two orders.
pub(super) fn orders(graph: &Graph, registry: &Registry) -> Result<Vec<Order>, usize> {
    let shape = |value: usize| graph.shape_at(value);
    let values = 0..=graph.nodes.len();
    // That of features is not known until they come from an image, or become one.
    let known = |value| (shape(value).len() != 1).then(|| Order::channels_first(shape(value)));
    let mut orders: Vec<Option<Order>> = values.clone().map(known).collect();
    let mut keeping = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let ends = [&node.sources[..], &[index + 1]].concat();
        match effect(node, registry) {
            Effect::Keeps => keeping.push((index, ends)),
            Effect::Distinguishes => ends.into_iter().for_each(|value| {
                orders[value].get_or_insert(Order::same(shape(value)));
            }),
            Effect::Learns => {}
        }
    }
    let mut changed = true;
    while changed {
        changed = false;
        for (index, ends) in &keeping {
            let Some(order) = ends.iter().find_map(|&value| orders[value]) else { continue };
            for &value in ends {
                match orders[value].replace(order) {
                    Some(own) if own != order => return Err(*index),
                    own => changed |= own.is_none(),
                }
            }
        }
    }
    Ok(values.map(|value| orders[value].unwrap_or(Order::same(shape(value)))).collect())
}

/// Effect of a node on the order of features.
enum Effect {
    /// Its weights lead from any order to any other.
    Learns,
    /// It keeps the order.
    Keeps,
    /// It treats features by their numbers, or may do so.
    Distinguishes,
}

fn effect(node: &Node, registry: &Registry) -> Effect {
    match &node.op {
        Op::Join(join) if ["Append", "Concatenate"].contains(&join.name()) => Effect::Distinguishes,
        Op::Join(_) => Effect::Keeps,
        Op::Layer { layer, .. } => match registry.name_of(&**layer) {
            Some("Dense") => Effect::Learns,
            Some("Flatten" | "Reshape") => Effect::Keeps,
            // An activation, a norm or a dropout.
            Some(_) if node.input == node.output => Effect::Keeps,
            _ => Effect::Distinguishes,
        },
    }
}
