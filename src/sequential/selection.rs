//! Which layers of a model: by number, by a range of numbers, or by name.

use std::ops::{
    Bound, Range, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive,
};

use super::graph::Graph;
use super::node::Node;
use crate::error::ModelError;

/// Parameter arrays of a model, chosen by their layers or by name.
///
/// | from | chooses |
/// | --- | --- |
/// | `3` | layer 3, counted from 0 as in errors and files |
/// | `..6`, `2..=4`, `..` | layers by a range of numbers |
/// | `"Dense(10)"` | all layers of this name, as in the summary |
/// | `"BatchNorm"` | all layers of this kind, whatever their settings |
/// | `"3.weight"` | one parameter array, called as in files |
#[derive(Debug, Clone)]
pub struct Selection<'a>(Kind<'a>);

#[derive(Debug, Clone)]
enum Kind<'a> {
    Numbers(Bound<usize>, Bound<usize>),
    Name(&'a str),
}

impl From<usize> for Selection<'_> {
    fn from(number: usize) -> Self {
        Selection(Kind::Numbers(Bound::Included(number), Bound::Included(number)))
    }
}

impl<'a> From<&'a str> for Selection<'a> {
    fn from(name: &'a str) -> Self {
        Selection(Kind::Name(name))
    }
}

macro_rules! from_ranges {
    ($($range:ty),*) => {$(
        impl From<$range> for Selection<'_> {
            fn from(range: $range) -> Self {
                Selection(Kind::Numbers(range.start_bound().cloned(), range.end_bound().cloned()))
            }
        }
    )*};
}

from_ranges!(
    Range<usize>,
    RangeFrom<usize>,
    RangeFull,
    RangeInclusive<usize>,
    RangeTo<usize>,
    RangeToInclusive<usize>
);

impl Selection<'_> {
    /// Finds the chosen arrays: numbers of layers, and of arrays in them.
    ///
    /// # Errors
    ///
    /// [`ModelError::NoLayer`] for a number or a name that the model does not have.
    pub(super) fn find(&self, graph: &Graph) -> Result<Vec<(usize, usize)>, ModelError> {
        let nodes = &graph.nodes;
        let all = |index: usize| (0..nodes[index].arrays.len()).map(move |array| (index, array));
        let none = |wanted: String| {
            let layers = nodes.iter().map(|node| node.name.clone()).collect();
            Err(ModelError::NoLayer { wanted, layers })
        };
        match self.0 {
            Kind::Numbers(start, end) => {
                let first = match start {
                    Bound::Included(start) => start,
                    Bound::Excluded(start) => start.saturating_add(1),
                    Bound::Unbounded => 0,
                };
                let end = match end {
                    Bound::Included(end) => end.saturating_add(1),
                    Bound::Excluded(end) => end,
                    Bound::Unbounded => nodes.len(),
                };
                if first > end {
                    return none(format!("in {first}..{end}"));
                }
                if end > nodes.len() {
                    return none((end - 1).to_string());
                }
                Ok((first..end).flat_map(all).collect())
            }
            Kind::Name(name) => {
                let array = |(index, node): (usize, &Node)| {
                    let own = name.strip_prefix(&format!("{index}."))?;
                    let array = node.arrays.iter().position(|array| array.spec.name == own)?;
                    Some((index, array))
                };
                if let Some(array) = nodes.iter().enumerate().find_map(array) {
                    return Ok(vec![array]);
                }
                let is_named = |&index: &usize| is_called(&nodes[index].name, name);
                let named: Vec<usize> = (0..nodes.len()).filter(is_named).collect();
                match &named[..] {
                    [] => none(format!("`{name}`")),
                    named => Ok(named.iter().copied().flat_map(all).collect()),
                }
            }
        }
    }
}

/// Returns `true` if a layer has this name, with or without its settings.
fn is_called(layer: &str, name: &str) -> bool {
    layer == name || layer.split_once('(').is_some_and(|(kind, _)| kind == name)
}
