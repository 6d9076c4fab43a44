//! Segments: stretches of the flat vector of parameters that have the same settings.
//!
//! Neighbours with the same settings make one segment, and what is not trained is in none: a model
//! without parameter groups is a single segment from end to end.

use std::ops::Range;

use crate::optim::{GroupSettings, ParamGroup, ParamInfo};
use crate::sequential::{ParamView, Sequential};

/// A trained parameter array.
pub(super) struct ParamArray {
    pub range: Range<usize>,
    pub settings: GroupSettings,
    /// Size of its last axis: number of units that its weights lead into.
    pub units: usize,
}

/// A stretch of parameters with the same settings.
pub(super) struct Segment {
    pub range: Range<usize>,
    pub settings: GroupSettings,
    /// Factor on the gradient, where it is clipped by norm.
    pub scale: f32,
}

/// The parameter arrays of a model that are trained, in their order.
pub(super) fn trained(model: &Sequential, groups: &[ParamGroup]) -> Vec<ParamArray> {
    let mut arrays = Vec::new();
    for layer in model.layers() {
        for ParamView { name, values, trainable, frozen, range } in layer.params() {
            let (shape, layer_name) = (values.shape(), layer.name());
            let info = ParamInfo { layer: layer.index(), layer_name, name, shape };
            let settings = ParamGroup::settings(groups, &info);
            if trainable && !frozen && !range.is_empty() {
                let units = shape.last().copied().unwrap_or(1);
                arrays.push(ParamArray { range, settings, units });
            }
        }
    }
    arrays
}

/// The arrays as segments: one each, or joined where neighbours have the same settings.
pub(super) fn segments(arrays: &[ParamArray], join: bool) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for ParamArray { range, settings, .. } in arrays {
        match segments.last_mut() {
            Some(last) if join && last.range.end == range.start && last.settings == *settings => {
                last.range.end = range.end;
            }
            _ => segments.push(Segment { range: range.clone(), settings: *settings, scale: 1.0 }),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    fn model() -> Sequential {
        let model = Sequential::new([3]).add(Dense::new(2)).unwrap();
        model.add(Relu).unwrap().add(Dense::new(1)).unwrap()
    }

    fn ranges(groups: &[ParamGroup], join: bool) -> Vec<Range<usize>> {
        let segments = segments(&trained(&model(), groups), join);
        segments.into_iter().map(|segment| segment.range).collect()
    }

    #[test]
    fn a_model_without_groups_is_one_segment() {
        for groups in [vec![], vec![ParamGroup::all().lr(0.5)]] {
            assert!(matches!(&ranges(&groups, true)[..], [Range { start: 0, end: 11 }]));
        }
    }

    #[test]
    fn groups_part_it_and_the_first_that_contains_an_array_decides() {
        let biases = || ParamGroup::vectors().decay(0.0);
        assert_eq!(ranges(&[biases()], true), [0..6, 6..8, 8..10, 10..11]);
        assert_eq!(ranges(&[], false), [0..6, 6..8, 8..10, 10..11]);
        let slow = || ParamGroup::layers(..1).lr(0.1);
        assert_eq!(ranges(&[slow(), biases()], true), [0..8, 8..10, 10..11]);
        assert_eq!(ranges(&[biases(), slow()], true), [0..6, 6..8, 8..10, 10..11]);
    }

    #[test]
    fn frozen_arrays_are_in_no_segment() {
        let frozen = model().freeze(0).unwrap().freeze("2.bias").unwrap();
        let segments = segments(&trained(&frozen, &[]), true);
        assert!(matches!(&segments[..], [Segment { range: Range { start: 8, end: 10 }, .. }]));
    }
}
